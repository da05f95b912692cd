import type { CardState } from '../cards/moves.ts'
import type { Database, Transaction } from '../shared/db.ts'
import { sql } from '../shared/db.ts'

/** What of a record helps to tell whether it is the same person, and what would become of it. */
export interface ReaderFacts {
  readerId: string
  fullName: string
  birthDate: string
  email: string | null
  phone: string | null
  libraryId: string
  libraryName: string
  registeredAt: Date
  /** The valid card, else the newest. */
  card: { number: string; state: CardState } | null
  /** The newest session, else the first sign-in. */
  lastSeenAt: Date | null
  lastLoanAt: Date | null
}

/** The facts of these records, in the order of the ids; who is gone is left out. */
export async function readerFacts(
  db: Database | Transaction,
  readerIds: readonly string[],
): Promise<ReaderFacts[]> {
  if (readerIds.length === 0) return []
  const { rows } = await sql<Omit<ReaderFacts, 'card'> & { number: string | null; state: CardState | null }>`
    select r.id as "readerId", r.full_name as "fullName", r.birth_date as "birthDate", r.email, r.phone,
      r.library_id as "libraryId", l.short_name as "libraryName", r.created_at as "registeredAt",
      c.number, c.state,
      coalesce((select max(seen_at) from sessions where reader_id = r.id), r.first_signed_in_at) as "lastSeenAt",
      (select max(borrowed_at) from loans where reader_id = r.id) as "lastLoanAt"
    from unnest(${[...readerIds]}::uuid[]) with ordinality as asked (id, place)
    join readers r on r.id = asked.id
    join libraries l on l.id = r.library_id
    left join lateral (
      select number, state from cards where reader_id = r.id
      order by state = 'issued' desc, issued_at desc limit 1
    ) c on true
    order by asked.place`.execute(db)
  return rows.map(({ number, state, ...facts }) => ({
    ...facts,
    card: number !== null && state !== null ? { number, state } : null,
  }))
}
