import { spacedCardNumber } from '../cards/cards.ts'
import { isOver } from '../cards/validity.ts'
import { readSettings } from '../settings/settings.ts'
import { dateIn } from '../shared/calendar.ts'
import type { Clock } from '../shared/clock.ts'
import type { Database } from '../shared/db.ts'
import type { ReaderActor } from '../staff/actors.ts'
import { barcodeOf } from './codes.ts'

/** A reader's card as his phone shows it to a scanner. */
export interface OwnCard {
  number: string
  /** Its last day, where it has one, and whether that is over. */
  validUntil: string | null
  ended: boolean
  spaced: string
  /** The bars' places in modules, from the left edge of the quiet zone. */
  bars: { x: number; width: number }[]
  /** Modules of the whole with its quiet zones. */
  width: number
}

export const createOwnCard = ({ db, clock }: { db: Database; clock: Clock }) =>
  /** The valid card; undefined when the reader has none. */
  async function ownCard({ readerId }: ReaderActor): Promise<OwnCard | undefined> {
    const card = await db
      .selectFrom('cards')
      .select(['number', 'valid_until as validUntil'])
      .where('reader_id', '=', readerId)
      .where('state', '=', 'issued')
      .executeTakeFirst()
    if (!card) return undefined
    const { bars, modules, quiet } = barcodeOf(card.number)
    let x = quiet.before
    const places = bars.map((width) => {
      const place = { x, width }
      x += width
      return place
    })
    return {
      number: card.number,
      validUntil: card.validUntil,
      ended: isOver(card.validUntil, dateIn((await readSettings(db))['region.timeZone'], clock())),
      spaced: spacedCardNumber(card.number),
      bars: places.filter((_, index) => index % 2 === 0),
      width: quiet.before + modules + quiet.after,
    }
  }
