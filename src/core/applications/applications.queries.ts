import type { AuditLog } from '../audit/audit.ts'
import { byStaff } from '../audit/audit.ts'
import type { Clock } from '../shared/clock.ts'
import type { Database } from '../shared/db.ts'
import { inTransaction } from '../shared/db.ts'
import { notFound } from '../shared/errors.ts'
import type { Authorised } from '../staff/actors.ts'
import type { ApplicationState, HistoryState } from './applications.ts'

export interface ApplicationRow {
  id: string
  state: ApplicationState
  fullName: string
  birthDate: string
  libraryName: string
  sentAt: Date
  possibleDuplicate: boolean
}

export interface ApplicationDetails extends ApplicationRow {
  revision: number
  libraryId: string
  email: string | null
  phone: string | null
  returnReason: string | null
  sentBy: string
  decidedAt: Date | null
  readerId: string | null
  cardNumber: string | null
  consent: {
    version: number
    basis: string
    guardianName: string | null
    guardianRelation: string | null
  } | null
  /** `by` is nobody for a step taken at home. */
  history: { state: HistoryState; at: Date; by: string | null; reason: string | null }[]
  messages: { channel: string; event: string; state: string }[]
}

export type ApplicationQueries = ReturnType<typeof createApplicationQueries>

/** How many rows one page of a list shows. */
const pageSize = 50

export function createApplicationQueries(deps: { db: Database; clock: Clock; audit: AuditLog }) {
  const { db, clock, audit } = deps
  return {
    /**
     * A page of questionnaires that the actor may see: waiting ones oldest first, the rest newest first.
     * The look is audited with the ids shown.
     */
    list(
      actor: Authorised<'applications.read'>,
      filter: { state?: ApplicationState } = {},
    ): Promise<ApplicationRow[]> {
      return inTransaction(db, async (tx) => {
        let query = tx
          .selectFrom('applications as a')
          .innerJoin('libraries as l', 'l.id', 'a.library_id')
          .select([
            'a.id',
            'a.state',
            'a.full_name',
            'a.birth_date',
            'a.sent_at',
            'a.duplicate_of',
            'l.short_name',
          ])
          .limit(pageSize)
        if (actor.libraries !== 'all') query = query.where('a.library_id', 'in', [...actor.libraries])
        if (filter.state) query = query.where('a.state', '=', filter.state)
        const order = filter.state === 'sent' ? 'asc' : 'desc'
        const rows = await query.orderBy('a.sent_at', order).orderBy('a.id', order).execute()
        await audit.append(tx, {
          at: clock(),
          actor: byStaff(actor.staffId),
          action: 'applications.list',
          subject: { kind: 'application', id: null },
          details: { state: filter.state ?? null, ids: rows.map((row) => row.id) },
        })
        return rows.map((row) => ({
          id: row.id,
          state: row.state as ApplicationState,
          fullName: row.full_name,
          birthDate: row.birth_date,
          libraryName: row.short_name,
          sentAt: row.sent_at,
          possibleDuplicate: row.state === 'sent' && row.duplicate_of !== null,
        }))
      })
    },

    /** How many wait and how many came back, for the desk; no personal data, so no audit. */
    async counts(actor: Authorised<'applications.read'>): Promise<Record<ApplicationState, number>> {
      let query = db
        .selectFrom('applications')
        .select(['state', (eb) => eb.fn.countAll<number>().as('count')])
        .groupBy('state')
      if (actor.libraries !== 'all') query = query.where('library_id', 'in', [...actor.libraries])
      const counts = { sent: 0, returned: 0, registered: 0, refused: 0, withdrawn: 0 }
      for (const row of await query.execute()) counts[row.state as ApplicationState] = Number(row.count)
      return counts
    },

    /** The questionnaire that has waited longest, after the given one; undefined when none waits. */
    async nextWaiting(
      actor: Authorised<'applications.decide'>,
      except?: string,
    ): Promise<string | undefined> {
      let query = db.selectFrom('applications').select('id').where('state', '=', 'sent')
      if (actor.libraries !== 'all') query = query.where('library_id', 'in', [...actor.libraries])
      if (except) query = query.where('id', '<>', except)
      return (await query.orderBy('sent_at').orderBy('id').limit(1).executeTakeFirst())?.id
    },

    /** One questionnaire with its consent, history and messages; the look is audited. @throws notFound */
    details(actor: Authorised<'applications.read'>, id: string): Promise<ApplicationDetails> {
      return inTransaction(db, async (tx) => {
        let query = tx
          .selectFrom('applications as a')
          .innerJoin('libraries as l', 'l.id', 'a.library_id')
          .innerJoin('staff as s', 's.id', 'a.created_by')
          .leftJoin('cards as c', (join) =>
            join.onRef('c.reader_id', '=', 'a.reader_id').on('c.state', '=', 'issued'),
          )
          .selectAll('a')
          .select(['l.short_name', 's.full_name as sent_by', 'c.number as card_number'])
          .where('a.id', '=', id)
        if (actor.libraries !== 'all') query = query.where('a.library_id', 'in', [...actor.libraries])
        const row = await query.executeTakeFirstOrThrow(() => notFound())
        const consent = await tx
          .selectFrom('consents')
          .select([
            'text_version as version',
            'basis',
            'guardian_name as guardianName',
            'guardian_relation as guardianRelation',
          ])
          .where('application_id', '=', id)
          .orderBy('taken_at', 'desc')
          .limit(1)
          .executeTakeFirst()
        const history = await tx
          .selectFrom('application_events as e')
          .leftJoin('staff as s', 's.id', 'e.staff_id')
          .select(['e.state', 'e.at', 's.full_name as by', 'e.reason'])
          .where('e.application_id', '=', id)
          .orderBy('e.revision')
          .execute()
        const messages = await tx
          .selectFrom('messages')
          .select(['channel', 'event', 'state'])
          .where('application_id', '=', id)
          .orderBy('created_at')
          .execute()
        await audit.append(tx, {
          at: clock(),
          actor: byStaff(actor.staffId),
          action: 'applications.open',
          subject: { kind: 'application', id },
          libraryId: row.library_id,
        })
        return {
          id,
          state: row.state as ApplicationState,
          revision: row.revision,
          fullName: row.full_name,
          birthDate: row.birth_date,
          libraryId: row.library_id,
          libraryName: row.short_name,
          sentAt: row.sent_at,
          possibleDuplicate: row.state === 'sent' && row.duplicate_of !== null,
          email: row.email,
          phone: row.phone,
          returnReason: row.return_reason,
          sentBy: row.sent_by,
          decidedAt: row.decided_at,
          readerId: row.reader_id,
          cardNumber: row.card_number,
          consent: consent ?? null,
          history: history.map((event) => ({ ...event, state: event.state as HistoryState })),
          messages,
        }
      })
    },
  }
}
