import { redirect } from '@sveltejs/kit'
import { dropSession, sessionCookie } from '../../web/session-cookie.ts'
import type { RequestHandler } from './$types'

export const POST: RequestHandler = async ({ locals, cookies, url }) => {
  const token = cookies.get(sessionCookie(url))
  if (token) await locals.app.sessions.signOut(token)
  dropSession(cookies, url)
  redirect(303, '/')
}
