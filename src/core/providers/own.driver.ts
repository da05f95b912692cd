import type { Settings } from '../settings/settings.ts'
import type { ProviderDriver } from './driver.ts'

/** This system's own fund: whoever has a card has an account, and the card's number is its number. */
export const createOwnDriver = (settings: Settings, origin: string): ProviderDriver => ({
  kind: 'own',
  enrol: async () => 'registered',
  async access(db, readerId) {
    const card = await db
      .selectFrom('cards')
      .select('number')
      .where('reader_id', '=', readerId)
      .where('state', '=', 'issued')
      .executeTakeFirst()
    return {
      kind: 'own',
      name: settings['region.name'],
      address: origin,
      apps: [],
      instructions: '',
      number: card?.number,
    }
  },
})
