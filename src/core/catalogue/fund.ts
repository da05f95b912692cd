import { z } from 'zod'
import type { AuditLog } from '../audit/audit.ts'
import { byStaff } from '../audit/audit.ts'
import type { NewLicence } from '../licences/licences.ts'
import { addLicence } from '../licences/licences.ts'
import type { Clock } from '../shared/clock.ts'
import type { Database } from '../shared/db.ts'
import { inTransaction, sql } from '../shared/db.ts'
import { notFound } from '../shared/errors.ts'
import type { Authorised } from '../staff/actors.ts'
import type { AgeMark } from './age.ts'
import { ageMarks } from './age.ts'

/** «0» … «18», or '' for "without a mark". */
export const ageMarkField = z
  .string()
  .refine((text) => text === '' || ageMarks.some((mark) => String(mark) === text), 'age_mark_unreadable')
  .transform((text) => (text === '' ? null : (Number(text) as AgeMark)))

/** A batch's mark has to be chosen, if only `none`: an empty field is a question that wasn't answered. */
export const batchAgeMarkField = z
  .string('age_mark_unreadable')
  .min(1, 'age_mark_unreadable')
  .transform((text) => (text === 'none' ? '' : text))
  .pipe(ageMarkField)

export const fundLists = ['all', 'unmarked', 'unlicensed'] as const
export type FundList = (typeof fundLists)[number]

export interface FundRow {
  id: string
  title: string
  authors: string[]
  ageMark: number | null
  /** 'open', a number of copies, or null without a licence. */
  licence: 'open' | number | null
  out: number
}

const pageSize = 200

export type Fund = ReturnType<typeof createFund>

/** The fund as its curator keeps it: everything, whatever the age mark. */
export function createFund(deps: { db: Database; clock: Clock; audit: AuditLog }) {
  const { db, clock, audit } = deps
  return {
    /** The newest first; `unmarked` and `unlicensed` are what readers can't have yet. */
    async list(_actor: Authorised<'catalogue.read'>, list: FundList): Promise<FundRow[]> {
      let query = db
        .selectFrom('publications as p')
        .select([
          'p.id',
          'p.title',
          'p.authors',
          'p.age_mark',
          sql<boolean>`coalesce((select bool_or(kind = 'open') from licences where publication_id = p.id), false)`.as(
            'open',
          ),
          sql<number | null>`(select sum(copies) from licences where publication_id = p.id)`.as('copies'),
          sql<number>`(select count(*) from loans where publication_id = p.id and ended_at is null and due_at > ${clock()})`.as(
            'out',
          ),
        ])
        .orderBy('p.added_at', 'desc')
        .orderBy('p.id', 'desc')
        .limit(pageSize)
      if (list === 'unmarked') query = query.where('p.age_mark', 'is', null)
      if (list === 'unlicensed')
        query = query.where(sql<boolean>`not exists (select from licences where publication_id = p.id)`)
      return (await query.execute()).map((row) => ({
        id: row.id,
        title: row.title,
        authors: row.authors,
        ageMark: row.age_mark,
        licence: row.open ? 'open' : row.copies === null ? null : Number(row.copies),
        out: Number(row.out),
      }))
    },

    /** Sets the age mark, and adds a licence when one is given. @throws notFound */
    async mend(
      actor: Authorised<'catalogue.manage'>,
      id: string,
      change: { ageMark: AgeMark | null; licence: NewLicence | null },
    ): Promise<void> {
      await inTransaction(db, async (tx) => {
        await tx
          .updateTable('publications')
          .set({ age_mark: change.ageMark })
          .where('id', '=', id)
          .returning('id')
          .executeTakeFirstOrThrow(() => notFound())
        if (change.licence) await addLicence(tx, id, change.licence, clock())
        await audit.append(tx, {
          at: clock(),
          actor: byStaff(actor.staffId),
          action: 'catalogue.mend',
          subject: { kind: 'publication', id },
          details: { ageMark: change.ageMark, licence: change.licence?.kind ?? null },
        })
      })
    },
  }
}
