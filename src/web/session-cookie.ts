import type { Cookies } from '@sveltejs/kit'
import type { SignedIn } from '#core/sessions/sessions.commands.ts'

/**
 * Over https a cookie's name begins with `__Host-`: no other host of the domain, and nobody on plain http, can
 * put one of theirs in its place.
 */
export const ofThisHost = (url: URL, name: string): string =>
  url.protocol === 'https:' ? `__Host-${name}` : name

/** Staff pages and readers' pages have sessions of their own: a librarian may try her own card. */
export const sessionCookie = (url: URL): string =>
  ofThisHost(url, url.pathname === '/staff' || url.pathname.startsWith('/staff/') ? 'staff' : 'reader')

/** The session that a request comes with; '' when it comes with none. */
export const sessionToken = (cookies: Cookies, url: URL): string => cookies.get(sessionCookie(url)) ?? ''

export const cookieAttributes = (url: URL) =>
  ({ path: '/', httpOnly: true, sameSite: 'lax', secure: url.protocol === 'https:' }) as const

export function keepSession(cookies: Cookies, url: URL, session: SignedIn): void {
  cookies.set(sessionCookie(url), session.token, { ...cookieAttributes(url), expires: session.expiresAt })
}

export function dropSession(cookies: Cookies, url: URL): void {
  cookies.delete(sessionCookie(url), cookieAttributes(url))
}

/** A path of our own to go on to, never another site's. */
export function onward(wanted: string | null, otherwise: string): string {
  return wanted && /^\/(?![/\\])[^\t\r\n]*$/.test(wanted) ? wanted : otherwise
}

/** «Позже» on the page that asks for a consent: it isn't asked again on this device for a day, or until the next sign-in. */
const laterCookie = (url: URL) => ofThisHost(url, 'consent-later')

export const waitsForLater = (cookies: Cookies, url: URL): boolean =>
  cookies.get(laterCookie(url)) !== undefined

export const waitForLater = (cookies: Cookies, url: URL): void =>
  cookies.set(laterCookie(url), '1', { ...cookieAttributes(url), maxAge: 24 * 60 * 60 })

export const askAnew = (cookies: Cookies, url: URL): void =>
  cookies.delete(laterCookie(url), cookieAttributes(url))
