import { z } from 'zod'
import { slipForms } from '#core/papers/slips.ts'
import { authorise } from '#core/staff/actors.ts'
import { paperResponse } from '../../../../../web/papers.ts'
import type { RequestHandler } from './$types'

const formSchema = z.enum([...slipForms, 'picture']).catch('a4')

export const GET: RequestHandler = async ({ locals, params, url }) => {
  const actor = authorise(locals.actor, 'slips.open')
  const form = formSchema.parse(url.searchParams.get('as'))
  const { slips } = locals.app
  return paperResponse(
    await (form === 'picture' ? slips.openPicture(actor, params.id) : slips.open(actor, params.id, form)),
  )
}
