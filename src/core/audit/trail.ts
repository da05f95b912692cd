import type { Database, Transaction } from '../shared/db.ts'
import { sql } from '../shared/db.ts'

/** Under which ids the log knows a person. */
export interface PersonIds {
  readers: readonly string[]
  applications: readonly string[]
}

/** One thing that somebody did or looked at. */
export interface TrailEntry {
  seq: number
  at: Date
  action: string
  actorKind: string
  actorId: string | null
  /** Of a staff member, as far as they still are on record. */
  actorName: string | null
  roles: string[]
  libraries: string[]
}

/**
 * The numbers of all entries about a person: about his records and questionnaires, and of the lists that showed
 * them. Each part has an index of its own.
 */
export const entriesAbout = ({ readers, applications }: PersonIds) => {
  const shown = [...readers, ...applications]
  return sql<number>`
    select seq from audit_log where subject_kind = 'reader' and subject_id = any(${[...readers]}::text[])
    union select seq from audit_log
      where subject_kind = 'application' and subject_id = any(${[...applications]}::text[])
    union select seq from audit_log where details ? 'ids' and details -> 'ids' ?| ${shown}::text[]
    union select seq from audit_log
      where details ? 'applications' and details -> 'applications' ?| ${[...applications]}::text[]`
}

/** Everything that the log has about a person, the oldest first. */
export async function trailOf(db: Database | Transaction, ids: PersonIds): Promise<TrailEntry[]> {
  const { rows } = await sql<TrailEntry>`
    select a.seq, a.at, a.action, a.actor_kind as "actorKind", a.actor_id as "actorId", s.full_name as "actorName",
      ${rolesHeld} as roles, ${librariesHeld} as libraries
    from audit_log a left join staff s on a.actor_kind = 'staff' and s.id = a.actor_id
    where a.seq in (${entriesAbout(ids)})
    order by a.seq`.execute(db)
  return rows
}

/** Of the staff member `s`, as they are now. */
export const rolesHeld = sql<string[]>`
  coalesce((select array_agg(distinct r.role) from staff_roles r where r.staff_id = s.id), '{}')`
export const librariesHeld = sql<string[]>`
  coalesce((select array_agg(distinct l.name) from staff_roles r join libraries l on l.id = r.library_id
    where r.staff_id = s.id), '{}')`
