import type { AuditLog } from '../audit/audit.ts'
import { byStaff } from '../audit/audit.ts'
import { smsAllowed } from '../consents/handover.ts'
import { documentUnchecked, readerElsewhere } from '../mending/mending.ts'
import type { MessageEvent } from '../messages/messages.ts'
import { queueMessages } from '../messages/messages.ts'
import { credentialEvents } from '../messages/unreached.ts'
import { giveNewCredentials, lockStanding } from '../readers/credentials.ts'
import { generatePassword } from '../readers/passwords.ts'
import { reachReader } from '../readers/reach.ts'
import type { Clock } from '../shared/clock.ts'
import type { Database, Transaction } from '../shared/db.ts'
import { inTransaction } from '../shared/db.ts'
import { hashPassword } from '../shared/passwords.ts'
import type { Sealer } from '../shared/sealing.ts'
import type { Authorised } from '../staff/actors.ts'
import type { GivePasswordInput } from './credentials.schemas.ts'

/** At the desk of any library: who has neither password nor phone at hand shows a document. */
export function createGiving(deps: { db: Database; clock: Clock; audit: AuditLog; sealer: Sealer }) {
  const { db, clock, audit, sealer } = deps
  return {
    /**
     * Gives a reader who has come in person a new password: the old one stops, every device is signed out, and
     * the new one goes to his contacts and onto the slip. A contact that isn't his is put right in the same
     * step, so that nothing goes to a stranger any more. Another library's reader, found by an exact look-up,
     * gets a password and keeps the contacts.
     * @returns what of the contacts was changed
     * @throws notFound, documentUnchecked, readerElsewhere, readerGone, readerLeaving
     */
    async give(
      actor: Authorised<'readers.new-password'>,
      readerId: string,
      { email, phone, identitySeen }: GivePasswordInput,
    ): Promise<string[]> {
      if (!identitySeen) throw documentUnchecked()
      const plain = generatePassword()
      const password = { plain, hash: await hashPassword(plain) }
      const now = clock()
      return inTransaction(db, async (tx) => {
        const { libraryId, elsewhere } = await reachReader(tx, actor, readerId, now)
        if (await justGiven(tx, now, readerId, { email, phone })) return []
        const library = await tx
          .selectFrom('libraries')
          .select(['id', 'code'])
          .where('id', '=', libraryId)
          .executeTakeFirstOrThrow()
        const given = await giveNewCredentials(tx, sealer, now, {
          readerId,
          password,
          library,
          givenBy: elsewhere && actor.libraries !== 'all' ? actor.libraries[0] : undefined,
          mend: { email, phone },
          because: { reason: 'не его контакты' },
          staffId: actor.staffId,
        })
        const fields = given.before.fields.map(({ field }) => field)
        if (elsewhere && fields.length > 0) throw readerElsewhere()
        await dropWaiting(tx, now, readerId)
        const sms = given.phone && (await smsAllowed(tx, { readerId })) ? given.phone : null
        const about = { event: 'reader.new-password', readerId, libraryId } as const
        await queueMessages(tx, now, [
          ...(sms ? [{ channel: 'sms', recipient: sms, ...about } as const] : []),
          ...(given.email ? [{ channel: 'email', recipient: given.email, ...about } as const] : []),
        ])
        await audit.append(tx, {
          at: now,
          actor: byStaff(actor.staffId),
          action: 'credentials.give',
          subject: { kind: 'reader', id: readerId },
          libraryId,
          details: { fields },
        })
        return fields
      })
    },
  }
}

/** What no two decisions of a person lie within, milliseconds. */
const secondClick = 10_000

/**
 * A second click finds what the first one has done: another password would be under way at once with the one
 * before, and the reader couldn't tell which of them holds.
 */
async function justGiven(
  tx: Transaction,
  now: Date,
  readerId: string,
  contacts: Pick<GivePasswordInput, 'email' | 'phone'>,
): Promise<boolean> {
  const reader = await lockStanding(tx, readerId)
  if (reader.email !== contacts.email || reader.phone !== contacts.phone) return false
  const told = await tx
    .selectFrom('messages')
    .select('id')
    .where('reader_id', '=', readerId)
    .where('event', '=', 'reader.new-password')
    .where('created_at', '>', new Date(now.getTime() - secondClick))
    .executeTakeFirst()
  return told !== undefined
}

const carriesPassword: MessageEvent[] = [...credentialEvents, 'reader.code']

/**
 * What still waits for the reader would carry the new password, perhaps to a stranger's phone. What is under way
 * isn't tried again either: it may have gone, with a password that is none any more, and nobody has to see to it.
 */
async function dropWaiting(tx: Transaction, now: Date, readerId: string): Promise<void> {
  await tx
    .deleteFrom('messages')
    .where('reader_id', '=', readerId)
    .where('event', 'in', carriesPassword)
    .where('state', '=', 'queued')
    .execute()
  await tx
    .updateTable('messages')
    .set({ state: 'uncertain', fault: 'password_replaced', settled_at: now })
    .where('reader_id', '=', readerId)
    .where('event', 'in', carriesPassword)
    .where('state', '=', 'sending')
    .execute()
}
