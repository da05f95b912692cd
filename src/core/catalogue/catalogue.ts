import { readSettings } from '../settings/settings.ts'
import { dateIn } from '../shared/calendar.ts'
import type { Clock } from '../shared/clock.ts'
import type { Database } from '../shared/db.ts'
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
export function createCatalogue(deps: { db: Database; clock: Clock }) {
  const { db, clock } = deps

  async function highestFor(actor: Actor): Promise<AgeMark> {
    if (actor?.kind !== 'reader') return highestMark({ kind: 'visitor' }, '')
    return highestMark(actor, dateIn((await readSettings(db))['region.timeZone'], clock()))
  }

  return {
    highestFor,
    newest: async (actor: Actor): Promise<PublicationCard[]> => listPublications(db, await highestFor(actor)),
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
