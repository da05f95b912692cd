import { authorise } from '#core/staff/actors.ts'
import { paperResponse } from '../../../../../web/papers.ts'
import type { RequestHandler } from './$types'

export const GET: RequestHandler = async ({ locals, params }) =>
  paperResponse(await locals.app.oversight.whoSaw(authorise(locals.actor, 'audit.read'), params.id))
