import type { Clock } from '../shared/clock.ts'
import type { Database } from '../shared/db.ts'
import type { Channel } from './messages.ts'
import type { Driver } from './driver.ts'
import { DeliveryFault } from './driver.ts'

/** The demonstration's stand-in for the receivers' own mailboxes and phones. */
export const createOutboxDriver = (db: Database, clock: Clock, channel: Channel): Driver => ({
  repeatable: true,
  trace: async () => 'cannot_tell',
  async send(message) {
    await db
      .insertInto('demo_outbox')
      .values({
        message_id: message.id,
        channel,
        recipient: message.recipient,
        subject: message.subject,
        text: message.text,
        at: clock(),
      })
      .onConflict((conflict) => conflict.column('message_id').doNothing())
      .execute()
      // PostgreSQL's own words may quote the row, and with it the password.
      .catch(() => {
        throw new DeliveryFault('outbox_unreachable', true)
      })
    return { gatewayId: undefined }
  },
})

export interface OutboxEntry {
  channel: string
  to: string
  subject: string
  text: string
  at: Date
}

/** Everything that the demonstration "sent", the newest first. */
export async function readOutbox(db: Database): Promise<OutboxEntry[]> {
  return db
    .selectFrom('demo_outbox')
    .select(['channel', 'recipient as to', 'subject', 'text', 'at'])
    .orderBy('at', 'desc')
    .orderBy('message_id', 'desc')
    .limit(200)
    .execute()
}
