import { z } from 'zod'
import { isCardNumber, looksMistyped } from '#protocols/card/scheme.ts'
import type { AuditEntry, AuditLog } from '../audit/audit.ts'
import { byStaff } from '../audit/audit.ts'
import { knownNumber } from '../cards/known-number.ts'
import { isOver } from '../cards/validity.ts'
import { readSettings } from '../settings/settings.ts'
import { dateIn } from '../shared/calendar.ts'
import type { Clock } from '../shared/clock.ts'
import type { Database, Transaction } from '../shared/db.ts'
import { inTransaction } from '../shared/db.ts'
import { expected, notFound } from '../shared/errors.ts'
import type { Authorised, ReaderActor } from '../staff/actors.ts'
import { reachReader } from './reach.ts'
import type { Renewal } from './renewal.ts'
import { renewalOn } from './renewal.ts'

export const cardUnreadable = expected('readers.card_unreadable', 422)
/** The check digit doesn't fit: a digit was misread, or two changed places. */
export const cardMistyped = expected('readers.card_mistyped', 422)
export const cardUnknown = expected('readers.card_unknown', 422)
export const cardNotValid = expected('readers.card_not_valid', 409)
/** Its last day is over: its reader's own library renews it. */
export const cardEnded = expected('readers.card_ended', 409)

/** What a scanner types, or a person with it. */
export const renewSchema = z.object({ cardNumber: z.string().max(100) })

export interface Renewed {
  readerId: string
  fullName: string
  libraryName: string
  until: string
  /** It had been done on this very day already. */
  already: boolean
}

/** The yearly re-registration: a tap of the reader, or the card before any librarian. */
export function createRenewing(deps: { db: Database; clock: Clock; audit: AuditLog }) {
  const { db, clock, audit } = deps

  async function renew(
    readerId: string,
    by: AuditEntry['actor'],
    channel: 'app' | 'card' | 'record',
  ): Promise<Renewed> {
    const settings = await readSettings(db)
    const zone = settings['region.timeZone']
    const now = clock()
    return inTransaction(db, async (tx) => {
      const reader = await lockReader(tx, readerId)
      const today = dateIn(zone, now)
      const already = dateIn(zone, reader.renewed_at) === today
      if (!already)
        await tx.updateTable('readers').set({ renewed_at: now }).where('id', '=', readerId).execute()
      await audit.append(tx, {
        at: now,
        actor: by,
        action: 'readers.renew',
        subject: { kind: 'reader', id: readerId },
        libraryId: reader.library_id,
        details: { channel, already },
      })
      return {
        readerId,
        fullName: reader.full_name,
        libraryName: reader.short_name,
        until: renewalOn(today, today, settings['readers.renewDays']).until,
        already,
      }
    })
  }

  return {
    /** The reader's tap. Early or twice it changes nothing. */
    async own(actor: ReaderActor): Promise<Renewal> {
      const settings = await readSettings(db)
      const zone = settings['region.timeZone']
      const { renewed_at: before } = await db
        .selectFrom('readers')
        .select('renewed_at')
        .where('id', '=', actor.readerId)
        .executeTakeFirstOrThrow(() => notFound())
      const today = dateIn(zone, clock())
      const days = settings['readers.renewDays']
      const renewal = renewalOn(dateIn(zone, before), today, days)
      if (renewal.state === 'current') return renewal
      await renew(actor.readerId, { kind: 'reader', id: actor.readerId }, 'app')
      return renewalOn(today, today, days)
    },

    /**
     * By the card, scanned or typed, before any librarian of the network.
     * @throws cardUnreadable, cardMistyped, cardUnknown, cardNotValid, cardEnded
     */
    async byCard(actor: Authorised<'readers.renew'>, typed: string): Promise<Renewed> {
      const number = await knownNumber(db, typed)
      if (!isCardNumber(number)) throw cardUnreadable()
      const card = await db
        .selectFrom('cards')
        .select(['reader_id', 'state', 'valid_until'])
        .where('number', '=', number)
        .executeTakeFirst()
      const settings = await readSettings(db)
      if (!card) {
        const { 'cards.scheme': scheme } = settings
        throw looksMistyped(scheme, number) ? cardMistyped() : cardUnknown()
      }
      if (!card.reader_id) throw cardNotValid()
      if (card.state !== 'issued') throw cardNotValid()
      if (isOver(card.valid_until, dateIn(settings['region.timeZone'], clock()))) throw cardEnded()
      return renew(card.reader_id, byStaff(actor.staffId), 'card')
    },

    /** From the reader's record, by whoever may open it. @throws notFound */
    async record(actor: Authorised<'readers.read'>, readerId: string): Promise<Renewed> {
      await inTransaction(db, (tx) => reachReader(tx, actor, readerId, clock()))
      return renew(readerId, byStaff(actor.staffId), 'record')
    },
  }
}

const lockReader = (tx: Transaction, readerId: string) =>
  tx
    .selectFrom('readers as r')
    .innerJoin('libraries as l', 'l.id', 'r.library_id')
    .select(['r.renewed_at', 'r.library_id', 'r.full_name', 'l.short_name'])
    .where('r.id', '=', readerId)
    .where('r.merged_into', 'is', null)
    .forNoKeyUpdate('r')
    .executeTakeFirstOrThrow(() => notFound())
