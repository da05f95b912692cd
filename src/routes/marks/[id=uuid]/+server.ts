import type { RequestHandler } from './$types'

/** A library's mark, as it stands on printed cards: for everybody, and the same for ever. */
export const GET: RequestHandler = async ({ locals, params }) =>
  new Response(new Uint8Array(await locals.app.cards.markPicture(params.id)), {
    headers: { 'content-type': 'image/png', 'cache-control': 'public, max-age=31536000, immutable' },
  })
