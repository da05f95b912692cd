import type { Handle } from '@sveltejs/kit/hooks'
import { redirect } from '@sveltejs/kit'
import { ownFund } from '#core/settings/provider.ts'

/** Routes that are about the fund of this system, or about a reader's signing in to it. */
const ofOwnFund = [
  '/(reader)/books',
  '/(reader)/search',
  '/(reader)/shelf',
  '/(reader)/sign-in',
  '/(reader)/recover',
  '/(reader)/profile',
  '/(reader)/consent',
  '/read/',
  '/covers/',
  '/staff/catalogue',
  '/staff/readers/renew',
  '/staff/corrections',
]

/**
 * Where a region reads at an outside service alone, none of them is there: a page leads to the instructions,
 * or to the desk; anything else isn't found.
 */
export const ownFundOnly: Handle = async ({ event, resolve }) => {
  const { route, request, locals } = event
  const { id } = route
  if (id === null || !ofOwnFund.some((each) => id.startsWith(each))) return resolve(event)
  if (ownFund(await locals.app.settings())) return resolve(event)
  const asked = request.method === 'GET' || request.method === 'HEAD'
  if (!asked || id.startsWith('/read/') || id.startsWith('/covers/'))
    return new Response('Not found', { status: 404, headers: { 'content-type': 'text/plain' } })
  redirect(303, id.startsWith('/staff') ? '/staff' : '/')
}
