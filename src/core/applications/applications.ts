import { createHash } from 'node:crypto'
import { birthDateBeyond } from '#protocols/person/birth-dates.ts'
import type { CalendarDate } from '../shared/calendar.ts'
import { expected } from '../shared/errors.ts'
import type { MendInput, SendInput } from './applications.schemas.ts'

export const applicationStates = ['sent', 'returned', 'registered', 'refused', 'withdrawn'] as const
export type ApplicationState = (typeof applicationStates)[number]
/** What its history may begin with. */
export type HistoryState = 'draft' | ApplicationState

/** From each state, where a questionnaire may go. Sent again after mending is a move to `sent`. */
const moves: Record<ApplicationState, readonly ApplicationState[]> = {
  sent: ['registered', 'returned', 'refused', 'withdrawn'],
  returned: ['sent', 'withdrawn'],
  registered: [],
  refused: [],
  withdrawn: [],
}

/** Somebody else was faster, or the page was old. */
export const changedMeanwhile = expected('applications.changed_meanwhile', 409)
/** The same form key with other content: Back was pressed and another person typed over. */
export const keyReused = expected('applications.key_reused', 409)
export const possibleDuplicate = expected('applications.possible_duplicate', 409)
export const birthDateInFuture = expected('applications.birth_date_future', 422)
export const birthDateTooOld = expected('applications.birth_date_old', 422)

/** Another operator works on it: `name` says who. Whoever decides nevertheless says so, see `overHold`. */
export const heldByOther = expected('applications.held', 409)
/** The page was begun in a library that whoever sends it now doesn't work for. */
export const begunElsewhere = expected('applications.begun_elsewhere', 403)

/** The time for taking the decision back is over. */
export const undoOver = expected('applications.undo_over', 409)
/** A message about it is under way or out. */
export const undoTold = expected('applications.undo_told', 409)
/** Somebody has seen what came of it: the slip was opened, the reader signed in. */
export const undoSeen = expected('applications.undo_seen', 409)
/** The provider has, or may have, an account of the reader by now. */
export const undoThere = expected('applications.undo_there', 409)
/** An operator who withdraws what a library has sent says why. */
export const withdrawReasonMissing = expected('applications.withdraw_reason', 422)

export const mayMove = (from: ApplicationState, to: ApplicationState): boolean => moves[from].includes(to)

/** @throws birthDateInFuture, birthDateTooOld */
export function checkBirthDate(birthDate: CalendarDate, today: CalendarDate): void {
  const beyond = birthDateBeyond(birthDate, today)
  if (beyond === 'future') throw birthDateInFuture()
  if (beyond === 'old') throw birthDateTooOld()
}

/** Tells a repeated send from the same key with other content. */
export const contentHash = (input: SendInput | MendInput): Buffer =>
  createHash('sha256')
    .update(
      JSON.stringify([
        input.fullName,
        input.email,
        input.birthDate,
        input.phone,
        input.consentVersion,
        input.guardianName,
        input.guardianRelation,
        ...(input.handoverGiven ? [input.handoverVersion] : []),
        ...(input.stockCard ? [`card ${input.stockCard}`] : []),
      ]),
    )
    .digest()
