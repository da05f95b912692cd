import type { AuditLog } from '../audit/audit.ts'
import { byStaff } from '../audit/audit.ts'
import { readSettings } from '../settings/settings.ts'
import { dateIn } from '../shared/calendar.ts'
import type { Clock } from '../shared/clock.ts'
import { after, days, hours } from '../shared/clock.ts'
import type { Database } from '../shared/db.ts'
import { inTransaction, sql } from '../shared/db.ts'
import type { Authorised } from '../staff/actors.ts'
import type { ApplicationRow } from './applications.queries.ts'
import type { ApplicationState } from './applications.ts'
import { applicationStates } from './applications.ts'
import { possibleDuplicates } from './possible-duplicates.ts'
import type { QueueFilter } from './queue.ts'
import { birthDatesOf } from './queue.ts'
import type { WaitEstimate } from './waiting.ts'
import { estimateWait } from './waiting.ts'

export interface QueueRow extends ApplicationRow {
  /** It waits longer than the region's set time. */
  overdue: boolean
  /** Who else works on it at this moment; null when nobody does. */
  heldBy: string | null
}

export interface QueuePage {
  rows: QueueRow[]
  /** Where the next page goes on; undefined on the last one. */
  next: string | undefined
}

export interface QueueCounts {
  /** Those that are done grow for ever: over all libraries only what is still to be done is counted. */
  states: Partial<Record<ApplicationState, number>>
  /** Of those that wait: for more than a day, for more than the set time. */
  overDay: number
  overdue: number
  oldestSentAt: Date | null
}

/** How many rows one page of a list shows. */
export const pageSize = 50

/** Only what has been decided lately tells how long an answer takes now. */
const experience = { days: 14, most: 1000 }

type Reader = Authorised<'applications.read' | 'applications.decide'>

/** What a filter comes down to at this moment. */
export interface Narrowing {
  now: Date
  today: string
  hoursLimit: number
}

export async function narrowingNow(db: Database, now: Date): Promise<Narrowing> {
  const settings = await readSettings(db)
  return {
    now,
    today: dateIn(settings['region.timeZone'], now),
    hoursLimit: settings['queue.hoursLimit'],
  }
}

/** Since before when a questionnaire must have waited. */
export const waitsSince = (waits: 'day' | 'over', { now, hoursLimit }: Narrowing): Date =>
  after(now, -hours(waits === 'day' ? 24 : hoursLimit))

/** Conditions on `applications as a`: what the actor reaches, of what the filter asks for. */
export function conditions(actor: Reader, filter: QueueFilter, at: Narrowing) {
  const found = [sql<boolean>`true`]
  if (actor.libraries !== 'all') found.push(sql<boolean>`a.library_id = any(${[...actor.libraries]}::uuid[])`)
  if (filter.library) found.push(sql<boolean>`a.library_id = ${filter.library}::uuid`)
  if (filter.age) {
    const born = birthDatesOf(filter.age, at.today)
    found.push(sql<boolean>`a.birth_date <= ${born.until}::date`)
    if (born.after) found.push(sql<boolean>`a.birth_date > ${born.after}::date`)
  }
  if (filter.waits && filter.state === 'sent') {
    found.push(sql<boolean>`a.sent_at < ${waitsSince(filter.waits, at)}`)
  }
  return found
}

