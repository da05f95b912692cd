import { z } from 'zod'
import { letterFormats } from '#core/papers/library-letters.ts'
import { authorise } from '#core/staff/actors.ts'
import { letterResponse } from '../../../../../web/papers.ts'
import type { RequestHandler } from './$types'

const format = z.enum(letterFormats).catch('pdf')

export const GET: RequestHandler = async ({ locals, params, url }) => {
  const actor = authorise(locals.actor, 'network.manage')
  return letterResponse(
    await locals.app.network.letters.print(actor, params.id, format.parse(url.searchParams.get('as'))),
  )
}
