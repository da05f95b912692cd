import { networkFilterSchema } from '#core/network/network.schemas.ts'
import { authorise } from '#core/staff/actors.ts'
import type { PageServerLoad } from './$types'

export const load: PageServerLoad = async ({ locals, url }) => ({
  ...(await locals.app.network.progress(authorise(locals.actor, 'network.manage'))),
  ...networkFilterSchema.parse(Object.fromEntries(url.searchParams)),
})