export function createQueueQueries(deps: { db: Database; clock: Clock; audit: AuditLog }) {
  const { db, clock, audit } = deps

  return {
    /**
     * A page of questionnaires that the actor may see: waiting ones oldest first, others newest first.
     * The look is audited with the ids shown.
     */
    async list(actor: Authorised<'applications.read'>, filter: QueueFilter = {}): Promise<QueuePage> {
      const at = await narrowingNow(db, clock())
      const from = filter.after ? await placeOf(db, filter.after) : undefined
      const state = filter.state === 'all' ? undefined : filter.state
      const waiting = state === 'sent'
      return inTransaction(db, async (tx) => {
        let query = tx
          .selectFrom('applications as a')
          .innerJoin('libraries as l', 'l.id', 'a.library_id')
          .leftJoin('staff as h', (join) =>
            join
              .onRef('h.id', '=', 'a.held_by')
              .on('a.held_by', '<>', actor.staffId)
              .on('a.held_until', '>', at.now),
          )
          .select([
            'a.id',
            'a.state',
            'a.full_name',
            'a.birth_date',
            'a.sent_at',
            'a.duplicate_of',
            'l.short_name',
            'h.full_name as held_by',
          ])
          .where((eb) => eb.and(conditions(actor, filter, at)))
          // One more than is shown tells whether there is a next page.
          .limit(pageSize + 1)
        if (state) query = query.where('a.state', '=', state)
        if (from) query = query.where(waiting ? behind(from) : before(from))
        const order = waiting ? 'asc' : 'desc'
        const found = await query.orderBy('a.sent_at', order).orderBy('a.id', order).execute()
        const rows = found.slice(0, pageSize)
        const duplicates = await possibleDuplicates(tx, actor, rows)
        await audit.append(tx, {
          at: at.now,
          actor: byStaff(actor.staffId),
          action: 'applications.list',
          subject: { kind: 'application', id: null },
          details: {
            state: state ?? null,
            library: filter.library ?? null,
            age: filter.age ?? null,
            waits: filter.waits ?? null,
            ids: rows.map((row) => row.id),
          },
        })
        return {
          rows: rows.map((row) => ({
            id: row.id,
            state: row.state as ApplicationState,
            fullName: row.full_name,
            birthDate: row.birth_date,
            libraryName: row.short_name,
            sentAt: row.sent_at,
            possibleDuplicate: duplicates.has(row.id),
            overdue: row.state === 'sent' && row.sent_at < waitsSince('over', at),
            heldBy: row.state === 'sent' ? row.held_by : null,
          })),
          next: found.length > pageSize ? rows.at(-1)?.id : undefined,
        }
      })
    },

    /** How many there are in each state, and how long they wait; no personal data, so no audit. */
    async counts(
      actor: Authorised<'applications.read'>,
      filter: Pick<QueueFilter, 'library' | 'age'> = {},
    ): Promise<QueueCounts> {
      const at = await narrowingNow(db, clock())
      const ofSome = actor.libraries !== 'all' || filter.library !== undefined
      const counted: readonly ApplicationState[] = ofSome ? applicationStates : ['sent', 'returned']
      const rows = await db
        .selectFrom('applications as a')
        .select((eb) => [
          'a.state',
          eb.fn.countAll<number>().as('count'),
          eb.fn.countAll<number>().filterWhere('a.sent_at', '<', waitsSince('day', at)).as('over_day'),
          eb.fn.countAll<number>().filterWhere('a.sent_at', '<', waitsSince('over', at)).as('overdue'),
          eb.fn.min('a.sent_at').as('oldest'),
        ])
        .where((eb) => eb.and(conditions(actor, { library: filter.library, age: filter.age }, at)))
        .where('a.state', 'in', counted)
        .groupBy('a.state')
        .execute()
      const of = (state: ApplicationState) => rows.find((row) => row.state === state)
      const numbers = counted.map((state) => [state, Number(of(state)?.count ?? 0)])
      return {
        states: Object.fromEntries(numbers) as QueueCounts['states'],
        overDay: Number(of('sent')?.over_day ?? 0),
        overdue: Number(of('sent')?.overdue ?? 0),
        oldestSentAt: of('sent')?.oldest ?? null,
      }
    },

    /**
     * What of the actor's libraries the central library has ended without a reader in the last week: refused,
     * or taken out of the queue. No personal data, so no audit.
     */
    async endedLately(
      actor: Authorised<'applications.read'>,
    ): Promise<{ refused: number; withdrawn: number }> {
      let query = db
        .selectFrom('applications as a')
        .select((eb) => [
          eb.fn.countAll<number>().filterWhere('a.state', '=', 'refused').as('refused'),
          eb.fn.countAll<number>().filterWhere('a.state', '=', 'withdrawn').as('withdrawn'),
        ])
        .where('a.state', 'in', ['refused', 'withdrawn'])
        .where('a.decided_at', '>', after(clock(), -days(7)))
        // What a library withdraws by itself is no news to it.
        .where((eb) =>
          eb.not(
            eb.exists(
              eb
                .selectFrom('staff_roles as r')
                .select('r.staff_id')
                .whereRef('r.staff_id', '=', 'a.decided_by')
                .whereRef('r.library_id', '=', 'a.library_id'),
            ),
          ),
        )
      if (actor.libraries !== 'all') query = query.where('a.library_id', 'in', [...actor.libraries])
      const row = await query.executeTakeFirstOrThrow()
      return { refused: Number(row.refused), withdrawn: Number(row.withdrawn) }
    },

    /**
     * How long an answer takes by the experience of the last two weeks, and how many questionnaires of all
     * libraries wait before this one (or before the actor's oldest). Undefined when none of his waits.
     */
    async estimate(actor: Authorised<'applications.read'>, id?: string): Promise<WaitEstimate | undefined> {
      const since = after(clock(), -days(experience.days))
      let own = db
        .selectFrom('applications as a')
        .select(['a.id', sql<string>`a.sent_at::text`.as('sentAt')])
        .where('a.state', '=', 'sent')
      if (actor.libraries !== 'all') own = own.where('a.library_id', 'in', [...actor.libraries])
      if (id) own = own.where('a.id', '=', id)
      const place = await own.orderBy('a.sent_at').orderBy('a.id').limit(1).executeTakeFirst()
      if (!place) return undefined
      const { ahead } = await db
        .selectFrom('applications as a')
        .select((eb) => eb.fn.countAll<number>().as('ahead'))
        .where('a.state', '=', 'sent')
        .where(before(place))
        .executeTakeFirstOrThrow()
      const lately = await db
        .selectFrom('applications as a')
        .select(['a.decided_at', 'a.sent_at'])
        .where('a.decided_at', '>', since)
        .where('a.state', 'in', ['registered', 'returned', 'refused'])
        .orderBy('a.decided_at', 'desc')
        .limit(experience.most)
        .execute()
      const waited = lately.map((row) => (row.decided_at?.getTime() ?? 0) - row.sent_at.getTime())
      return estimateWait(waited, Number(ahead))
    },
  }
}

export interface Place {
  id: string
  /** With all digits that the database keeps. */
  sentAt: string
}

/** A questionnaire's place in the queue; undefined when there is no such questionnaire. */
export const placeOf = (db: Database, id: string): Promise<Place | undefined> =>
  db
    .selectFrom('applications')
    .select(['id', sql<string>`sent_at::text`.as('sentAt')])
    .where('id', '=', id)
    .executeTakeFirst()

export const behind = ({ sentAt, id }: Place) =>
  sql<boolean>`(a.sent_at, a.id) > (${sentAt}::timestamptz, ${id}::uuid)`
const before = ({ sentAt, id }: Place) =>
  sql<boolean>`(a.sent_at, a.id) < (${sentAt}::timestamptz, ${id}::uuid)`
