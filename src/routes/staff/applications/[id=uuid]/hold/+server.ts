import { json } from '@sveltejs/kit'
import { authorise } from '#core/staff/actors.ts'
import type { RequestHandler } from './$types'

/** The open page renews its hold, and learns when somebody else has taken the questionnaire over. */
export const POST: RequestHandler = async ({ locals, params }) =>
  json(await locals.app.applications.hold(authorise(locals.actor, 'applications.decide'), params.id))
