import { json } from '@sveltejs/kit'
import { authorise } from '#core/staff/actors.ts'
import type { RequestHandler } from './$types'

/**
 * The open page renews its hold, and learns when somebody else has taken the questionnaire over; a page that is
 * left lets it go (`?release`).
 */
export const POST: RequestHandler = async ({ locals, params, url }) => {
  const actor = authorise(locals.actor, 'applications.decide')
  if (!url.searchParams.has('release')) return json(await locals.app.applications.hold(actor, params.id))
  await locals.app.applications.release(actor, params.id)
  return new Response(null, { status: 204 })
}
