import type { AgeMark } from '../catalogue/age.ts'
import { highestMark, mayRead } from '../catalogue/age.ts'
import { checkStanding } from '../consents/standing.ts'
import { readSettings } from '../settings/settings.ts'
import { addDays, dateIn, endOfDay } from '../shared/calendar.ts'
import type { Clock } from '../shared/clock.ts'
import type { Database, Transaction } from '../shared/db.ts'
import { inTransaction, sql, violatedUnique } from '../shared/db.ts'
import { expected, notFound } from '../shared/errors.ts'
import type { ReaderActor } from '../staff/actors.ts'

export const noFreeCopy = expected('circulation.no_free_copy', 409)
export const tooManyLoans = expected('circulation.too_many_loans', 409)
export const notLent = expected('circulation.not_lent', 403)

export interface Loan {
  id: string
  publicationId: string
  dueAt: Date
}

export type Circulation = ReturnType<typeof createCirculation>

export function createCirculation(deps: { db: Database; clock: Clock }) {
  const { db, clock } = deps

  return {
    /**
     * Lends a publication. Asking again for what one has gives the same loan.
     * @throws notFound (unknown, too young), noFreeCopy, tooManyLoans; consentNeeded, renewalNeeded when
     * borrowing waits for the reader
     */
    async borrow(actor: ReaderActor, publicationId: string): Promise<Loan> {
      const settings = await readSettings(db)
      const zone = settings['region.timeZone']
      const now = clock()
      const highest = highestMark(actor, dateIn(zone, now))
      // The loan runs through the whole of its last day, as the reader's own calendar counts days.
      const dueAt = endOfDay(zone, addDays(dateIn(zone, now), settings['loans.days']))
      try {
        return await inTransaction(db, async (tx) => {
          await closeDue(tx, now, { readerId: actor.readerId, publicationId })
          const before = await loanOf(tx, actor.readerId, publicationId, now)
          if (before) return before
          await checkAge(tx, publicationId, highest)
          await lockReader(tx, actor.readerId)
          await checkStanding(tx, actor.readerId, dateIn(zone, now), settings)
          await checkCount(tx, actor.readerId, settings['loans.most'], now)
          const licenceId = await freeLicence(tx, publicationId, now)
          const { id } = await tx
            .insertInto('loans')
            .values({
              publication_id: publicationId,
              licence_id: licenceId,
              reader_id: actor.readerId,
              borrowed_at: now,
              due_at: dueAt,
            })
            .returning('id')
            .executeTakeFirstOrThrow()
          return { id, publicationId, dueAt }
        })
      } catch (error) {
        // A second click at the same moment: its twin has made the loan.
        if (violatedUnique(error) !== 'loans_one_per_reader') throw error
        const twin = await loanOf(db, actor.readerId, publicationId, clock())
        if (!twin) throw error
        return twin
      }
    },

    /** Gives a loan back; one that has ended already stays as it is. @throws notFound */
    async giveBack(actor: ReaderActor, loanId: string): Promise<void> {
      const now = clock()
      await inTransaction(db, async (tx) => {
        const loan = await tx
          .selectFrom('loans')
          .select(['id', 'ended_at'])
          .where('id', '=', loanId)
          .where('reader_id', '=', actor.readerId)
          .forUpdate()
          .executeTakeFirstOrThrow(() => notFound())
        if (loan.ended_at) return
        await tx
          .updateTable('loans')
          .set({ ended_at: now, end_reason: 'returned' })
          .where('id', '=', loanId)
          .execute()
      })
    },

    /** Marks loans past their due moment as ended. Rights end at the moment itself; this only keeps the books. */
    async closeDueLoans(): Promise<number> {
      return inTransaction(db, (tx) => closeDue(tx, clock(), {}))
    },
  }
}

/** Ends every running loan of these readers: their copies come free. How many it were. */
export async function endLoans(tx: Transaction, readerIds: readonly string[], now: Date): Promise<number> {
  const { numUpdatedRows } = await tx
    .updateTable('loans')
    .set({ ended_at: now, end_reason: 'returned' })
    .where('reader_id', 'in', readerIds)
    .where('ended_at', 'is', null)
    .executeTakeFirstOrThrow()
  return Number(numUpdatedRows)
}

async function closeDue(
  tx: Transaction,
  now: Date,
  only: { readerId?: string; publicationId?: string },
): Promise<number> {
  let query = tx
    .updateTable('loans')
    .set({ ended_at: sql<Date>`due_at`, end_reason: 'due' })
    .where('ended_at', 'is', null)
    .where('due_at', '<=', now)
  if (only.readerId) query = query.where('reader_id', '=', only.readerId)
  if (only.publicationId) query = query.where('publication_id', '=', only.publicationId)
  const { numUpdatedRows } = await query.executeTakeFirstOrThrow()
  return Number(numUpdatedRows)
}

async function loanOf(
  db: Database | Transaction,
  readerId: string,
  publicationId: string,
  now: Date,
): Promise<Loan | undefined> {
  const row = await db
    .selectFrom('loans')
    .select(['id', 'due_at'])
    .where('reader_id', '=', readerId)
    .where('publication_id', '=', publicationId)
    .where('ended_at', 'is', null)
    .where('due_at', '>', now)
    .executeTakeFirst()
  return row && { id: row.id, publicationId, dueAt: row.due_at }
}

async function checkAge(tx: Transaction, publicationId: string, highest: AgeMark): Promise<void> {
  const publication = await tx
    .selectFrom('publications')
    .select('age_mark')
    .where('id', '=', publicationId)
    .executeTakeFirstOrThrow(() => notFound())
  if (!mayRead(publication.age_mark, highest)) throw notFound()
}

/** The reader's row is the lock: two publications borrowed at once by one reader are counted one by one. */
const lockReader = (tx: Transaction, readerId: string) =>
  tx
    .selectFrom('readers')
    .select('id')
    .where('id', '=', readerId)
    // A record that was merged meanwhile borrows nothing: nobody would see the loan.
    .where('merged_into', 'is', null)
    .forNoKeyUpdate()
    .executeTakeFirstOrThrow(() => notFound())

async function checkCount(tx: Transaction, readerId: string, most: number, now: Date): Promise<void> {
  const { count } = await tx
    .selectFrom('loans')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('reader_id', '=', readerId)
    .where('ended_at', 'is', null)
    .where('due_at', '>', now)
    .executeTakeFirstOrThrow()
  if (Number(count) >= most) throw tooManyLoans({ most })
}

/**
 * A licence with a free copy, locked until commit, so that no licence is ever exceeded.
 * @throws noFreeCopy
 */
async function freeLicence(tx: Transaction, publicationId: string, now: Date): Promise<string> {
  const licences = await tx
    .selectFrom('licences')
    .select(['id', 'kind', 'copies'])
    .where('publication_id', '=', publicationId)
    .orderBy('id')
    .execute()
  const open = licences.find((licence) => licence.kind === 'open')
  if (open) return open.id
  for (const licence of licences) {
    await tx.selectFrom('licences').select('id').where('id', '=', licence.id).forNoKeyUpdate().execute()
    const { out } = await tx
      .selectFrom('loans')
      .select((eb) => eb.fn.countAll<number>().as('out'))
      .where('licence_id', '=', licence.id)
      .where('ended_at', 'is', null)
      .where('due_at', '>', now)
      .executeTakeFirstOrThrow()
    if (Number(out) < (licence.copies ?? 0)) return licence.id
  }
  throw noFreeCopy()
}
