import type { Database, Transaction } from '../shared/db.ts'
import { sql } from '../shared/db.ts'

/** One thing that somebody did or looked at. */
export interface TrailEntry {
  seq: number
  at: Date
  action: string
  actorKind: string
  /** Of a staff member, as far as they still are on record. */
  actorName: string | null
  roles: string[]
  libraries: string[]
}

/**
 * Everything that the log has about a person: entries about his records and questionnaires, and the lists
 * that showed them. The oldest first.
 */
export async function trailOf(
  db: Database | Transaction,
  ids: { readers: readonly string[]; applications: readonly string[] },
): Promise<TrailEntry[]> {
  const shown = [...ids.readers, ...ids.applications]
  const { rows } = await sql<TrailEntry>`
    select a.seq, a.at, a.action, a.actor_kind as "actorKind", s.full_name as "actorName",
      coalesce((select array_agg(distinct r.role) from staff_roles r where r.staff_id = s.id), '{}') as roles,
      coalesce((select array_agg(distinct l.name) from staff_roles r join libraries l on l.id = r.library_id
        where r.staff_id = s.id), '{}') as libraries
    from audit_log a left join staff s on a.actor_kind = 'staff' and s.id = a.actor_id
    where (a.subject_kind = 'reader' and a.subject_id = any(${ids.readers}::text[]))
      or (a.subject_kind = 'application' and a.subject_id = any(${ids.applications}::text[]))
      or (a.details ? 'ids' and a.details -> 'ids' ?| ${shown}::text[])
      or (a.details ? 'applications' and a.details -> 'applications' ?| ${ids.applications}::text[])
    order by a.seq`.execute(db)
  return rows
}
