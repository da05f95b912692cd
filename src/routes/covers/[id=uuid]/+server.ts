import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import { error } from '@sveltejs/kit'
import type { RequestHandler } from './$types'

export const GET: RequestHandler = async ({ locals, params, url }) => {
  const width = url.searchParams.get('w') === '480' ? 480 : 160
  const key = await locals.app.catalogue.cover(locals.actor, params.id, width)
  if (!key) error(404)
  const path = await locals.app.storage.localPath(key)
  return new Response(Readable.toWeb(createReadStream(path)) as ReadableStream, {
    headers: {
      'content-type': 'image/webp',
      'cache-control': 'private, max-age=604800',
      // Who may see it depends on who looks: a browser that a child uses next asks again.
      vary: 'cookie',
    },
  })
}
