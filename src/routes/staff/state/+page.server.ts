import { authorise } from '#core/staff/actors.ts'
import type { PageServerLoad } from './$types'

export const load: PageServerLoad = async ({ locals }) => ({
  state: await locals.app.watching.state(authorise(locals.actor, 'system.watch')),
})
