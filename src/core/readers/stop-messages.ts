import type { Transaction } from '../shared/db.ts'

/**
 * Stops what waits to be told to readers: nothing of it goes out any more. What is under way may have gone, and
 * nobody knows; nobody has to see to it either, as what it told is over.
 */
export async function stopMessages(
  tx: Transaction,
  now: Date,
  readerIds: readonly string[],
  fault: string,
): Promise<void> {
  for (const [from, to] of [
    ['queued', { state: 'failed', fault }],
    ['sending', { state: 'uncertain', fault, settled_at: now }],
  ] as const)
    await tx
      .updateTable('messages')
      .set(to)
      .where('reader_id', 'in', [...readerIds])
      .where('event', 'like', 'reader.%')
      .where('state', '=', from)
      .execute()
}
