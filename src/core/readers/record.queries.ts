import type { AuditLog } from '../audit/audit.ts'
import { byStaff } from '../audit/audit.ts'
import type { CardState } from '../cards/moves.ts'
import { isRenewable, standingOf } from '../cards/validity.ts'
import { readSettings } from '../settings/settings.ts'
import { dateIn } from '../shared/calendar.ts'
import type { Clock } from '../shared/clock.ts'
import type { Database } from '../shared/db.ts'
import { inTransaction } from '../shared/db.ts'
import { notFound } from '../shared/errors.ts'
import type { Authorised } from '../staff/actors.ts'
import { reachReader } from './reach.ts'

declare const opened: unique symbol

/** A reader's record whose opening was allowed and audited: the sections of its page take nothing else. */
export interface OpenedRecord {
  readonly [opened]: true
  readonly readerId: string
  readonly fullName: string
  readonly birthDate: string
  readonly email: string | null
  readonly phone: string | null
  readonly libraryId: string
  readonly libraryName: string
  readonly registeredAt: Date
  readonly renewedAt: Date
  /** Another library's reader, found by an exact look-up. */
  readonly elsewhere: boolean
  /** The record that this one was merged into: that one is to be opened. */
  readonly mergedInto: string | null
}

export type ReaderRecord = ReturnType<typeof createReaderRecord>

export function createReaderRecord(deps: { db: Database; clock: Clock; audit: AuditLog }) {
  const { db, clock, audit } = deps
  return {
    /** Opens a record; the look is audited. @throws notFound */
    open(actor: Authorised<'readers.read'>, readerId: string): Promise<OpenedRecord> {
      return inTransaction(db, async (tx) => {
        const now = clock()
        const { libraryId, elsewhere } = await reachReader(tx, actor, readerId, now)
        const row = await tx
          .selectFrom('readers as r')
          .innerJoin('libraries as l', 'l.id', 'r.library_id')
          .select([
            'r.full_name as fullName',
            'r.birth_date as birthDate',
            'r.email',
            'r.phone',
            'l.name as libraryName',
            'r.created_at as registeredAt',
            'r.renewed_at as renewedAt',
            'r.merged_into as mergedInto',
          ])
          .where('r.id', '=', readerId)
          .executeTakeFirstOrThrow(() => notFound())
        await audit.append(tx, {
          at: now,
          actor: byStaff(actor.staffId),
          action: 'readers.open',
          subject: { kind: 'reader', id: readerId },
          libraryId,
          details: { elsewhere },
        })
        return { readerId, libraryId, elsewhere, ...row } as OpenedRecord
      })
    },

    /** The valid card first, then the others, newest first. */
    async cards(record: OpenedRecord) {
      const today = dateIn((await readSettings(db))['region.timeZone'], clock())
      const rows = await db
        .selectFrom('cards')
        .select(['number', 'state', 'issued_at as issuedAt', 'valid_until as validUntil'])
        .where('reader_id', '=', record.readerId)
        .orderBy((eb) => eb('state', '=', 'issued'), 'desc')
        .orderBy('issued_at', 'desc')
        // A reader's card was issued once.
        .$narrowType<{ issuedAt: Date }>()
        .execute()
      return rows.map((row) => {
        const card = { ...row, state: row.state as CardState }
        return { ...card, standing: standingOf(card, today), renewable: isRenewable(card, today) }
      })
    },

    /** When he was last seen: the newest session, else the first sign-in. */
    async lastSeen(record: OpenedRecord): Promise<Date | null> {
      const row = await db
        .selectFrom('readers as r')
        .leftJoin('sessions as s', 's.reader_id', 'r.id')
        .select((eb) => [eb.fn.max('s.seen_at').as('seen'), 'r.first_signed_in_at as first'])
        .where('r.id', '=', record.readerId)
        .groupBy('r.id')
        .executeTakeFirst()
      return row?.seen ?? row?.first ?? null
    },

    applications: (record: OpenedRecord) =>
      db
        .selectFrom('applications as a')
        .innerJoin('libraries as l', 'l.id', 'a.library_id')
        .select([
          'a.id',
          'a.sent_at as sentAt',
          'a.outcome',
          'a.library_id as libraryId',
          'l.short_name as libraryName',
        ])
        .where('a.reader_id', '=', record.readerId)
        .orderBy('a.sent_at', 'desc')
        .execute(),

    /** How many books are on loan: which ones is nobody's business. */
    async loansNow(record: OpenedRecord): Promise<number> {
      const { count } = await db
        .selectFrom('loans')
        .select((eb) => eb.fn.countAll<number>().as('count'))
        .where('reader_id', '=', record.readerId)
        .where('ended_at', 'is', null)
        .where('due_at', '>', clock())
        .executeTakeFirstOrThrow()
      return Number(count)
    },

    /** What was mended of the record, newest first. */
    changes: (record: OpenedRecord) =>
      db
        .selectFrom('reader_changes as c')
        .leftJoin('staff as s', 's.id', 'c.changed_by')
        .select([
          'c.id',
          'c.fields',
          'c.reason',
          'c.application_id as applicationId',
          's.full_name as by',
          'c.changed_at as at',
        ])
        .where('c.reader_id', '=', record.readerId)
        .orderBy('c.changed_at', 'desc')
        .limit(20)
        .execute(),
  }
}
