import type { Transaction } from '../shared/db.ts'
import { addJob } from '../shared/jobs.ts'

/** What a message is about; its text is made from this while sending. */
export type MessageEvent = 'reader.registered' | 'library.registered' | 'library.returned'
export type Channel = 'email' | 'sms'

export interface NewMessage {
  channel: Channel
  event: MessageEvent
  /** An address or an E.164 phone. */
  recipient: string
  readerId?: string
  libraryId?: string
  applicationId?: string
}

/** How often a message is tried, with growing pauses: about four days. */
export const attemptLimit = 25

/** Attempts of the job beyond the message's own: a crash in the last one still comes to an end that is seen. */
export const crashAllowance = 5

/** Puts messages and their sending jobs into the caller's transaction. */
export async function queueMessages(tx: Transaction, at: Date, messages: NewMessage[]): Promise<void> {
  for (const message of messages) {
    const { id } = await tx
      .insertInto('messages')
      .values({
        channel: message.channel,
        event: message.event,
        recipient: message.recipient,
        reader_id: message.readerId ?? null,
        library_id: message.libraryId ?? null,
        application_id: message.applicationId ?? null,
        state: 'queued',
        created_at: at,
      })
      .returning('id')
      .executeTakeFirstOrThrow()
    await addJob(tx, 'messages:send', { messageId: id }, { maxAttempts: attemptLimit + crashAllowance })
  }
}
