import { redirect } from '@sveltejs/kit'
import { readerOf } from '#core/staff/actors.ts'
import type { PageServerLoad } from './$types'

export const load: PageServerLoad = async ({ locals }) => {
  if (!locals.actor) redirect(303, '/sign-in?next=/profile/card')
  return { card: await locals.app.ownCard(readerOf(locals.actor)) }
}
