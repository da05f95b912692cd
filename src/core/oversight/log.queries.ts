import type { AuditEntry, AuditLog } from '../audit/audit.ts'
import { byStaff } from '../audit/audit.ts'
import { storedHead } from '../audit/chain.ts'
import type { PersonIds, TrailEntry } from '../audit/trail.ts'
import { entriesAbout, rolesHeld, trailOf } from '../audit/trail.ts'
import { readSettings } from '../settings/settings.ts'
import { endOfDay, momentIn } from '../shared/calendar.ts'
import type { Clock } from '../shared/clock.ts'
import type { Database, Transaction } from '../shared/db.ts'
import { inTransaction, planForValues, sql } from '../shared/db.ts'
import type { Authorised } from '../staff/actors.ts'
import type { LogFilter } from './log.schemas.ts'
import type { LoggedPerson } from './persons.ts'
import { idsOfPerson, mostPersons, personBy, personsNamed } from './persons.ts'

/** An entry with what is known about its ids; no value ever stood in it. */
export interface LogEntry {
  seq: number
  at: Date
  action: string
  actorKind: string
  actorId: string | null
  /** Of a staff member. */
  actorName: string | null
  roles: string[]
  subjectKind: string
  subjectId: string | null
  /** Of a staff member, whom it was about. */
  subjectName: string | null
  libraryName: string | null
  details: Record<string, unknown>
}

export interface LogPage {
  /** Whom the log was searched for. */
  person: LoggedPerson | undefined
  entries: LogEntry[]
  /** The number of the last entry, when there are more. */
  next: number | undefined
}

type Auditor = Authorised<'audit.read'>

const pageSize = 50
const exportedAtOnce = 1000

export function createLogQueries(deps: { db: Database; clock: Clock; audit: AuditLog }) {
  const { db, clock, audit } = deps

  const note = (
    tx: Transaction,
    actor: Auditor,
    action: string,
    subject: AuditEntry['subject'],
    details: AuditEntry['details'] = {},
  ) => audit.append(tx, { at: clock(), actor: byStaff(actor.staffId), action, subject, details })

  return {
    /** Everybody who is or was on the staff, for the choice. */
    staff: (_actor: Auditor): Promise<{ id: string; fullName: string }[]> =>
      db
        .selectFrom('staff')
        .select(['id', 'full_name as fullName'])
        .orderBy('full_name')
        .orderBy('id')
        .execute(),

    /** Readers whom a card's number or a name means; that they were shown is in the log. */
    find(actor: Auditor, typed: string): Promise<{ persons: LoggedPerson[]; more: boolean }> {
      return inTransaction(db, async (tx) => {
        const found = await personsNamed(tx, typed)
        const persons = found.slice(0, mostPersons)
        await note(
          tx,
          actor,
          'audit.find-reader',
          { kind: 'reader', id: null },
          { ids: persons.map(({ id }) => id) },
        )
        return { persons, more: found.length > mostPersons }
      })
    },

    /**
     * A page of the log, the newest first. A look at what the log has about a person is in the log itself.
     * @param after the number of the entry that ended the page before
     * @throws notFound for a reader who was never there
     */
    page(actor: Auditor, filter: LogFilter, after?: number): Promise<LogPage> {
      return inTransaction(db, async (tx) => {
        const person = filter.reader === undefined ? undefined : await personBy(tx, filter.reader)
        const query = await conditions(tx, filter)
        const rows = await entries(tx, query, { after, most: pageSize + 1 })
        const shown = rows.slice(0, pageSize)
        const details = { ...named(filter), shown: shown.length }
        if (filter.reader)
          await note(tx, actor, 'audit.search', { kind: 'reader', id: filter.reader }, details)
        else if (filter.staff)
          await note(tx, actor, 'audit.search', { kind: 'staff', id: filter.staff }, details)
        return { person, entries: shown, next: rows.length > pageSize ? shown.at(-1)?.seq : undefined }
      })
    },

    /**
     * The entries as they are now, the newest first, a thousand in memory at a time. That they are given away is in
     * the log before the first of them goes out.
     */
    async begin(actor: Auditor, filter: LogFilter, format: string): Promise<AsyncGenerator<LogEntry>> {
      const query = await inTransaction(db, async (tx) => {
        if (filter.reader) await personBy(tx, filter.reader)
        const upTo = (await storedHead(tx)).seq
        const subject = { kind: filter.reader ? 'reader' : 'audit', id: filter.reader ?? null }
        await note(tx, actor, 'audit.export', subject, { ...named(filter), format })
        return { ...(await conditions(tx, filter)), upTo }
      })
      return (async function* () {
        for (let after: number | undefined; ;) {
          const rows = await entries(db, query, { after, most: exportedAtOnce })
          yield* rows
          after = rows.at(-1)?.seq
          if (rows.length < exportedAtOnce) return
        }
      })()
    },

    /** «Кто видел этого читателя»: all that was done and looked at, the oldest first. @throws notFound */
    whoSaw(
      actor: Auditor,
      readerId: string,
    ): Promise<{ person: LoggedPerson; trail: TrailEntry[]; at: Date }> {
      return inTransaction(db, async (tx) => {
        const person = await personBy(tx, readerId)
        const trail = await trailOf(tx, await idsOfPerson(tx, readerId))
        await note(tx, actor, 'audit.print', { kind: 'reader', id: readerId }, { entries: trail.length })
        return { person, trail, at: clock() }
      })
    },
  }
}

