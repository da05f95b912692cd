import type { CalendarDate } from '../shared/calendar.ts'
import { ageOn } from '../shared/calendar.ts'

/** Age marks of 436-ФЗ, art. 6. */
export const ageMarks = [0, 6, 12, 16, 18] as const
export type AgeMark = (typeof ageMarks)[number]

/** Whoever looks at the catalogue: an unsigned visitor, or a reader with a birth date, if known. */
export type Viewer = { kind: 'visitor' } | { kind: 'reader'; birthDate: CalendarDate | null }

/**
 * The highest age mark that a viewer may see; it fails closed. A publication without a mark counts as 18+.
 * Visitors never see 18+ or unmarked ones; a reader without a birth date sees 0+ only.
 */
export function highestMark(viewer: Viewer, today: CalendarDate): AgeMark {
  if (viewer.kind === 'visitor') return 16
  if (!viewer.birthDate) return 0
  const age = ageOn(viewer.birthDate, today)
  return ageMarks.findLast((mark) => mark <= age) ?? 0
}

/** Null is "without a mark". */
export const mayRead = (mark: number | null, highest: AgeMark): boolean => (mark ?? 18) <= highest
