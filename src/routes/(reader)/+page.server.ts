import { ownFund } from '#core/settings/provider.ts'
import type { PageServerLoad } from './$types'

export const load: PageServerLoad = async ({ locals }) => ({
  publications: ownFund(await locals.app.settings()) ? await locals.app.catalogue.newest(locals.actor) : [],
})
