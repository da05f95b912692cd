import type { Handle } from '@sveltejs/kit/hooks'
import { redirect } from '@sveltejs/kit'
import { openToAll } from './typed-form.ts'

const setUp = '/staff/profile'

/** Whoever must have a second factor and has none is led to where it is set up, from everywhere else. */
export const secondFactorFirst: Handle = ({ event, resolve }) => {
  const { url, locals } = event
  const missing = locals.actor?.kind === 'staff' && locals.actor.factorMissing
  const isOpen = url.pathname === setUp || url.pathname.startsWith(`${setUp}/`) || openToAll.has(url.pathname)
  if (missing && !isOpen) redirect(303, setUp)
  return resolve(event)
}
