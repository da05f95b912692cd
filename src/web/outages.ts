import type { Handle } from '@sveltejs/kit/hooks'
import { getLocale } from '#texts/runtime.js'
import type { Outage } from '#core/shared/outage.ts'
import { outageError, outageOf } from '#core/shared/outage.ts'
import { barePagePolicy } from './bare-page.ts'
import { errorText } from './errors.ts'
import { carriesTyped, keptForm } from './kept-form.ts'
import { outagePage } from './outage-page.ts'

/** Seconds after which it is worth trying again. */
const retryAfter = 10

/**
 * While the database is away, or the disk is full, nothing can be shown that asks for them, layouts included:
 * a page of its own says so. What was typed goes along with it and is sent on by one press, as the sign-in page
 * does it for a session that has ended. Scripts get the sentence as JSON.
 */
export const outages: Handle = async ({ event, resolve }) => {
  const { request, locals } = event
  const typed = carriesTyped(request) ? request.clone() : undefined
  let outage: Outage | undefined
  try {
    const response = await resolve(event)
    outage = locals.outage
    if (!outage) return response
  } catch (error) {
    outage = outageOf(error)
    if (!outage) throw error
  }
  // The embedded database ends for want of space: then it is the disk that somebody has to see to.
  if (outage === 'database' && (await locals.app.watching.outOfSpace())) outage = 'disk'
  locals.app.log.warn({ outage, route: event.route.id }, 'a request without what it needs')
  const error = outageError[outage]()
  const headers = { 'retry-after': String(retryAfter), 'cache-control': 'no-store' }
  const message = errorText(error)
  if (!request.headers.get('accept')?.includes('text/html')) {
    const told = { status: error.status, message, code: error.code }
    return Response.json({ type: 'error', error: told, ...told }, { status: error.status, headers })
  }
  const html = outagePage({
    locale: getLocale(),
    message,
    retryAfter,
    form: request.method === 'GET' ? undefined : await keptForm(event, typed),
  })
  return new Response(html, {
    status: error.status,
    headers: {
      ...headers,
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': barePagePolicy,
    },
  })
}
