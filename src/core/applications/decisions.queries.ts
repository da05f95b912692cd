import type { AuditLog } from '../audit/audit.ts'
import { byStaff } from '../audit/audit.ts'
import { readSettings } from '../settings/settings.ts'
import { addDays, dateIn, endOfDay } from '../shared/calendar.ts'
import type { Clock } from '../shared/clock.ts'
import type { Database } from '../shared/db.ts'
import { inTransaction } from '../shared/db.ts'
import type { Authorised } from '../staff/actors.ts'
import type { ApplicationState } from './applications.ts'

/** One decision of an operator, as it is shown after the page has gone on to the next questionnaire. */
export interface DecisionRow {
  /** Of the questionnaire. */
  id: string
  /** What was decided. */
  state: ApplicationState
  at: Date
  fullName: string
  cardNumber: string | null
  /** It doesn't stand any more: it was taken back, or something followed. */
  past: boolean
  /** For taking it back. */
  revision: number
  /** Until when it can be taken back; null when it can't. */
  undoUntil: Date | null
}

/** How many of the day's decisions are shown. */
export const mostDecisions = 50
/** After a decision the one before it can still be taken back, too: two fast presses may have made both. */
const mostLately = 2

/** What an operator has done; each look is audited with the ids shown. */
export function createDecisionQueries(deps: { db: Database; clock: Clock; audit: AuditLog }) {
  const { db, clock, audit } = deps

  async function decisions(
    actor: Authorised<'applications.decide'>,
    which: { since: Date } | { id: string },
    most: number,
  ): Promise<DecisionRow[]> {
    const now = clock()
    return inTransaction(db, async (tx) => {
      let query = tx
        .selectFrom('application_events as e')
        .innerJoin('applications as a', 'a.id', 'e.application_id')
        .leftJoin('cards as c', (join) =>
          join.onRef('c.reader_id', '=', 'a.reader_id').on('c.state', '=', 'issued'),
        )
        .select([
          'a.id',
          'e.state',
          'e.at',
          'e.revision',
          'a.revision as current',
          'a.full_name',
          'a.undo_until',
          'c.number',
        ])
        .where('e.staff_id', '=', actor.staffId)
        .where('e.state', 'in', ['registered', 'returned', 'refused'])
        .where('e.takes_back', '=', false)
      if ('since' in which) query = query.where('e.at', '>', which.since)
      else
        query = query
          .whereRef('e.revision', '=', 'a.revision')
          .where((eb) => eb.or([eb('a.id', '=', which.id), eb('a.undo_until', '>', now)]))
      const rows = await query.orderBy('e.at', 'desc').orderBy('a.id').limit(most).execute()
      if (rows.length > 0) {
        await audit.append(tx, {
          at: now,
          actor: byStaff(actor.staffId),
          action: 'applications.decisions',
          subject: { kind: 'application', id: null },
          details: { ids: rows.map(({ id }) => id) },
        })
      }
      return rows.map((row) => {
        const past = row.revision !== row.current
        return {
          id: row.id,
          state: row.state as ApplicationState,
          at: row.at,
          fullName: row.full_name,
          cardNumber: past ? null : row.number,
          past,
          revision: row.revision,
          undoUntil: !past && row.undo_until && row.undo_until > now ? row.undo_until : null,
        }
      })
    })
  }

  return {
    /** What the actor has decided today, the last first, and whether that is all of it. */
    async today(actor: Authorised<'applications.decide'>): Promise<{ rows: DecisionRow[]; more: boolean }> {
      const zone = (await readSettings(db))['region.timeZone']
      const since = endOfDay(zone, addDays(dateIn(zone, clock()), -1))
      const rows = await decisions(actor, { since }, mostDecisions + 1)
      return { rows: rows.slice(0, mostDecisions), more: rows.length > mostDecisions }
    },

    /**
     * The actor's decision about one questionnaire, as long as it stands, and beside it the last one that can
     * still be taken back; the later one first.
     */
    lately: (actor: Authorised<'applications.decide'>, id: string): Promise<DecisionRow[]> =>
      decisions(actor, { id }, mostLately),
  }
}
