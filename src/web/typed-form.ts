import type { Handle } from '@sveltejs/kit/hooks'
import { redirect } from '@sveltejs/kit'

/** Staff addresses that need no session; those of one-time links ask for the link's key. */
export const openToAll: ReadonlySet<string> = new Set([
  '/staff/sign-in',
  '/staff/sign-in/again',
  '/staff/sign-in/second',
  '/staff/sign-out',
  '/staff/setup',
  '/staff/invitation',
  '/staff/new-password',
  '/staff/forgotten',
])

/**
 * A session may end while a form is being filled in. What was typed then goes along to the sign-in page and
 * from there, after the password, to where it was sent: 307 makes the browser send the same form again.
 * Uploads are left out: a browser's choice of files can't be carried through a page.
 */
export const keepTyped: Handle = ({ event, resolve }) => {
  const { request, url, locals } = event
  const typed = request.headers.get('content-type')?.startsWith('application/x-www-form-urlencoded')
  const asPage = request.headers.get('accept')?.includes('text/html')
  const staffForm = request.method === 'POST' && url.pathname.startsWith('/staff/')
  if (staffForm && typed && asPage && !locals.actor && !openToAll.has(url.pathname))
    redirect(307, `/staff/sign-in/again?next=${encodeURIComponent(url.pathname + url.search)}`)
  return resolve(event)
}
