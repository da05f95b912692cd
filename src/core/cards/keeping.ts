import type { Transaction } from '../shared/db.ts'
import { readSettings, writeSetting } from '../settings/settings.ts'
import { cardGiven } from './cards.errors.ts'
import { takeFromStock } from './reserving.ts'
import { lastDay } from './validity.ts'

/**
 * A reader whom a library has had before keeps his card: its number goes on record as his, or, where the
 * library's cards were taken over as a range, out of that stock.
 * @returns the number
 * @throws cardGiven
 */
export async function keepCard(
  tx: Transaction,
  card: { number: string; libraryId: string; readerId: string; now: Date },
): Promise<string> {
  const kept = await tx
    .insertInto('cards')
    .values({
      number: card.number,
      state: 'issued',
      reader_id: card.readerId,
      issued_at: card.now,
      valid_until: lastDay(await readSettings(tx), card.now),
    })
    .onConflict((conflict) => conflict.column('number').doNothing())
    .returning('number')
    .executeTakeFirst()
  if (!kept) {
    const held = await heldNumbers(tx, [card])
    if (held.get(card.number)?.freeIn !== card.libraryId) throw cardGiven()
    await takeFromStock(tx, card)
  }
  if (/[A-Z]/.test(card.number)) await writeSetting(tx, 'cards.letters', true)
  return card.number
}

/** Which of these numbers are on record, each with the library in whose free stock it lies, if in any. */
export async function heldNumbers(
  tx: Transaction,
  cards: readonly { number: string }[],
): Promise<Map<string, { freeIn: string | null }>> {
  if (cards.length === 0) return new Map()
  const numbers = cards.map(({ number }) => number)
  const known = await tx
    .selectFrom('cards as c')
    .leftJoin('card_batches as b', 'b.id', 'c.batch_id')
    .select(['c.number', 'c.state', 'c.application_id', 'b.library_id'])
    .where('c.number', 'in', numbers)
    .execute()
  return new Map(
    known.map((card) => {
      const free = card.state === 'stock' && card.application_id === null
      return [card.number, { freeIn: free ? card.library_id : null }]
    }),
  )
}
