import { pressLayoutSchema } from '#core/papers/press-sheets.ts'
import { authorise } from '#core/staff/actors.ts'
import { paperResponse } from '../../../../../web/papers.ts'
import type { RequestHandler } from './$types'

export const GET: RequestHandler = async ({ locals, params, url }) => {
  const actor = authorise(locals.actor, 'cards.manage')
  const layout = pressLayoutSchema.parse(url.searchParams.get('layout'))
  return paperResponse(await locals.app.pressSheets.open(actor, params.id, layout))
}
