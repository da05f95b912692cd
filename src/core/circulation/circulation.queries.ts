import { highestMark, mayRead } from '../catalogue/age.ts'
import { readSettings } from '../settings/settings.ts'
import { dateIn } from '../shared/calendar.ts'
import type { Clock } from '../shared/clock.ts'
import type { Database, Transaction } from '../shared/db.ts'
import type { ReaderActor } from '../staff/actors.ts'
import { notLent } from './circulation.commands.ts'

export interface ShelfLoan {
  id: string
  publicationId: string
  title: string
  authors: string[]
  hasCover: boolean
  dueAt: Date
  /** 0…1 of the text read, or null when not begun. */
  fraction: number | null
}

export interface OpenLoan {
  id: string
  publicationId: string
  title: string
  dueAt: Date
}

/** What a reader has on loan now, the one due soonest first. */
export async function shelf(db: Database, clock: Clock, actor: ReaderActor): Promise<ShelfLoan[]> {
  const rows = await db
    .selectFrom('loans')
    .innerJoin('publications as p', 'p.id', 'loans.publication_id')
    .leftJoin('reading_positions as r', (join) =>
      join.onRef('r.publication_id', '=', 'p.id').onRef('r.reader_id', '=', 'loans.reader_id'),
    )
    .select([
      'loans.id',
      'p.id as publicationId',
      'p.title',
      'p.authors',
      'p.has_cover as hasCover',
      'loans.due_at as dueAt',
      'r.fraction',
    ])
    .where('loans.reader_id', '=', actor.readerId)
    .where('ended_at', 'is', null)
    .where('due_at', '>', clock())
    .orderBy('due_at')
    .orderBy('loans.id')
    .execute()
  return rows
}

/** The reader's loan of this publication that runs now, if any. */
export const loanFor = (db: Database, clock: Clock, actor: ReaderActor, publicationId: string) =>
  db
    .selectFrom('loans')
    .select(['id', 'due_at as dueAt'])
    .where('reader_id', '=', actor.readerId)
    .where('publication_id', '=', publicationId)
    .where('ended_at', 'is', null)
    .where('due_at', '>', clock())
    .executeTakeFirst()

/**
 * The right to read: the reader's own running loan of a publication that his age allows. Everything of a
 * book's text is behind this.
 * @throws notLent
 */
export async function openLoan(
  db: Database | Transaction,
  clock: Clock,
  actor: ReaderActor,
  loanId: string,
): Promise<OpenLoan> {
  const now = clock()
  const row = await db
    .selectFrom('loans')
    .innerJoin('publications as p', 'p.id', 'loans.publication_id')
    .select(['loans.id', 'p.id as publicationId', 'p.title', 'p.age_mark', 'loans.due_at as dueAt'])
    .where('loans.id', '=', loanId)
    .where('reader_id', '=', actor.readerId)
    .where('ended_at', 'is', null)
    .where('due_at', '>', now)
    .executeTakeFirst()
  if (!row) throw notLent()
  const today = dateIn((await readSettings(db))['region.timeZone'], now)
  if (!mayRead(row.age_mark, highestMark(actor, today))) throw notLent()
  return { id: row.id, publicationId: row.publicationId, title: row.title, dueAt: row.dueAt }
}
