import { z } from 'zod'
import type { AuditLog } from '../audit/audit.ts'
import { byStaff } from '../audit/audit.ts'
import type { Clock } from '../shared/clock.ts'
import type { Database, Transaction } from '../shared/db.ts'
import { inTransaction } from '../shared/db.ts'
import { expected, notFound } from '../shared/errors.ts'
import type { Authorised, ReaderActor } from '../staff/actors.ts'

/** So many unanswered requests of one reader are enough to be read. */
const mostOpen = 3
/** How many are listed; the open ones come first. */
export const mostListed = 50

export const tooManyCorrections = expected('corrections.too_many', 409)
export const answeredAlready = expected('corrections.answered', 409)

export const correctionSchema = z.object({
  text: z.string().trim().min(1, 'correction_missing').max(1000, 'correction_long'),
})
export const answerSchema = z.object({
  id: z.uuid(),
  answer: z.string().trim().min(1, 'correction_answer_missing').max(1000, 'correction_long'),
})

export interface Correction {
  id: string
  text: string
  askedAt: Date
  answer: string | null
  answeredAt: Date | null
}

export interface CorrectionForStaff extends Correction {
  readerId: string
  readerName: string
  libraryName: string
}

/** A reader asks for his data to be corrected (152-ФЗ art. 14); his library or the operators answer. */
export function createCorrections(deps: { db: Database; clock: Clock; audit: AuditLog }) {
  const { db, clock, audit } = deps
  return {
    /** The same words once more, as by a second click, are the same request. @throws tooManyCorrections */
    async ask(actor: ReaderActor, text: string): Promise<void> {
      const now = clock()
      const { readerId } = actor
      await inTransaction(db, async (tx) => {
        const reader = await tx
          .selectFrom('readers')
          .select('library_id')
          .where('id', '=', readerId)
          // On a record that was merged meanwhile nobody would see the request.
          .where('merged_into', 'is', null)
          .forNoKeyUpdate()
          .executeTakeFirstOrThrow(() => notFound())
        const open = await tx
          .selectFrom('correction_requests')
          .select('text')
          .where('reader_id', '=', readerId)
          .where('answered_at', 'is', null)
          .execute()
        if (open.some((each) => each.text === text)) return
        if (open.length >= mostOpen) throw tooManyCorrections({ most: mostOpen })
        await tx
          .insertInto('correction_requests')
          .values({ reader_id: readerId, text, asked_at: now })
          .execute()
        await audit.append(tx, {
          at: now,
          actor: { kind: 'reader', id: readerId },
          action: 'corrections.ask',
          subject: { kind: 'reader', id: readerId },
          libraryId: reader.library_id,
        })
      })
    },

    /** The reader's own requests with their answers, the newest first. */
    own: (actor: ReaderActor): Promise<Correction[]> => correctionsOf(db, actor.readerId),

    /**
     * Requests of the actor's libraries: the open ones, the longest waiting first, then the answered; and
     * whether there are more.
     */
    list(actor: Authorised<'corrections.answer'>): Promise<{ rows: CorrectionForStaff[]; more: boolean }> {
      return inTransaction(db, async (tx) => {
        let query = tx
          .selectFrom('correction_requests as c')
          .innerJoin('readers as r', 'r.id', 'c.reader_id')
          .innerJoin('libraries as l', 'l.id', 'r.library_id')
          .select([
            'c.id',
            'c.text',
            'c.asked_at as askedAt',
            'c.answer',
            'c.answered_at as answeredAt',
            'r.id as readerId',
            'r.full_name as readerName',
            'l.short_name as libraryName',
          ])
        if (actor.libraries !== 'all') query = query.where('r.library_id', 'in', [...actor.libraries])
        const found = await query
          .orderBy('c.answered_at', (order) => order.desc().nullsFirst())
          .orderBy('c.asked_at')
          .limit(mostListed + 1)
          .execute()
        const rows = found.slice(0, mostListed)
        if (rows.length > 0)
          await audit.append(tx, {
            at: clock(),
            actor: byStaff(actor.staffId),
            action: 'corrections.list',
            subject: { kind: 'reader', id: null },
            details: { ids: [...new Set(rows.map((row) => row.readerId))] },
          })
        return { rows, more: found.length > rows.length }
      })
    },

    /** How many wait for an answer; no personal data, so no audit. */
    async waiting(actor: Authorised<'corrections.answer'>): Promise<number> {
      let query = db
        .selectFrom('correction_requests as c')
        .innerJoin('readers as r', 'r.id', 'c.reader_id')
        .select((eb) => eb.fn.countAll<number>().as('n'))
        .where('c.answered_at', 'is', null)
      if (actor.libraries !== 'all') query = query.where('r.library_id', 'in', [...actor.libraries])
      return Number((await query.executeTakeFirstOrThrow()).n)
    },

    /** @throws notFound; answeredAlready when somebody was faster */
    async answer(
      actor: Authorised<'corrections.answer'>,
      input: z.infer<typeof answerSchema>,
    ): Promise<void> {
      const now = clock()
      await inTransaction(db, async (tx) => {
        const found = await tx
          .selectFrom('correction_requests as c')
          .innerJoin('readers as r', 'r.id', 'c.reader_id')
          .select(['c.reader_id', 'c.answered_at', 'r.library_id'])
          .where('c.id', '=', input.id)
          .forUpdate('c')
          .executeTakeFirst()
        if (!found || (actor.libraries !== 'all' && !actor.libraries.includes(found.library_id)))
          throw notFound()
        if (found.answered_at) throw answeredAlready()
        await tx
          .updateTable('correction_requests')
          .set({ answer: input.answer, answered_by: actor.staffId, answered_at: now })
          .where('id', '=', input.id)
          .execute()
        await audit.append(tx, {
          at: now,
          actor: byStaff(actor.staffId),
          action: 'corrections.answer',
          subject: { kind: 'reader', id: found.reader_id },
          libraryId: found.library_id,
        })
      })
    },
  }
}

export const correctionsOf = (db: Database | Transaction, readerId: string): Promise<Correction[]> =>
  db
    .selectFrom('correction_requests')
    .select(['id', 'text', 'asked_at as askedAt', 'answer', 'answered_at as answeredAt'])
    .where('reader_id', '=', readerId)
    .orderBy('asked_at', 'desc')
    .execute()
