import type { Settings } from '../settings/settings.ts'
import { dateIn } from '../shared/calendar.ts'
import type { Clock } from '../shared/clock.ts'
import type { Database } from '../shared/db.ts'
import { remembered } from '../shared/remembered.ts'
import type { Actor } from '../staff/actors.ts'
import type { AgeMark } from './age.ts'
import { highestMark } from './age.ts'
import type { PublicationCard, PublicationDetails } from './catalogue.queries.ts'
import {
  coverKey,
  listPublications,
  mayShowCover,
  publicationDetails,
  searchPublications,
} from './catalogue.queries.ts'

export type Catalogue = ReturnType<typeof createCatalogue>

/** The readers' catalogue: everything goes through the viewer's age. Staff see it as a visitor does. */
export function createCatalogue(deps: { db: Database; clock: Clock; settings: () => Promise<Settings> }) {
  const { db, clock, settings } = deps

  async function highestFor(actor: Actor): Promise<AgeMark> {
    if (actor?.kind !== 'reader') return highestMark({ kind: 'visitor' }, '')
    return highestMark(actor, dateIn((await settings())['region.timeZone'], clock()))
  }

  /** Everybody begins with this page: a class that opens it at once asks the database once. */
  const newestOf = (highest: AgeMark) => remembered(() => listPublications(db, highest), 1000)
  const newestFor: Record<AgeMark, () => Promise<PublicationCard[]>> = {
    0: newestOf(0),
    6: newestOf(6),
    12: newestOf(12),
    16: newestOf(16),
    18: newestOf(18),
  }

  return {
    highestFor,
    /** Staff see what they have just changed; a reader or visitor a list that is at most a second old. */
    newest: async (actor: Actor): Promise<PublicationCard[]> => {
      const highest = await highestFor(actor)
      return actor?.kind === 'staff' ? listPublications(db, highest) : newestFor[highest]()
    },
    search: async (actor: Actor, query: string): Promise<PublicationCard[]> =>
      searchPublications(db, await highestFor(actor), query),
    /** @throws notFound */
    details: async (actor: Actor, id: string): Promise<PublicationDetails> =>
      publicationDetails(db, await highestFor(actor), id),
    /** The storage key of a cover that the actor may see; undefined when there is none for him. */
    cover: async (actor: Actor, id: string, width: 160 | 480): Promise<string | undefined> =>
      (await mayShowCover(db, await highestFor(actor), id)) ? coverKey(id, width) : undefined,
  }
}
