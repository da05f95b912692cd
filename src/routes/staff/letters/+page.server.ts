import { authorise, may } from '#core/staff/actors.ts'
import type { PageServerLoad } from './$types'

export const load: PageServerLoad = async ({ locals }) => ({
  ...(await locals.app.letters.list(authorise(locals.actor, 'letters.read'))),
  decides: may(locals.actor, 'letters.decide'),
})
