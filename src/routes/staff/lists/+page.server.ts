import { may } from '#core/staff/actors.ts'
import { listActor } from '../../../web/lists.ts'
import type { PageServerLoad } from './$types'

export const load: PageServerLoad = async ({ locals, url }) => ({
  lists: await locals.app.lists.list(listActor(locals.actor)),
  exports: may(locals.actor, 'readers.read'),
  discarded: url.searchParams.has('discarded'),
})
