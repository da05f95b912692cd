import type { Transaction } from '../shared/db.ts'
import type { ExpectedError } from '../shared/errors.ts'
import { twoBatches } from './cards.errors.ts'
import { knownNumber } from './known-number.ts'

/** A run of a library's cards, known by its first and its last one. */
export interface CardRange {
  libraryId: string
  first: string
  last: string
}

/**
 * The batch in which a range lies, and its numbers in their order: whoever scanned the last one first means the
 * same.
 * @param missing what to throw when the library has no such cards
 * @throws twoBatches
 */
export async function batchOfRange(
  tx: Transaction,
  range: CardRange,
  missing: () => ExpectedError,
): Promise<{ batchId: string; first: string; last: string }> {
  const meant = [await knownNumber(tx, range.first), await knownNumber(tx, range.last)]
  const [first = '', last = ''] = meant.toSorted()
  const [batch, other] = await tx
    .selectFrom('cards as c')
    .innerJoin('card_batches as b', 'b.id', 'c.batch_id')
    .select('b.id')
    .where('c.number', 'in', [first, last])
    .where('b.library_id', '=', range.libraryId)
    .execute()
  if (!batch || (first !== last && !other)) throw missing()
  if (other && other.id !== batch.id) throw twoBatches()
  return { batchId: batch.id, first, last }
}
