import type { CalendarDate } from '../shared/calendar.ts'
import { addDays } from '../shared/calendar.ts'

/** So many days before its end the shelf begins to ask for the tap. */
export const renewalNotice = 30

export interface Renewal {
  /** `over`: reading what is lent goes on, borrowing waits. */
  state: 'current' | 'soon' | 'over'
  /** The last day of the registration. */
  until: CalendarDate
}

/**
 * Where a reader stands in the yearly re-registration.
 * @param renewedOn day of the registration or of the last renewal
 * @param length days that a registration lasts
 */
export function renewalOn(renewedOn: CalendarDate, today: CalendarDate, length: number): Renewal {
  const until = addDays(renewedOn, length)
  if (today > until) return { state: 'over', until }
  return { state: today >= addDays(until, -renewalNotice) ? 'soon' : 'current', until }
}
