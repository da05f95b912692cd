import type { StuckAt } from './network.schemas.ts'

/** What a library has done so far on its way into the service; null for what it hasn't. */
export interface Steps {
  invitedAt: Date | null
  signedInAt: Date | null
  questionnaireAt: Date | null
  /** Of its first reader; unknown, and so null, where books are read at an outside service alone. */
  readingAt: Date | null
}

const order = [
  ['invited', 'invitedAt'],
  ['signed_in', 'signedInAt'],
  ['questionnaire', 'questionnaireAt'],
  ['reading', 'readingAt'],
] as const satisfies readonly (readonly [StuckAt, keyof Steps])[]

/**
 * The step that a library comes to next. A later step makes the earlier ones good: who has sent questionnaires was in,
 * even if whoever signed in has left since.
 * @param reads whether the last step can be known in this region
 */
export function stuckAtOf(steps: Steps, reads: boolean): StuckAt {
  const known = reads ? order : order.slice(0, -1)
  const furthest = known.findLastIndex(([, at]) => steps[at] !== null)
  return known[furthest + 1]?.[0] ?? 'done'
}
