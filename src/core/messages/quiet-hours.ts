import { addDays, dateIn, momentIn, timeIn } from '../shared/calendar.ts'

/** When the region's SMS are silent, `HH:MM` each; both the same: never. */
export interface QuietHours {
  from: string
  to: string
  timeZone: string
}

/** When the quiet hours that a moment falls into end, or undefined outside them. */
export function quietUntil({ from, to, timeZone }: QuietHours, moment: Date): Date | undefined {
  const time = timeIn(timeZone, moment)
  const overMidnight = from > to
  const quiet = overMidnight ? time >= from || time < to : time >= from && time < to
  if (!quiet) return undefined
  const today = dateIn(timeZone, moment)
  return momentIn(timeZone, overMidnight && time >= from ? addDays(today, 1) : today, to)
}
