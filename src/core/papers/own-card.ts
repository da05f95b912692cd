import { spacedCardNumber } from '../cards/cards.ts'
import type { Database } from '../shared/db.ts'
import type { ReaderActor } from '../staff/actors.ts'
import { barcodeOf } from './codes.ts'

/** A reader's card as his phone shows it to a scanner. */
export interface OwnCard {
  number: string
  spaced: string
  /** The bars' places in modules, from the left edge of the quiet zone. */
  bars: { x: number; width: number }[]
  /** Modules of the whole with its quiet zones. */
  width: number
}

export const createOwnCard = ({ db }: { db: Database }) =>
  /** The valid card; undefined when the reader has none. */
  async function ownCard({ readerId }: ReaderActor): Promise<OwnCard | undefined> {
    const card = await db
      .selectFrom('cards')
      .select('number')
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
      spaced: spacedCardNumber(card.number),
      bars: places.filter((_, index) => index % 2 === 0),
      width: quiet.before + modules + quiet.after,
    }
  }
