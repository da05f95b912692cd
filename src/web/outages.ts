import type { Handle } from '@sveltejs/kit/hooks'
import { getLocale } from '#texts/runtime.js'
import type { Outage } from '#core/shared/outage.ts'
import { outageError, outageOf } from '#core/shared/outage.ts'
import { barePagePolicy } from './bare-page.ts'
import { errorText } from './errors.ts'
import { neverSentBack } from './forms.ts'
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
    form:
      request.method === 'GET' ? undefined : { action: addressOf(event.url), fields: await fieldsOf(typed) },
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

const carriesTyped = ({ method, headers }: Request): boolean =>
  method === 'POST' &&
  (headers.get('accept')?.includes('text/html') ?? false) &&
  (headers.get('content-type')?.startsWith('application/x-www-form-urlencoded') ?? false)

const addressOf = ({ pathname, search }: URL) => pathname + search

/** Undefined for what can't be sent again by a page: files, and passwords, which are never sent back. */
async function fieldsOf(typed: Request | undefined): Promise<[string, string][] | undefined> {
  if (!typed) return undefined
  const fields = [...(await typed.formData())].flatMap(([name, value]): [string, string][] =>
    typeof value === 'string' ? [[name, value]] : [],
  )
  return fields.some(([name]) => neverSentBack.has(name)) ? undefined : fields
}
