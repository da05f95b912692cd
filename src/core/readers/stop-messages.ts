import type { Transaction } from '../shared/db.ts'

/**
 * Stops what waits to be told to readers: nothing of it goes out any more. What is under way may have gone,
 * and nobody knows.
 */
export async function stopMessages(
  tx: Transaction,
  readerIds: readonly string[],
  fault: string,
): Promise<void> {
  for (const [from, to] of [
    ['queued', 'failed'],
    ['sending', 'uncertain'],
  ] as const)
    await tx
      .updateTable('messages')
      .set({ state: to, fault })
      .where('reader_id', 'in', [...readerIds])
      .where('event', 'like', 'reader.%')
      .where('state', '=', from)
      .execute()
}
