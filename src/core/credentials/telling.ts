import { smsAllowed } from '../consents/handover.ts'
import { queueMessages } from '../messages/messages.ts'
import type { Transaction } from '../shared/db.ts'

/** The number of the card that takes another one's place, on every way to the reader: he signs in with it now. */
export async function tellReplaced(
  tx: Transaction,
  now: Date,
  reader: { id: string; email: string | null; phone: string | null; library_id: string },
): Promise<void> {
  const sms = reader.phone && (await smsAllowed(tx, { readerId: reader.id })) ? reader.phone : null
  // The number is put in while sending: what still waits would tell him the new one a second time.
  await tx
    .deleteFrom('messages')
    .where('reader_id', '=', reader.id)
    .where('event', '=', 'reader.card-replaced')
    .where('state', '=', 'queued')
    .execute()
  const about = { event: 'reader.card-replaced', readerId: reader.id, libraryId: reader.library_id } as const
  await queueMessages(tx, now, [
    ...(sms ? [{ channel: 'sms', recipient: sms, ...about } as const] : []),
    ...(reader.email ? [{ channel: 'email', recipient: reader.email, ...about } as const] : []),
  ])
}

/** A letter that the password is another now: whoever didn't change it learns of it. */
export async function tellChanged(
  tx: Transaction,
  now: Date,
  reader: { id: string; email: string | null; library_id: string },
): Promise<void> {
  if (!reader.email) return
  await queueMessages(tx, now, [
    {
      channel: 'email',
      event: 'reader.password-changed',
      recipient: reader.email,
      readerId: reader.id,
      libraryId: reader.library_id,
    },
  ])
}
