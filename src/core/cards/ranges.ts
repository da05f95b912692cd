import type { Transaction } from '../shared/db.ts'
import type { ExpectedError } from '../shared/errors.ts'
import { twoBatches } from './cards.errors.ts'

/**
 * The batch of a library in which a run of cards lies, known by its first and its last card.
 * @param missing what to throw when the library has no such cards
 * @throws twoBatches
 */
export async function batchOfRange(
  tx: Transaction,
  { libraryId, first, last }: { libraryId: string; first: string; last: string },
  missing: () => ExpectedError,
): Promise<string> {
  const [batch, other] = await tx
    .selectFrom('cards as c')
    .innerJoin('card_batches as b', 'b.id', 'c.batch_id')
    .select('b.id')
    .where('c.number', 'in', [first, last])
    .where('b.library_id', '=', libraryId)
    .execute()
  if (!batch || (first !== last && !other)) throw missing()
  if (other && other.id !== batch.id) throw twoBatches()
  return batch.id
}
