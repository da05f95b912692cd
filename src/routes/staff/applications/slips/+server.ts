import { z } from 'zod'
import { mostSlips, slipForms } from '#core/papers/slips.ts'
import { authorise } from '#core/staff/actors.ts'
import { paperResponse } from '../../../../web/papers.ts'
import type { RequestHandler } from './$types'

const idsSchema = z.array(z.uuid()).max(mostSlips).catch([])
const formSchema = z.enum(slipForms).catch('a4')

/** One print of many slips: those chosen on the list, else those registered today. */
export const GET: RequestHandler = async ({ locals, url }) => {
  const actor = authorise(locals.actor, 'slips.open')
  const { searchParams } = url
  const choice = searchParams.has('today') ? 'today' : { ids: idsSchema.parse(searchParams.getAll('id')) }
  const form = formSchema.parse(searchParams.get('as'))
  return paperResponse(await locals.app.slips.openMany(actor, choice, form))
}
