import { queueMessages } from '../messages/messages.ts'
import type { Transaction } from '../shared/db.ts'

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
