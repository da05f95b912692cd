import { z } from 'zod'
import type { Cookies } from '@sveltejs/kit'

/**
 * Which form was filled in on this device, so that its code survives a reload: for an hour, on its own page
 * only, out of scripts' reach. On a shared PC its reader takes it away with a button.
 */
const name = (url: URL) => (url.protocol === 'https:' ? '__Secure-join' : 'join')
const attributes = (url: URL) =>
  ({ path: '/join/done', httpOnly: true, sameSite: 'lax', secure: url.protocol === 'https:' }) as const
const anHour = 3600

export const keepForm = (cookies: Cookies, url: URL, formKey: string): void =>
  cookies.set(name(url), formKey, { ...attributes(url), maxAge: anHour })
export const keptForm = (cookies: Cookies, url: URL): string | undefined =>
  z.uuid().safeParse(cookies.get(name(url))).data
export const forgetForm = (cookies: Cookies, url: URL): void => cookies.delete(name(url), attributes(url))
