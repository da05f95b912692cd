import type { Cookies, RequestEvent } from '@sveltejs/kit'
import { redirect } from '@sveltejs/kit'
import type { SignedIn } from '#core/sessions/sessions.commands.ts'
import type { FirstStep } from '#core/staff-access/staff-sign-in.commands.ts'
import { origin } from './origin.ts'
import { cookieAttributes, keepSession, ofThisHost, onward } from './session-cookie.ts'

/** What the browser keeps between the password and the second factor. */
const stepCookie = (url: URL) => ofThisHost(url, 'staff-step')

export const firstStep = ({ cookies, url }: Pick<RequestEvent, 'cookies' | 'url'>): string | undefined =>
  cookies.get(stepCookie(url))

const keepStep = (cookies: Cookies, url: URL, { step, expiresAt }: FirstStep): void =>
  cookies.set(stepCookie(url), step, { ...cookieAttributes(url), expires: expiresAt })

/** The step that a passkey is to follow; none where it is the whole sign-in, whatever was begun before. */
export const stepOfPasskey = (event: RequestEvent): string | undefined =>
  event.url.searchParams.has('alone') ? undefined : firstStep(event)

const dropStep = (cookies: Cookies, url: URL): void => cookies.delete(stepCookie(url), cookieAttributes(url))

/** On the way to the second step: what was typed elsewhere is to go on to where it was sent. */
const carries = 'carry'
export const carriesForm = (url: URL): boolean => url.searchParams.has(carries)

/**
 * Signs a staff member in and goes on to where he was, over the second step where he has one.
 * @param status 303 opens the next page; 307 sends the form on to it
 * @param to where he goes on to
 * @throws wrongStaffCredentials, tooManyAttempts
 */
export async function signInAndGoOn(
  event: RequestEvent,
  typed: { email: string; password: string },
  status: 303 | 307,
  to = wanted(event.url),
): Promise<never> {
  const { cookies, locals, url } = event
  const entered = await locals.app.staffAccess.withPassword(typed, origin(event))
  if ('token' in entered) return goOn(event, entered, status, to)
  keepStep(cookies, url, entered)
  const next = `next=${encodeURIComponent(to)}`
  redirect(status, `/staff/sign-in/second?${status === 307 ? `/carry&${carries}&` : ''}${next}`)
}

/** Keeps the session and goes on to where its owner was. */
export function goOn(
  { cookies, url }: RequestEvent,
  session: SignedIn,
  status: 303 | 307,
  to = wanted(url),
): never {
  dropStep(cookies, url)
  keepSession(cookies, url, session)
  redirect(status, to)
}

const wanted = (url: URL) => onward(url.searchParams.get('next'), '/staff')
