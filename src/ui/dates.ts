import { page } from '$app/state'
import { getLocale } from '#texts/runtime.js'

/** Making a format takes longer than a list of fifty rows takes to be written with it: each is made once. */
function madeOnce<Options extends object, Format>(
  make: (locale: string, options: Options) => Format,
): (options: Options) => Format {
  const made = new Map<string, Format>()
  return (options) => {
    // «en» alone is American: 3/5/1986 would be read as 3 May here.
    const locale = getLocale() === 'en' ? 'en-GB' : getLocale()
    const key = locale + JSON.stringify(options)
    const format = made.get(key) ?? make(locale, options)
    made.set(key, format)
    return format
  }
}
const dateFormat = madeOnce(
  (locale, options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(locale, options),
)
const numberFormat = madeOnce(
  (locale, options: Intl.NumberFormatOptions) => new Intl.NumberFormat(locale, options),
)

/** Moments are shown in the region's zone, whatever the device's own is: a due day is the library's day. */
const regional = (options: Intl.DateTimeFormatOptions) =>
  dateFormat({ ...options, timeZone: page.data['timeZone'] as string })

export const longDate = (moment: Date): string => regional({ day: 'numeric', month: 'long' }).format(moment)

export const dateAndTime = (moment: Date): string =>
  regional({ day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' }).format(moment)

/** To the second: 05.03.2026, 14:05:09. */
export const exactMoment = (moment: Date): string =>
  regional({
    day: '2-digit',
    month: '2-digit',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  }).format(moment)

/** The day of a moment: 05.03.2026. */
export const fullDate = (moment: Date): string => regional({}).format(moment)

/** A calendar date such as a birth date: 05.03.2012. */
export const plainDate = (date: string): string =>
  plainDateParts(date)
    .map(({ value }) => value)
    .join('')

/** The same in its parts: day, month, year and what stands between them. */
export const plainDateParts = (date: string): Intl.DateTimeFormatPart[] =>
  dateFormat({ timeZone: 'UTC' }).formatToParts(new Date(`${date}T00:00:00Z`))

/** The time of the day: 14:05. */
export const timeOfDay = (moment: Date): string =>
  regional({ hour: '2-digit', minute: '2-digit' }).format(moment)

/** A span of time as people say it, rather too long than too short: «15 минут», «3 часа», «2 дня». */
export function roughTime(milliseconds: number): string {
  const minutes = milliseconds / 60_000
  const [value, unit] =
    minutes <= 45
      ? ([[5, 10, 15, 30].find((step) => minutes <= step) ?? 45, 'minute'] as const)
      : minutes <= 60 * 23
        ? ([Math.ceil(minutes / 60), 'hour'] as const)
        : ([Math.ceil(minutes / 60 / 24), 'day'] as const)
  return numberFormat({ style: 'unit', unit, unitDisplay: 'long' }).format(value)
}

/** How long ago, roughly, in words: «2 ч», «3 дн.». */
export function waitingTime(since: Date, now: Date): string {
  const minutes = Math.max(0, Math.round((now.getTime() - since.getTime()) / 60_000))
  const [value, unit] =
    minutes < 60
      ? ([minutes, 'minute'] as const)
      : minutes < 60 * 24
        ? ([Math.round(minutes / 60), 'hour'] as const)
        : ([Math.round(minutes / 60 / 24), 'day'] as const)
  return numberFormat({ style: 'unit', unit, unitDisplay: 'short' }).format(value)
}

/** Full years between a birth date and a day; undefined while the date isn't complete. */
export function yearsOld(birthDate: string, today: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(birthDate)) return undefined
  const years = Number(today.slice(0, 4)) - Number(birthDate.slice(0, 4))
  return birthDate.slice(5) > today.slice(5) ? years - 1 : years
}
