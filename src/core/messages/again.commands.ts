import type { AuditLog } from '../audit/audit.ts'
import { byStaff } from '../audit/audit.ts'
import { smsAllowed } from '../consents/handover.ts'
import type { Clock } from '../shared/clock.ts'
import type { Database, Transaction } from '../shared/db.ts'
import { inTransaction } from '../shared/db.ts'
import { expected, notFound } from '../shared/errors.ts'
import type { Authorised } from '../staff/actors.ts'
import { standing } from './ending.ts'
import type { Channel, MessageEvent } from './messages.ts'
import { queueMessages } from './messages.ts'
import { takesNothing } from './refused-addresses.ts'
import { canBeTold, tellingEvents } from './unreached.ts'

/** The readable password is gone: only a new one can be told. */
export const passwordGone = expected('messages.password_gone', 409)
/** It is on its way at this moment. */
export const underWay = expected('messages.under_way', 409)
/** No address or phone, or no consent, or the record isn't in use any more. */
export const noWay = expected('messages.no_way', 409)
/** Nothing arrives there: the contact is to be mended first, or the mark to be taken off. */
export const addressRefused = expected('messages.address_refused', 409)

/** What a librarian does about messages that didn't arrive. */
export function createMessageHelp(deps: { db: Database; clock: Clock; audit: AuditLog }) {
  const { db, clock, audit } = deps
  return {
    /**
     * Tells the reader once more, by the same channel, to where he can be reached now. A second click finds
     * what the first one has done.
     * @throws notFound, passwordGone, underWay, noWay, addressRefused
     */
    again(actor: Authorised<'messages.send'>, messageId: string): Promise<void> {
      return inTransaction(db, async (tx) => {
        const now = clock()
        const message = await withinReach(tx, actor, messageId)
        const reader = await standing(tx, message.readerId)
        if (!reader) throw noWay()
        const already = await tx
          .selectFrom('messages')
          .select('id')
          .where('again_of', '=', messageId)
          .executeTakeFirst()
        if (already) return
        // Read once the reader is locked: it may just have begun.
        const { state, told } = await tx
          .selectFrom('messages as m')
          .select((eb) => ['m.state', canBeTold(eb, now).as('told')])
          .where('m.id', '=', messageId)
          .executeTakeFirstOrThrow()
        if (state === 'queued' || state === 'sending') throw underWay()
        if (!told) throw passwordGone()
        const channel = message.channel as Channel
        const recipient = channel === 'sms' ? reader.phone : reader.email
        if (!recipient) throw noWay()
        if (channel === 'sms' && !(await smsAllowed(tx, { readerId: reader.id }))) throw noWay()
        if (await takesNothing(tx, { channel, recipient, readerId: reader.id })) throw addressRefused()
        await queueMessages(tx, now, [
          {
            channel,
            event: message.event as MessageEvent,
            recipient,
            readerId: reader.id,
            ...(message.libraryId && { libraryId: message.libraryId }),
            ...(message.applicationId && { applicationId: message.applicationId }),
            againOf: messageId,
          },
        ])
        await audit.append(tx, {
          at: now,
          actor: byStaff(actor.staffId),
          action: 'messages.again',
          subject: { kind: 'reader', id: reader.id },
          libraryId: reader.library_id,
          details: { message: messageId, channel },
        })
      })
    },

    /** The reader has been told in person: his library isn't reminded any more. @throws notFound */
    settle(actor: Authorised<'messages.send'>, messageId: string): Promise<void> {
      return inTransaction(db, async (tx) => {
        const now = clock()
        const message = await withinReach(tx, actor, messageId)
        const { numUpdatedRows } = await tx
          .updateTable('messages')
          .set({ settled_at: now })
          .where('reader_id', '=', message.readerId)
          .where('state', 'in', ['failed', 'undelivered', 'uncertain'])
          .where('settled_at', 'is', null)
          .executeTakeFirstOrThrow()
        if (numUpdatedRows === 0n) return
        await audit.append(tx, {
          at: now,
          actor: byStaff(actor.staffId),
          action: 'messages.settle',
          subject: { kind: 'reader', id: message.readerId },
          libraryId: message.readerLibrary,
          details: { message: messageId },
        })
      })
    },
  }
}

/** A message that a reader can't do without, of a reader within the actor's reach. @throws notFound */
async function withinReach(tx: Transaction, actor: Authorised<'messages.send'>, messageId: string) {
  const message = await tx
    .selectFrom('messages as m')
    .innerJoin('readers as r', 'r.id', 'm.reader_id')
    .select([
      'm.channel',
      'm.event',
      'm.library_id as libraryId',
      'm.application_id as applicationId',
      'r.id as readerId',
      'r.library_id as readerLibrary',
    ])
    .where('m.id', '=', messageId)
    .where('m.event', 'in', tellingEvents)
    .executeTakeFirstOrThrow(() => notFound())
  if (actor.libraries !== 'all' && !actor.libraries.includes(message.readerLibrary)) throw notFound()
  return message
}
