import type { AuditLog } from '../audit/audit.ts'
import { byStaff } from '../audit/audit.ts'
import type { OpenedRecord } from '../readers/record.queries.ts'
import type { Clock } from '../shared/clock.ts'
import { after, days } from '../shared/clock.ts'
import type { Database } from '../shared/db.ts'
import { inTransaction } from '../shared/db.ts'
import { notFound } from '../shared/errors.ts'
import type { Authorised } from '../staff/actors.ts'
import type { Destroyed, OpenDestruction } from './destructions.ts'

/** How long acts and extracts are kept (order 179 of Roskomnadzor, 2022). */
const keptFor = days(3 * 366)

export interface WaitingDestruction extends OpenDestruction {
  readerId: string
  readerName: string
  libraryName: string
  cardNumbers: string[]
  /** An account at the outside service, which is to be closed there. */
  provider: { name: string; number: string } | null
}

export interface DoneDestruction {
  id: string
  cardNumbers: string[]
  libraryName: string
  doneAt: Date
}

/** What the act needs. */
export interface DestructionFacts {
  id: string
  cardNumbers: string[]
  libraryName: string
  byReader: boolean
  askedAt: Date
  doneAt: Date
  /** Undefined when the term's job did it. */
  doneBy: { fullName: string; roles: string[] } | undefined
  destroyed: Destroyed
}

export function createDestructionQueries(deps: { db: Database; clock: Clock; audit: AuditLog }) {
  const { db, clock, audit } = deps
  return {
    /** Revocations that wait to be carried out, the one due soonest first; the look is audited. */
    waiting(actor: Authorised<'destructions.decide'>): Promise<WaitingDestruction[]> {
      return inTransaction(db, async (tx) => {
        const rows = await tx
          .selectFrom('destructions as d')
          .innerJoin('readers as r', 'r.id', 'd.reader_id')
          .innerJoin('libraries as l', 'l.id', 'r.library_id')
          .leftJoinLateral(
            (eb) =>
              eb
                .selectFrom('provider_closings as c')
                .select(['c.provider', 'c.number'])
                .whereRef('c.reader_id', '=', 'r.id')
                .where('c.closed_at', 'is', null)
                .orderBy('c.asked_at', 'desc')
                .limit(1)
                .as('p'),
            (join) => join.onTrue(),
          )
          .select([
            'd.id',
            'd.reader_id as readerId',
            'd.card_numbers as cardNumbers',
            'd.asked_at as askedAt',
            'd.due_at as dueAt',
            'd.asked_by_staff',
            'r.full_name as readerName',
            'l.short_name as libraryName',
            'p.provider',
            'p.number',
          ])
          .where('d.done_at', 'is', null)
          .where('d.called_off_at', 'is', null)
          .orderBy('d.due_at')
          .execute()
        if (rows.length > 0)
          await audit.append(tx, {
            at: clock(),
            actor: byStaff(actor.staffId),
            action: 'destructions.list',
            subject: { kind: 'reader', id: null },
            details: { ids: rows.map((row) => row.readerId) },
          })
        return rows.map(({ asked_by_staff: staff, provider, number, ...row }) => ({
          ...row,
          byReader: staff === null,
          provider: provider === null ? null : { name: provider, number: number ?? '' },
        }))
      })
    },

    /** The revocation that is under way for a reader whose record is open. */
    ofRecord: ({ readerId }: OpenedRecord): Promise<OpenDestruction | undefined> =>
      openDestruction(db, readerId),

    /** How many wait; no personal data, so no audit. */
    async countWaiting(_actor: Authorised<'destructions.decide'>): Promise<number> {
      const { n } = await db
        .selectFrom('destructions')
        .select((eb) => eb.fn.countAll<number>().as('n'))
        .where('done_at', 'is', null)
        .where('called_off_at', 'is', null)
        .executeTakeFirstOrThrow()
      return Number(n)
    },

    /** What was carried out, the latest first: acts and extracts are kept three years. */
    done: (_actor: Authorised<'destructions.decide'>): Promise<DoneDestruction[]> =>
      db
        .selectFrom('destructions as d')
        .innerJoin('libraries as l', 'l.id', 'd.library_id')
        .select([
          'd.id',
          'd.card_numbers as cardNumbers',
          'l.short_name as libraryName',
          'd.done_at as doneAt',
        ])
        .where('d.done_at', 'is not', null)
        .$narrowType<{ doneAt: Date }>()
        .where('d.done_at', '>', after(clock(), -keptFor))
        .orderBy('d.done_at', 'desc')
        .execute(),

    /** What is known of a destruction that was carried out; the look is audited. @throws notFound */
    facts(actor: Authorised<'destructions.decide'>, id: string): Promise<DestructionFacts> {
      return inTransaction(db, async (tx) => {
        const row = await tx
          .selectFrom('destructions as d')
          .innerJoin('libraries as l', 'l.id', 'd.library_id')
          .leftJoin('staff as s', 's.id', 'd.done_by')
          .selectAll('d')
          .select(['l.name as libraryName', 's.full_name as doneByName'])
          .where('d.id', '=', id)
          .where('d.done_at', 'is not', null)
          .executeTakeFirstOrThrow(() => notFound())
        const roles = row.done_by
          ? await tx.selectFrom('staff_roles').select('role').where('staff_id', '=', row.done_by).execute()
          : []
        await audit.append(tx, {
          at: clock(),
          actor: byStaff(actor.staffId),
          action: 'destructions.open',
          subject: { kind: 'destruction', id },
          libraryId: row.library_id,
        })
        return {
          id,
          cardNumbers: row.card_numbers,
          libraryName: row.libraryName,
          byReader: row.asked_by_staff === null,
          askedAt: row.asked_at,
          doneAt: row.done_at ?? row.due_at,
          doneBy: row.doneByName
            ? { fullName: row.doneByName, roles: roles.map(({ role }) => role) }
            : undefined,
          destroyed: row.destroyed as unknown as Destroyed,
        }
      })
    },
  }
}

/** The revocation that is under way for a reader. */
async function openDestruction(db: Database, readerId: string): Promise<OpenDestruction | undefined> {
  const row = await db
    .selectFrom('destructions')
    .select(['id', 'asked_at as askedAt', 'due_at as dueAt', 'asked_by_staff'])
    .where('reader_id', '=', readerId)
    .where('done_at', 'is', null)
    .where('called_off_at', 'is', null)
    .executeTakeFirst()
  return row && { id: row.id, askedAt: row.askedAt, dueAt: row.dueAt, byReader: row.asked_by_staff === null }
}
