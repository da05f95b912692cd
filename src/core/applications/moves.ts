import type { Transaction } from '../shared/db.ts'
import { notFound } from '../shared/errors.ts'
import type { Authorised } from '../staff/actors.ts'
import type { ApplicationState, HistoryState } from './applications.ts'
import { changedMeanwhile, mayMove } from './applications.ts'

/** The questionnaire, locked, when the actor may reach it. @throws notFound */
export async function locked(
  tx: Transaction,
  actor: Authorised<'applications.write' | 'applications.decide'>,
  id: string,
) {
  const found = await tx
    .selectFrom('applications')
    .select(['id', 'library_id', 'state', 'revision', 'full_name', 'birth_date', 'email', 'phone'])
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst()
  if (!found || (actor.libraries !== 'all' && !actor.libraries.includes(found.library_id))) throw notFound()
  return found
}

/** @throws changedMeanwhile when the page was older than the questionnaire, or the move isn't one */
export function nextRevision(
  found: { state: string; revision: number },
  seen: number,
  to: ApplicationState,
): number {
  if (found.revision !== seen || !mayMove(found.state as ApplicationState, to)) throw changedMeanwhile()
  return found.revision + 1
}

/** One step of a questionnaire's history. */
export const noteMove = (
  tx: Transaction,
  move: {
    id: string
    revision: number
    state: HistoryState
    /** Nobody for a step taken at home. */
    staffId: string | null
    at: Date
    reason?: string
  },
) =>
  tx
    .insertInto('application_events')
    .values({
      application_id: move.id,
      revision: move.revision,
      state: move.state,
      staff_id: move.staffId,
      at: move.at,
      reason: move.reason ?? null,
    })
    .execute()
