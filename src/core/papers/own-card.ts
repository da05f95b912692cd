import { spacedCardNumber } from '../cards/cards.ts'
import type { ShownMark } from '../cards/marks.ts'
import { shownMark } from '../cards/marks.ts'
import { isOver } from '../cards/validity.ts'
import { readSettings } from '../settings/settings.ts'
import { dateIn } from '../shared/calendar.ts'
import type { Clock } from '../shared/clock.ts'
import type { Database } from '../shared/db.ts'
import type { ReaderActor } from '../staff/actors.ts'
import type { DrawnBars } from './codes.ts'
import { barPlaces } from './codes.ts'

/** A reader's card as his phone shows it to a scanner. */
export interface OwnCard extends DrawnBars {
  number: string
  /** Its last day, where it has one, and whether that is over. */
  validUntil: string | null
  ended: boolean
  spaced: string
  /** Of his library. */
  mark: ShownMark | undefined
}

export const createOwnCard = ({ db, clock }: { db: Database; clock: Clock }) =>
  /** The valid card; undefined when the reader has none. */
  async function ownCard({ readerId }: ReaderActor): Promise<OwnCard | undefined> {
    const card = await db
      .selectFrom('cards as c')
      .innerJoin('readers as r', 'r.id', 'c.reader_id')
      .select(['c.number', 'c.valid_until as validUntil', 'r.library_id as libraryId'])
      .where('r.id', '=', readerId)
      .where('c.state', '=', 'issued')
      .executeTakeFirst()
    if (!card) return undefined
    return {
      number: card.number,
      validUntil: card.validUntil,
      ended: isOver(card.validUntil, dateIn((await readSettings(db))['region.timeZone'], clock())),
      spaced: spacedCardNumber(card.number),
      mark: await shownMark(db, card.libraryId),
      ...barPlaces(card.number),
    }
  }
