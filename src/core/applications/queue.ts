import { z } from 'zod'
import type { CalendarDate } from '../shared/calendar.ts'
import { isCalendarDate } from '../shared/calendar.ts'
import { applicationStates } from './applications.ts'

export const ageGroups = ['child', 'teen', 'adult'] as const
export type AgeGroup = (typeof ageGroups)[number]

/** Full years, both ends included. */
const ageBounds: Record<AgeGroup, { from: number; to: number | undefined }> = {
  child: { from: 0, to: 13 },
  teen: { from: 14, to: 17 },
  adult: { from: 18, to: undefined },
}

/** `day`: more than a day; `over`: more than the region's set time. */
export const waitingFilters = ['day', 'over'] as const

/** What a queue's address may ask for; what it doesn't understand asks for nothing. */
export const queueSchema = z.object({
  state: z
    .enum([...applicationStates, 'all'])
    .optional()
    .catch(undefined),
  library: z.uuid().optional().catch(undefined),
  age: z.enum(ageGroups).optional().catch(undefined),
  waits: z.enum(waitingFilters).optional().catch(undefined),
  /** The last questionnaire of the page before. */
  after: z.uuid().optional().catch(undefined),
})
export type QueueFilter = z.infer<typeof queueSchema>

/** Born after the first date and not after the second one. */
export interface BornBetween {
  after: CalendarDate | undefined
  until: CalendarDate
}

/** The birth dates of those who are in an age group on a day. */
export function birthDatesOf(group: AgeGroup, today: CalendarDate): BornBetween {
  const { from, to } = ageBounds[group]
  return {
    until: yearsBefore(today, from),
    after: to === undefined ? undefined : yearsBefore(today, to + 1),
  }
}

/** The last birth date of those who have turned so many years old by a day. */
function yearsBefore(day: CalendarDate, years: number): CalendarDate {
  const date = `${String(Number(day.slice(0, 4)) - years).padStart(4, '0')}${day.slice(4)}`
  // Only 29 February may be missing in another year; nobody was born on it then.
  return isCalendarDate(date) ? date : date.replace('02-29', '02-28')
}
