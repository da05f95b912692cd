import type { LayoutServerLoad } from './$types'

/** What every page needs to show a moment as people of the region read it. */
export const load: LayoutServerLoad = async ({ locals }) => ({
  timeZone: (await locals.app.settings())['region.timeZone'],
})
