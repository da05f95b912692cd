import type { LayoutServerLoad } from './$types'

/** What every page needs to show a moment as people of the region read it, and to ask for a card's number. */
export const load: LayoutServerLoad = async ({ locals }) => {
  const settings = await locals.app.settings()
  return { timeZone: settings['region.timeZone'], cardLetters: settings['cards.letters'] }
}
