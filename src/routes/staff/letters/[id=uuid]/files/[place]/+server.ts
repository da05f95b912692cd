import { notFound } from '#core/shared/errors.ts'
import { wholeField } from '#core/shared/form-fields.ts'
import { authorise } from '#core/staff/actors.ts'
import type { RequestHandler } from './$types'

const placeSchema = wholeField(0, 1000)

/** A file out of a letter: whatever its sender says that it is, the browser only keeps it. */
export const GET: RequestHandler = async ({ locals, params }) => {
  const actor = authorise(locals.actor, 'letters.read')
  const place = placeSchema.safeParse(params.place)
  if (!place.success) throw notFound()
  const { name, content } = await locals.app.letters.download(actor, params.id, place.data)
  return new Response(new Uint8Array(content), {
    headers: {
      'content-type': 'application/octet-stream',
      // RFC 8187: the name in UTF-8.
      'content-disposition': `attachment; filename="file"; filename*=UTF-8''${encodeURIComponent(name.toWellFormed()).replace(/['()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)}`,
      'x-content-type-options': 'nosniff',
      'content-security-policy': "sandbox; default-src 'none'",
      'cache-control': 'no-store',
    },
  })
}
