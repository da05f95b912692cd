import { randomUUID } from 'node:crypto'
import type { Transaction } from '../shared/db.ts'
import { addSending } from '../shared/sending-jobs.ts'

export { attemptLimit, crashAllowance } from '../shared/sending-jobs.ts'

/** What a message is about; its text is made from this while sending. */
export type MessageEvent =
  | 'reader.registered'
  | 'reader.credentials'
  | 'reader.new-password'
  | 'reader.code'
  | 'reader.password-changed'
  | 'reader.card-replaced'
  | 'reader.provider'
  | 'library.registered'
  | 'library.existing'
  | 'library.returned'
  | 'library.refused'
  | 'library.withdrawn'
  | 'library.possible-duplicate'
  | 'library.letter-received'
  | 'library.letter-unreadable'
  | 'library.letter-too-large'
  | 'library.letter-waiting'
  | 'library.letter-expired'
  | 'library.invitation'
  | 'staff.invitation'
  | 'staff.reset'
  | 'staff.password-changed'
  | 'central.overdue'
export type Channel = 'email' | 'sms'

export interface NewMessage {
  channel: Channel
  event: MessageEvent
  /** An address or an E.164 phone. */
  recipient: string
  readerId?: string
  libraryId?: string
  applicationId?: string
  /** The staff member it goes to, when it is about himself. */
  staffId?: string
  /** The letter with questionnaires that it answers. */
  letterId?: string
  /** The telling it belongs to, when that has begun; else messages about one event to one reader make one. */
  telling?: string
  /** The message that a person wants sent once more. */
  againOf?: string
  /** It stays in the queue without a job until `releaseHeld` (`readers/held-messages.ts`). */
  waitsFor?: 'provider' | undefined
}

/** What a telling is known by within one call. */
const tellingKey = ({ event, readerId, recipient }: NewMessage) => `${event} ${readerId ?? recipient}`

/**
 * Puts messages and their sending jobs into the caller's transaction.
 * @param sendAt not before this moment (at once when left out)
 */
export async function queueMessages(
  tx: Transaction,
  at: Date,
  messages: NewMessage[],
  sendAt?: Date,
): Promise<void> {
  const tellings = new Map(messages.map((message) => [tellingKey(message), randomUUID()]))
  for (const message of messages) {
    const telling = message.telling ?? tellings.get(tellingKey(message)) ?? randomUUID()
    const queued = await tx
      .insertInto('messages')
      .values({
        channel: message.channel,
        event: message.event,
        recipient: message.recipient,
        reader_id: message.readerId ?? null,
        library_id: message.libraryId ?? null,
        application_id: message.applicationId ?? null,
        letter_id: message.letterId ?? null,
        staff_id: message.staffId ?? null,
        state: 'queued',
        created_at: at,
        telling,
        again_of: message.againOf ?? null,
        ...(message.waitsFor && { waits_for: message.waitsFor, fault: 'awaits_provider' }),
      })
      // Nobody is told the same twice by the same channel.
      .onConflict((conflict) => conflict.doNothing())
      .returning('id')
      .executeTakeFirst()
    if (queued && !message.waitsFor) await addSending(tx, queued.id, sendAt)
  }
}

/**
 * Takes back the messages about a questionnaire since a moment, as if they had never been. A sender claims
 * a message under the same lock: whoever comes first wins.
 * @returns false when one of them is under way or out already; then none is taken back
 */
export async function recallMessages(
  tx: Transaction,
  about: { applicationId: string; since: Date },
): Promise<boolean> {
  const messages = await tx
    .selectFrom('messages')
    .select(['id', 'state', 'attempts'])
    .where('application_id', '=', about.applicationId)
    .where('created_at', '>=', about.since)
    .orderBy('id')
    .forUpdate()
    .execute()
  if (messages.some(({ state, attempts }) => state !== 'queued' || attempts > 0)) return false
  const ids = messages.map(({ id }) => id)
  if (ids.length > 0) await tx.deleteFrom('messages').where('id', 'in', ids).execute()
  return true
}
