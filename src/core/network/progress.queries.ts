import { ownFund } from '../settings/provider.ts'
import { readSettings } from '../settings/settings.ts'
import type { Database } from '../shared/db.ts'
import { sql } from '../shared/db.ts'
import { notFound } from '../shared/errors.ts'
import type { Authorised } from '../staff/actors.ts'
import type { Library } from './network.ts'
import type { StuckAt } from './network.schemas.ts'
import { stuckAtOf } from './progress.ts'
import type { Steps } from './progress.ts'

/** A library with its way so far. */
export interface LibraryProgress extends Library, Steps {
  closedAt: Date | null
  stuckAt: StuckAt
  /** People who can sign in there. */
  staff: number
  questionnaires: number
  readers: number
  /** Readers who have opened a book that they took. */
  reading: number
}

export interface NetworkProgress {
  central: LibraryProgress
  /** By name, the closed ones last. */
  districts: LibraryProgress[]
  /** Of the open ones, how many are stuck where. */
  counts: Record<StuckAt, number>
  /** Whether books are read here, so that it is known who reads. */
  reads: boolean
}

export function createNetworkQueries(db: Database) {
  async function progress(id?: string): Promise<{ libraries: LibraryProgress[]; reads: boolean }> {
    const reads = ownFund(await readSettings(db))
    const { rows } = await sql<Omit<LibraryProgress, 'stuckAt'>>`
      select l.id, l.code, l.kind, l.name, l.short_name, l.municipality, l.address, l.phone, l.email,
        l.closed_at as "closedAt", w.invited as "invitedAt", w.signed_in as "signedInAt", w.staff::int,
        a.first as "questionnaireAt", coalesce(a.count, 0)::int as questionnaires,
        coalesce(r.count, 0)::int as readers, b.first as "readingAt", coalesce(b.count, 0)::int as reading
      from libraries l
      left join lateral (
        select min(h.since) as invited, min(greatest(s.first_signed_in_at, h.since)) filter (
            where s.first_signed_in_at is not null) as signed_in,
          count(distinct s.id) filter (where s.disabled_at is null and s.password_hash <> '') as staff
        from staff_roles h join staff s on s.id = h.staff_id where h.library_id = l.id) w on true
      left join lateral (
        select min(sent_at) as first, count(*) as count from applications where library_id = l.id) a on true
      left join lateral (
        select count(*) as count from readers where library_id = l.id and merged_into is null) r on true
      left join lateral (
        select min(n.borrowed_at) as first, count(distinct n.reader_id) as count
        from readers e join loans n on n.reader_id = e.id
        join reading_positions p on p.reader_id = n.reader_id and p.publication_id = n.publication_id
        where e.library_id = l.id) b on true
      where ${id ?? null}::uuid is null or l.id = ${id ?? null}
      order by l.kind, l.closed_at is not null, l.name`.execute(db)
    return { libraries: rows.map((row) => ({ ...row, stuckAt: stuckAtOf(row, reads) })), reads }
  }

  return {
    /** Every library with what it has done so far. */
    async progress(_actor: Authorised<'network.manage'>): Promise<NetworkProgress> {
      const { libraries, reads } = await progress()
      const [central, ...districts] = libraries
      if (!central) throw notFound()
      const counts = { invited: 0, signed_in: 0, questionnaire: 0, reading: 0, done: 0 }
      for (const library of districts) if (!library.closedAt) counts[library.stuckAt] += 1
      return { central, districts, counts, reads }
    },

    /** @throws notFound */
    async library(
      _actor: Authorised<'network.manage'>,
      id: string,
    ): Promise<{ library: LibraryProgress; reads: boolean }> {
      const { libraries, reads } = await progress(id)
      const [library] = libraries
      if (!library) throw notFound()
      return { library, reads }
    },
  }
}
