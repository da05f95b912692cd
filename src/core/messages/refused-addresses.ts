import { z } from 'zod'
import type { AuditLog } from '../audit/audit.ts'
import { byStaff } from '../audit/audit.ts'
import { lockStanding } from '../readers/credentials.ts'
import { reachReader } from '../readers/reach.ts'
import type { OpenedRecord } from '../readers/record.queries.ts'
import type { Clock } from '../shared/clock.ts'
import type { Database, Transaction } from '../shared/db.ts'
import { inTransaction } from '../shared/db.ts'
import { notFound } from '../shared/errors.ts'
import type { Authorised, ReaderActor } from '../staff/actors.ts'
import type { Channel } from './messages.ts'

export const trustContactSchema = z.object({ channel: z.enum(['email', 'sms']) })

/** Since when nothing arrives at a reader's contacts; null where nothing is known against one. */
export type RefusedContacts = Record<Channel, Date | null>

/**
 * Marks an address that takes nothing. A mark is about a contact of a reader who is on record: one that was
 * replaced meanwhile isn't marked, and the database takes marks away with their contact.
 */
export async function markRefused(
  tx: Transaction,
  refusal: { channel: Channel; address: string; at: Date; fault: string; messageId: string },
): Promise<void> {
  const { channel, address, at, fault, messageId } = refusal
  const held = await tx
    .selectFrom('readers')
    .select('id')
    .where(channel === 'email' ? 'email' : 'phone', '=', address)
    .limit(1)
    .executeTakeFirst()
  if (!held) return
  await tx
    .insertInto('refused_addresses')
    .values({ channel, address, since: at, fault, message_id: messageId })
    .onConflict((conflict) => conflict.columns(['channel', 'address']).doNothing())
    .execute()
}

/** Whether a message to a reader would go where nothing arrives. */
export async function takesNothing(
  db: Database | Transaction,
  message: { channel: Channel; recipient: string; readerId: string | null },
): Promise<boolean> {
  if (message.readerId === null) return false
  const mark = await db
    .selectFrom('refused_addresses')
    .select('since')
    .where('channel', '=', message.channel)
    .where('address', '=', message.recipient)
    .executeTakeFirst()
  return mark !== undefined
}

/** What is shown of contacts at which nothing arrives, and what a librarian does about them. */
export function createRefusedContacts(deps: { db: Database; clock: Clock; audit: AuditLog }) {
  const { db, clock, audit } = deps
  return {
    ofRecord: ({ readerId }: OpenedRecord): Promise<RefusedContacts> => refusedContacts(db, readerId),
    own: ({ readerId }: ReaderActor): Promise<RefusedContacts> => refusedContacts(db, readerId),

    /**
     * The address is right, says the reader: messages go there again. Without a mark nothing changes.
     * @throws notFound, also for another library's reader; readerGone, readerLeaving
     */
    trust(actor: Authorised<'readers.mend'>, readerId: string, channel: Channel): Promise<void> {
      return inTransaction(db, async (tx) => {
        const now = clock()
        const { libraryId, elsewhere } = await reachReader(tx, actor, readerId, now)
        if (elsewhere) throw notFound()
        const reader = await lockStanding(tx, readerId)
        const address = channel === 'email' ? reader.email : reader.phone
        if (!address) return
        const { numDeletedRows } = await tx
          .deleteFrom('refused_addresses')
          .where('channel', '=', channel)
          .where('address', '=', address)
          .executeTakeFirst()
        if (numDeletedRows === 0n) return
        await audit.append(tx, {
          at: now,
          actor: byStaff(actor.staffId),
          action: 'readers.trust-contact',
          subject: { kind: 'reader', id: readerId },
          libraryId,
          details: { channel },
        })
      })
    },
  }
}

async function refusedContacts(db: Database, readerId: string): Promise<RefusedContacts> {
  const marks = await db
    .selectFrom('readers as r')
    .innerJoin('refused_addresses as a', (join) =>
      join.on((eb) =>
        eb.or([
          eb.and([eb('a.channel', '=', 'email'), eb('a.address', '=', eb.ref('r.email'))]),
          eb.and([eb('a.channel', '=', 'sms'), eb('a.address', '=', eb.ref('r.phone'))]),
        ]),
      ),
    )
    .select(['a.channel', 'a.since'])
    .where('r.id', '=', readerId)
    .execute()
  const since = (channel: Channel) => marks.find((mark) => mark.channel === channel)?.since ?? null
  return { email: since('email'), sms: since('sms') }
}
