import { Readable } from 'node:stream'
import { readerOf } from '#core/staff/actors.ts'
import type { RequestHandler } from './$types'

/**
 * Whatever a book brings along, opened by its own address it can do nothing: no script, no origin of ours,
 * nothing fetched. Pictures may carry styles and fonts inside themselves.
 */
const bookPolicy =
  "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'; font-src data:; frame-ancestors 'none'"

/** A drawing is one of the few types that may carry scripts: shown by itself, it is its source. */
const safeType = (type: string, destination: string | null) =>
  type === 'image/svg+xml' && destination !== null && destination !== 'image'
    ? 'text/plain; charset=utf-8'
    : type

export const GET: RequestHandler = async ({ locals, params, request }) => {
  const gzip = /\bgzip\b/.test(request.headers.get('accept-encoding') ?? '')
  const resource = await locals.app.reading.resource(readerOf(locals.actor), params.loan, params.name, gzip)
  const headers = {
    'content-type': safeType(resource.mediaType, request.headers.get('sec-fetch-dest')),
    'content-security-policy': bookPolicy,
    'x-content-type-options': 'nosniff',
    'x-dns-prefetch-control': 'off',
    'cross-origin-resource-policy': 'same-origin',
    // Kept by the browser, asked for again each time: a book that has closed is closed at once.
    'cache-control': 'private, no-cache',
    vary: 'accept-encoding, sec-fetch-dest',
    etag: resource.etag,
  }
  if (request.headers.get('if-none-match') === resource.etag)
    return new Response(undefined, { status: 304, headers })
  return new Response(Readable.toWeb(resource.body()) as ReadableStream, {
    headers: {
      ...headers,
      'content-length': String(resource.length),
      ...(resource.encoding ? { 'content-encoding': resource.encoding } : {}),
    },
  })
}