/** The filter in the log: which fields were used. The person and the staff member are ids. */
const named = (filter: LogFilter) => ({
  query: Object.entries(filter).flatMap(([name, value]) =>
    value && name !== 'reader' ? `${name}=${value}` : [],
  ),
})

interface Conditions {
  ids: PersonIds | undefined
  staff: string | undefined
  since: Date | undefined
  until: Date | undefined
  action: string | undefined
  /** The highest number. */
  upTo?: number
}

async function conditions(tx: Transaction, filter: LogFilter): Promise<Conditions> {
  const { 'region.timeZone': zone } = await readSettings(tx)
  return {
    ids: filter.reader ? await idsOfPerson(tx, filter.reader) : undefined,
    staff: filter.staff,
    since: filter.from ? momentIn(zone, filter.from, '00:00') : undefined,
    until: filter.to ? endOfDay(zone, filter.to) : undefined,
    action: filter.action,
  }
}

async function entries(
  db: Database | Transaction,
  { ids, staff, since, until, action, upTo }: Conditions,
  page: { after: number | undefined; most: number },
): Promise<LogEntry[]> {
  const { after, most } = page
  const cursor =
    after === undefined
      ? undefined
      : await db.selectFrom('audit_log').select(['at', 'seq']).where('seq', '=', after).executeTakeFirst()
  const parts = [
    sql`true`,
    ids && sql`a.seq in (${entriesAbout(ids)})`,
    staff && sql`a.actor_id = ${staff}::uuid`,
    since && sql`a.at >= ${since}`,
    until && sql`a.at <= ${until}`,
    action && sql`a.action = ${action}`,
    upTo !== undefined && sql`a.seq <= ${upTo}`,
    cursor && sql`(a.at, a.seq) < (${cursor.at}, ${cursor.seq})`,
  ].filter((part) => typeof part === 'object')
  // Names are looked up for the page alone, not for all that is sorted.
  const { rows } = await sql<LogEntry>`
    select a.seq, a.at, a.action, a.actor_kind as "actorKind", a.actor_id as "actorId",
      s.full_name as "actorName", ${rolesHeld} as roles, a.subject_kind as "subjectKind",
      a.subject_id as "subjectId", about.full_name as "subjectName", l.name as "libraryName", a.details
    from (
      select * from audit_log a where ${sql.join(parts, sql` and `)} ${planForValues}
      order by a.at desc, a.seq desc limit ${most}
    ) a
    left join staff s on a.actor_kind = 'staff' and s.id = a.actor_id
    left join staff about on a.subject_kind = 'staff' and about.id::text = a.subject_id
    left join libraries l on l.id = a.library_id
    order by a.at desc, a.seq desc`.execute(db)
  return rows
}
