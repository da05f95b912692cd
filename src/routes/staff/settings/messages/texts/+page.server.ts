import { authorise } from '#core/staff/actors.ts'
import type { PageServerLoad } from './$types'

export const load: PageServerLoad = async ({ locals }) => ({
  texts: await locals.app.messages.texts.list(authorise(locals.actor, 'messages.write-texts')),
})
