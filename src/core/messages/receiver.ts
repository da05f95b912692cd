import type { Database } from '../shared/db.ts'
import type { Channel } from './messages.ts'

/**
 * Where a message goes: to a reader's contact as it is by now, whatever it was when the message was queued, for it
 * may have been a stranger's. Asked once the text is written: whoever replaces a contact together with the
 * password commits both at once, so what a contact of before is still told is a password of before.
 * @returns '' where the reader has no such contact any more
 */
export async function findReceiver(
  db: Database,
  message: { id: string; event: string; channel: Channel; recipient: string; readerId: string | null },
): Promise<string> {
  if (!message.readerId || !message.event.startsWith('reader.')) return message.recipient
  const { contact } = await db
    .selectFrom('readers')
    .select((eb) => eb.ref(message.channel === 'sms' ? 'phone' : 'email').as('contact'))
    .where('id', '=', message.readerId)
    .executeTakeFirstOrThrow()
  if (contact && contact !== message.recipient)
    await db.updateTable('messages').set({ recipient: contact }).where('id', '=', message.id).execute()
  return contact ?? ''
}
