import type { PageServerLoad } from './$types'

export const load: PageServerLoad = async ({ locals }) => ({
  publications: await locals.app.catalogue.newest(locals.actor),
})
