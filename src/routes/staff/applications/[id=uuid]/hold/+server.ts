import { json } from '@sveltejs/kit'
import { authorise } from '#core/staff/actors.ts'
import type { RequestHandler } from './$types'

/**
 * The open page renews its hold, and learns when somebody else has taken the questionnaire over; a page that is
 * left lets go of the hold that it had (`?release=` its end).
 */
export const POST: RequestHandler = async ({ locals, params, url }) => {
  const actor = authorise(locals.actor, 'applications.decide')
  const release = url.searchParams.get('release')
  if (release === null) return json(await locals.app.applications.hold(actor, params.id))
  const until = Number(release)
  if (Number.isSafeInteger(until)) await locals.app.applications.release(actor, params.id, until)
  return new Response(null, { status: 204 })
}
