import type { AuditLog } from '../audit/audit.ts'
import { byStaff } from '../audit/audit.ts'
import { reservedCard } from '../cards/reserving.ts'
import { handoverGiven } from '../consents/handover.ts'
import type { Clock } from '../shared/clock.ts'
import type { Database } from '../shared/db.ts'
import { inTransaction } from '../shared/db.ts'
import { isUnreached } from '../messages/unreached.ts'
import { notFound } from '../shared/errors.ts'
import type { Authorised } from '../staff/actors.ts'
import type { ApplicationState, HistoryState } from './applications.ts'
import { possibleDuplicates } from './possible-duplicates.ts'

export interface ApplicationRow {
  id: string
  state: ApplicationState
  fullName: string
  birthDate: string
  libraryName: string
  sentAt: Date
  /** Somebody is on record under this name and birth date: it registers nothing by itself. */
  possibleDuplicate: boolean
}

export interface ApplicationDetails extends ApplicationRow {
  revision: number
  libraryId: string
  /** The letter that it came by. */
  letterId: string | null
  email: string | null
  phone: string | null
  returnReason: string | null
  sentBy: string
  decidedAt: Date | null
  readerId: string | null
  /** Once registered: a new reader, or one who was on record already. */
  outcome: 'new' | 'existing' | null
  cardNumber: string | null
  /** The card of the library's stock that is kept for it. */
  stockCard: string | null
  consent: {
    version: number
    basis: string
    guardianName: string | null
    guardianRelation: string | null
  } | null
  /** The separate consent to handing data over to a provider or gateway is there. */
  handover: boolean
  /** `by` is nobody for a step taken at home. */
  history: { state: HistoryState; at: Date; by: string | null; reason: string | null; takesBack: boolean }[]
  /** Until when the decision can be taken back; null when it can't. */
  undoUntil: Date | null
  messages: { channel: string; event: string; state: string; fault: string | null }[]
  /** No message reached the reader: his library tells him. */
  unreached: boolean
}

export type ApplicationQueries = ReturnType<typeof createApplicationQueries>

export function createApplicationQueries(deps: { db: Database; clock: Clock; audit: AuditLog }) {
  const { db, clock, audit } = deps
  return {
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
          .where('kind', '=', 'processing')
          .orderBy('taken_at', 'desc')
          .limit(1)
          .executeTakeFirst()
        const history = await tx
          .selectFrom('application_events as e')
          .leftJoin('staff as s', 's.id', 'e.staff_id')
          .select(['e.state', 'e.at', 's.full_name as by', 'e.reason', 'e.takes_back as takesBack'])
          .where('e.application_id', '=', id)
          .orderBy('e.revision')
          .execute()
        const messages = await tx
          .selectFrom('messages')
          .select(['channel', 'event', 'state', 'fault'])
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
          letterId: row.letter_id,
          libraryName: row.short_name,
          sentAt: row.sent_at,
          possibleDuplicate: (await possibleDuplicates(tx, actor, [row])).has(id),
          email: row.email,
          phone: row.phone,
          returnReason: row.return_reason,
          sentBy: row.sent_by,
          decidedAt: row.decided_at,
          undoUntil: row.undo_until && row.undo_until > clock() ? row.undo_until : null,
          readerId: row.reader_id,
          outcome: row.outcome as 'new' | 'existing' | null,
          cardNumber: row.card_number,
          stockCard: await reservedCard(tx, id),
          consent: consent ?? null,
          handover: await handoverGiven(tx, { applicationId: id }),
          history: history.map((event) => ({ ...event, state: event.state as HistoryState })),
          messages,
          unreached: row.reader_id !== null && (await isUnreached(tx, row.reader_id)),
        }
      })
    },
  }
}
