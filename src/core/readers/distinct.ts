import type { Transaction } from '../shared/db.ts'

/** Records that a reader and these others are different people, as somebody decided: not asked again. */
export async function recordDistinct(
  tx: Transaction,
  decision: { readerId: string; others: readonly string[]; staffId: string; at: Date },
): Promise<void> {
  const { readerId, staffId, at } = decision
  const others = decision.others.filter((other) => other !== readerId)
  if (others.length === 0) return
  const known = await tx.selectFrom('readers').select('id').where('id', 'in', others).execute()
  const pairs = known.map(({ id }) => ({ ...orderedPair(readerId, id), decided_by: staffId, decided_at: at }))
  if (pairs.length === 0) return
  await tx
    .insertInto('distinct_readers')
    .values(pairs)
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

/** Ids of all who were decided to be others than this reader. */
export async function distinctFrom(tx: Transaction, readerId: string): Promise<Set<string>> {
  const pairs = await tx
    .selectFrom('distinct_readers')
    .select(['first_id', 'second_id'])
    .where((eb) => eb.or([eb('first_id', '=', readerId), eb('second_id', '=', readerId)]))
    .execute()
  return new Set(pairs.map((pair) => (pair.first_id === readerId ? pair.second_id : pair.first_id)))
}

/** A pair of records in the one order in which it is kept. Small letters of ids sort as their bytes do. */
export const orderedPair = (a: string, b: string): { first_id: string; second_id: string } =>
  a < b ? { first_id: a, second_id: b } : { first_id: b, second_id: a }
