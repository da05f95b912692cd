import { randomUUID } from 'node:crypto'
import type { Handle, HandleServerError } from '@sveltejs/kit/hooks'
import { error } from '@sveltejs/kit'
import { sequence } from '@sveltejs/kit/hooks'
import * as texts from '#texts'
import { paraglideMiddleware } from '#texts/server.js'
import { publishedApp } from './app-handle.ts'
import { unreadable } from '#core/shared/errors.ts'
import { outageError, outageOf } from '#core/shared/outage.ts'
import { asExpected, errorText } from './web/errors.ts'
import { outages } from './web/outages.ts'
import { forPrograms, routeGroup } from './web/route-groups.ts'
import { ownFundOnly } from './web/own-fund.ts'
import { readingPolicy } from './web/reading-policy.ts'
import { logRefusal, otherSite, whoAsks } from './web/refusals.ts'
import { secondFactorFirst } from './web/second-factor.ts'
import { sessionCookie } from './web/session-cookie.ts'
import { keepTyped } from './web/typed-form.ts'

const language: Handle = ({ event, resolve }) =>
  paraglideMiddleware(event.request, ({ locale }) =>
    resolve(event, { transformPageChunk: ({ html }) => html.replace('%lang%', locale) }),
  )

const measured: Handle = async ({ event, resolve }) => {
  event.locals.app = publishedApp()
  const begun = performance.now()
  const response = await resolve(event)
  const group = routeGroup(event.route.id)
  event.locals.app.metrics.request(group, response.status, (performance.now() - begun) / 1000)
  return response
}

const identity: Handle = async ({ event, resolve }) => {
  // What programs ask for needs nobody, and must answer without a database.
  if (forPrograms.has(event.route.id ?? '')) return resolve(event)
  const token = event.cookies.get(sessionCookie(event.url))
  event.locals.actor = token ? await event.locals.app.sessions.actor(token) : undefined
  return resolve(event)
}

/**
 * Changes come from our own pages only. SvelteKit asks that of forms; what is sent without a content type, or as
 * JSON, changes as much.
 */
const ownPages: Handle = ({ event, resolve }) => {
  const { method, headers } = event.request
  if (['GET', 'HEAD', 'OPTIONS'].includes(method) || headers.get('origin') === event.url.origin)
    return resolve(event)
  const refusal = otherSite()
  logRefusal(refusal, event)
  error(refusal.status, errorText(refusal))
}

/** Beside what `secureHeaders` gives to every answer. */
const headers: Handle = async ({ event, resolve }) => {
  const response = await resolve(event)
  const set = (name: string, value: string) => {
    if (!response.headers.has(name)) response.headers.set(name, value)
  }
  const policy = response.headers.get('content-security-policy')
  if (policy && event.route.id === '/read/[loan=uuid]') {
    response.headers.set(
      'content-security-policy',
      readingPolicy(policy, `${event.url.href.split(/[?#]/)[0]}/files/`),
    )
    // A link in a book needn't tell anybody that it was read.
    set('x-dns-prefetch-control', 'off')
  }
  // Pages show who is signed in and what a person reads: no shared cache, no copy after signing out.
  if (response.headers.get('content-type')?.startsWith('text/html')) set('cache-control', 'no-store')
  return response
}

export const handle = sequence(
  measured,
  whoAsks,
  language,
  headers,
  ownPages,
  outages,
  identity,
  secondFactorFirst,
  ownFundOnly,
  keepTyped,
)

/** Expected errors keep their status and get their sentence; the rest is opaque, with an id that the log has. */
export const handleError: HandleServerError = ({ kind, error, event }) => {
  const known = kind === 'unknown' ? asExpected(error) : undefined
  if (known) {
    logRefusal(known, event)
    return { status: known.status, message: errorText(known), code: known.code, about: known.values }
  }
  if (kind !== 'unknown') {
    // Ours has a sentence; what came without one has the framework's English words.
    if (error.status >= 500 || (kind === 'app' && error.message !== `Error: ${error.status}`)) return {}
    return { message: error.status === 404 ? texts.error_shared_not_found() : errorText(unreadable()) }
  }
  const outage = outageOf(error)
  if (outage) {
    event.locals.outage = outage
    const told = outageError[outage]()
    return { status: told.status, message: errorText(told), code: told.code }
  }
  const id = randomUUID().slice(0, 8)
  event.locals.app?.metrics.unexpectedError()
  event.locals.app?.log.error({ id, route: event.route.id, err: error }, 'unexpected')
  return { status: 500, message: texts.error_unknown(), code: id }
}
