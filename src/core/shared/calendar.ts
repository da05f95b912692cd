import { isCalendarDate } from '#protocols/person/birth-dates.ts'

export { ageOn, isCalendarDate } from '#protocols/person/birth-dates.ts'

/** A calendar date without a time of day, `YYYY-MM-DD`: a birth date, a due day. */
export type CalendarDate = string

/** A formatter takes some twenty times longer to make than to use; a region has one zone. */
function perZone(make: (timeZone: string) => Intl.DateTimeFormat) {
  const made = new Map<string, Intl.DateTimeFormat>()
  return (timeZone: string): Intl.DateTimeFormat => {
    const format = made.get(timeZone) ?? make(timeZone)
    made.set(timeZone, format)
    return format
  }
}

const dateFormat = perZone((timeZone) => new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' }))

/** The calendar date that a moment falls on in a time zone (IANA name). */
export const dateIn = (timeZone: string, moment: Date): CalendarDate => dateFormat(timeZone).format(moment)

/**
 * The last millisecond of the given calendar date in a time zone.
 * Found by walking from UTC noon with the zone's own offset, so that it holds across clock changes.
 */
export function endOfDay(timeZone: string, date: CalendarDate): Date {
  const midnightUtc = Date.parse(`${addDays(date, 1)}T00:00:00Z`)
  const firstGuess = midnightUtc - offsetAt(timeZone, new Date(midnightUtc))
  return new Date(midnightUtc - offsetAt(timeZone, new Date(firstGuess)) - 1)
}

const clockFormat = perZone(
  (timeZone) =>
    new Intl.DateTimeFormat('sv-SE', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }),
)

/** The time of day that a moment falls on in a time zone, `HH:MM`. */
export const timeIn = (timeZone: string, moment: Date): string => clockFormat(timeZone).format(moment)

/** The moment at which clocks in a time zone show a time (`HH:MM`) of a calendar date. */
export function momentIn(timeZone: string, date: CalendarDate, time: string): Date {
  const asUtc = Date.parse(`${date}T${time}:00Z`)
  const firstGuess = asUtc - offsetAt(timeZone, new Date(asUtc))
  return new Date(asUtc - offsetAt(timeZone, new Date(firstGuess)))
}

export function addDays(date: CalendarDate, days: number): CalendarDate {
  const moment = new Date(`${date}T00:00:00Z`)
  moment.setUTCDate(moment.getUTCDate() + days)
  return moment.toISOString().slice(0, 10)
}

/** The same day so many years later; of 29 February, where that year has none, the 28th. */
export function addYears(date: CalendarDate, years: number): CalendarDate {
  const later = `${String(Number(date.slice(0, 4)) + years).padStart(4, '0')}${date.slice(4)}`
  return isCalendarDate(later) ? later : later.replace(/29$/, '28')
}

/** Whether this is a time zone's IANA name. */
export function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

const momentFormat = perZone(
  (timeZone) =>
    new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    }),
)

function offsetAt(timeZone: string, moment: Date): number {
  const parts = momentFormat(timeZone).formatToParts(moment)
  const part = (type: string) => Number(parts.find((each) => each.type === type)?.value)
  const asUtc = Date.UTC(
    part('year'),
    part('month') - 1,
    part('day'),
    part('hour'),
    part('minute'),
    part('second'),
  )
  return asUtc - Math.floor(moment.getTime() / 1000) * 1000
}
