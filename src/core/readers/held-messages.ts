import { sql } from '../shared/db.ts'
import type { Transaction } from '../shared/db.ts'
import { addSending } from '../shared/sending-jobs.ts'

/**
 * Lets go what waits for the provider's number, to the reader and to his library.
 * @param sendAt not before this moment
 * @returns whether something was waiting for the reader himself
 */
export async function releaseHeld(tx: Transaction, readerId: string, sendAt?: Date): Promise<boolean> {
  const held = await tx
    .updateTable('messages')
    .set({ waits_for: null, fault: null })
    .where('reader_id', '=', readerId)
    .where('state', '=', 'queued')
    .where('waits_for', 'is not', null)
    .returning(['id', 'event'])
    .execute()
  for (const { id } of held) await addSending(tx, id, sendAt)
  return held.some(({ event }) => event.startsWith('reader.'))
}

/** Lets go whatever waits for a provider's number, once the region waits for none: it tells of the own card. */
export async function releaseAllHeld(tx: Transaction): Promise<void> {
  const held = await tx
    .updateTable('messages')
    .set({
      waits_for: null,
      fault: null,
      event: sql`case event when 'reader.provider' then 'reader.registered' else event end`,
    })
    .where('state', '=', 'queued')
    .where('waits_for', 'is not', null)
    .returning('id')
    .execute()
  for (const { id } of held) await addSending(tx, id)
}
