import * as texts from '#texts'
import type { LibraryProgress } from '#core/network/progress.queries.ts'
import type { StuckAt } from '#core/network/network.schemas.ts'

const stuck: Record<StuckAt, () => string> = {
  invited: texts.network_stuck_invited,
  signed_in: texts.network_stuck_signed_in,
  questionnaire: texts.network_stuck_questionnaire,
  reading: texts.network_stuck_reading,
  done: texts.network_stuck_done,
}
/** Where a library stands: «не приглашена», «ещё не вошла». */
export const stuckText = (at: StuckAt): string => stuck[at]()

export interface Step {
  name: string
  at: Date | null
  /** How many there are by now; undefined where that says nothing. */
  count: number | undefined
}

/** The way of a library, step by step. @param reads whether it is known who reads */
export const stepsOf = (library: LibraryProgress, reads: boolean): Step[] => [
  { name: texts.network_step_invited(), at: library.invitedAt, count: undefined },
  { name: texts.network_step_signed_in(), at: library.signedInAt, count: undefined },
  { name: texts.network_step_questionnaire(), at: library.questionnaireAt, count: library.questionnaires },
  ...(reads ? [{ name: texts.network_step_reading(), at: library.readingAt, count: library.reading }] : []),
]
