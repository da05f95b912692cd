import { error } from '@sveltejs/kit'
import { z } from 'zod'
import { listFormats } from '#core/providers/work-lists.ts'
import { wholeNumber } from '#core/shared/form-fields.ts'
import { authorise } from '#core/staff/actors.ts'
import type { RequestHandler } from './$types'

const asked = z.object({
  number: wholeNumber,
  as: z.enum(listFormats).default('xlsx'),
})

/** A work list for the provider's cabinet, as a file. */
export const GET: RequestHandler = async ({ locals, params, url }) => {
  const actor = authorise(locals.actor, 'providers.register')
  const read = asked.safeParse({ number: params.number, as: url.searchParams.get('as') ?? undefined })
  if (!read.success) error(404)
  const file = await locals.app.providers.download(actor, read.data.number, read.data.as)
  return new Response(file.bytes, {
    headers: {
      'content-type': file.type,
      'content-disposition': `attachment; filename="${file.name}"`,
      'cache-control': 'no-store',
    },
  })
}
