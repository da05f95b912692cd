import { reservedCard } from '../cards/reserving.ts'
import { queueMessages } from '../messages/messages.ts'
import type { CredentialsBefore } from '../readers/credentials.ts'
import { readSettings } from '../settings/settings.ts'
import { after, seconds } from '../shared/clock.ts'
import type { Database, Transaction } from '../shared/db.ts'
import { notFound } from '../shared/errors.ts'
import type { Authorised } from '../staff/actors.ts'
import type { ApplicationState, HistoryState } from './applications.ts'
import { changedMeanwhile, heldByOther, mayMove } from './applications.ts'

export type Locked = Awaited<ReturnType<typeof locked>>

/** The questionnaire, locked, when the actor may reach it. @throws notFound */
export async function locked(
  tx: Transaction,
  actor: Authorised<'applications.write' | 'applications.decide'>,
  id: string,
) {
  const found = await tx
    .selectFrom('applications')
    .select([
      'id',
      'library_id',
      'state',
      'revision',
      'full_name',
      'birth_date',
      'email',
      'phone',
      'return_reason',
      'reader_id',
      'duplicate_of',
      'letter_id',
      'outcome',
      'decided_by',
      'decided_at',
      'undo_until',
      'undo',
      'held_by',
      'held_until',
    ])
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst()
  if (!found || (actor.libraries !== 'all' && !actor.libraries.includes(found.library_id))) throw notFound()
  return { ...found, stockCard: await reservedCard(tx, id) }
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

/**
 * Nobody decides unasked about what another operator works on.
 * @param overHold the operator of whom the one who decides has been told
 * @throws heldByOther
 */
export async function checkHold(
  tx: Transaction,
  found: Locked,
  decision: Decision,
  overHold: string | undefined,
): Promise<void> {
  const { held_by: holder, held_until: until } = found
  if (!holder || !until || until <= decision.at || holder === decision.by || holder === overHold) return
  const { full_name: name } = await tx
    .selectFrom('staff')
    .select('full_name')
    .where('id', '=', holder)
    .executeTakeFirstOrThrow()
  throw heldByOther({ name, holder })
}

/** What a questionnaire was before a decision; kept in `undo`, so that it can be that again. */
export interface Before {
  state: ApplicationState
  returnReason: string | null
  decidedBy: string | null
  /** ISO 8601. */
  decidedAt: string | null
  /** What the record of a reader who was known already had before. */
  existing?: CredentialsBefore
  /** The card of the stock that was kept for it. */
  stockCard?: string
}

export interface Decision {
  by: string
  at: Date
  /** Until then it can be taken back and its messages wait; undefined when the region leaves no time. */
  undoUntil: Date | undefined
}

/** A decision of this moment, with the time that the region leaves for taking it back. */
export async function decisionOf(db: Database, staffId: string, now: Date): Promise<Decision> {
  const { 'queue.undoSeconds': time } = await readSettings(db)
  return { by: staffId, at: now, undoUntil: time > 0 ? after(now, seconds(time)) : undefined }
}

/** The columns that every decision sets. */
export function decided(
  found: Locked,
  to: ApplicationState,
  decision: Decision,
  existing?: CredentialsBefore,
) {
  const before: Before = {
    state: found.state as ApplicationState,
    returnReason: found.return_reason,
    decidedBy: found.decided_by,
    decidedAt: found.decided_at?.toISOString() ?? null,
    ...(existing && { existing }),
    ...(found.stockCard && { stockCard: found.stockCard }),
  }
  return {
    state: to,
    revision: found.revision + 1,
    decided_by: decision.by,
    decided_at: decision.at,
    held_by: null,
    held_until: null,
    undo_until: decision.undoUntil ?? null,
    undo: decision.undoUntil ? JSON.stringify(before) : null,
  }
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
    takesBack?: boolean
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
      reason: move.reason || null,
      takes_back: move.takesBack ?? false,
    })
    .execute()

/** Tells the library whose questionnaire it is of a decision, as soon as that can't be taken back any more. */
export async function tellLibrary(
  tx: Transaction,
  { id, library_id: libraryId }: Locked,
  event: 'library.returned' | 'library.refused' | 'library.withdrawn' | 'library.possible-duplicate',
  decision: Decision,
): Promise<void> {
  const { email: recipient } = await tx
    .selectFrom('libraries')
    .select('email')
    .where('id', '=', libraryId)
    .executeTakeFirstOrThrow()
  if (!recipient) return
  const letter = { channel: 'email', event, recipient, libraryId, applicationId: id } as const
  await queueMessages(tx, decision.at, [letter], decision.undoUntil)
}
