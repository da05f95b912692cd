import type { RequestEvent } from '@sveltejs/kit'
import { redirect } from '@sveltejs/kit'
import { origin } from './origin.ts'
import { keepSession, onward } from './session-cookie.ts'

/**
 * Signs a staff member in and goes on to where he was.
 * @param status 303 opens the next page; 307 sends the form on to it
 * @throws wrongCredentials, tooManyAttempts
 */
export async function signInAndGoOn(
  event: RequestEvent,
  typed: { email: string; password: string },
  status: 303 | 307,
): Promise<never> {
  const { cookies, locals, url } = event
  keepSession(cookies, url, await locals.app.sessions.signInStaff(typed, origin(event)))
  redirect(status, onward(url.searchParams.get('next'), '/staff'))
}
