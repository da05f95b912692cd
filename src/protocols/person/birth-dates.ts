/** Birth dates as people type them. The same rules in the browser and on the server. */

/** A calendar date without a time of day, `YYYY-MM-DD`. */
type CalendarDate = string

export type BirthDateFault = 'birth_date_missing' | 'birth_date_unreadable' | 'birth_date_year'

/** Nobody has lived longer by more than a little; above it a year was mistyped. */
export const oldestAge = 120

export function isCalendarDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false
  const moment = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(moment.getTime()) && moment.toISOString().slice(0, 10) === text
}

/**
 * Full years lived on a day. Born on 29 February, one turns a year older on 1 March of common years
 * (Civil Code of Russia, art. 192: a term counted in years ends on the day after where there is no such date).
 */
export function ageOn(birthDate: CalendarDate, day: CalendarDate): number {
  const [birthYear = 0, ...birthRest] = birthDate.split('-').map(Number)
  const [year = 0, ...rest] = day.split('-').map(Number)
  const [birthMonth = 1, birthDay = 1] = birthRest
  const [month = 1, dayOfMonth = 1] = rest
  const hadBirthday = month > birthMonth || (month === birthMonth && dayOfMonth >= birthDay)
  return year - birthYear - (hadBirthday ? 0 : 1)
}

const months = [
  ['январь', 'января'],
  ['февраль', 'февраля'],
  ['март', 'марта'],
  ['апрель', 'апреля'],
  ['май', 'мая'],
  ['июнь', 'июня'],
  ['июль', 'июля'],
  ['август', 'августа'],
  ['сентябрь', 'сентября'],
  ['октябрь', 'октября'],
  ['ноябрь', 'ноября'],
  ['декабрь', 'декабря'],
]

/** 1 to 12 for a month's name or its beginning of at least three letters; 0 for any other word. */
const monthNamed = (word: string): number =>
  word.length < 3 ? 0 : months.findIndex((forms) => forms.some((form) => form.startsWith(word))) + 1

/** 05.03.2009, 5/3/2009, 05032009, «05» марта 2009 г. р., 2009-03-05, 2009.3.5 → `2009-03-05`, or what is wrong. */
export function readBirthDate(typed: string): CalendarDate | { fault: BirthDateFault } {
  const plain = typed
    .normalize('NFKC')
    .trim()
    .toLowerCase()
    .replace(/["«»“”„']/gu, '')
    // A day as programs write it, with the midnight that nobody typed.
    .replace(/[t ]0{1,2}:00(:00(\.0+)?)?z?$/u, '')
    .replace(/\s*(года рождения|г\.?\s*р|года|год|г)\.?$/u, '')
    .trim()
  if (plain === '') return { fault: 'birth_date_missing' }
  if (isCalendarDate(plain)) return plain
  const yearFirst = /^(\d{4})\s*[./-]\s*(\d{1,2})\s*[./-]\s*(\d{1,2})$/u.exec(plain)
  if (yearFirst) return calendarDate(yearFirst[1], Number(yearFirst[2]), yearFirst[3])
  const parts =
    /^(\d{1,2})\s*[./,\s-]\s*(\d{1,2})\s*[./,\s-]\s*(\d+)$/u.exec(plain) ??
    /^(\d{2})(\d{2})(\d{4}|\d{2})$/u.exec(plain)
  const inWords = parts ? null : /^(\d{1,2})\s*[\s.,-]\s*([а-я]+)\.?\s*[\s.,-]\s*(\d+)$/u.exec(plain)
  const month = inWords ? monthNamed(inWords[2] ?? '') : Number(parts?.[2])
  const found = inWords ?? parts
  if (!found || !month) return { fault: 'birth_date_unreadable' }
  // 09 may be 1909 or 2009: for a child and for a great-grandmother.
  if (found[3]?.length === 2) return { fault: 'birth_date_year' }
  return calendarDate(found[3], month, found[1])
}

function calendarDate(year = '', month: number, day = ''): CalendarDate | { fault: BirthDateFault } {
  const date = `${year}-${String(month).padStart(2, '0')}-${day.padStart(2, '0')}`
  return isCalendarDate(date) ? date : { fault: 'birth_date_unreadable' }
}

/**
 * «3/5/2009»: so, with slashes and without noughts, programs write whose language puts the month first. Who types it sees
 * what became of it; of a file it has to be asked.
 */
export const monthMayBeFirst = (written: string): boolean => {
  const [, first, second] = /^(\d{1,2})\/(\d{1,2})\/\d{4}$/u.exec(written) ?? []
  if (first === undefined || second === undefined || first === second) return false
  return (first.length === 1 || second.length === 1) && Number(first) <= 12 && Number(second) <= 12
}

/** Beyond all bounds, on a day; undefined when it may stand. */
export function birthDateBeyond(birthDate: CalendarDate, today: CalendarDate): 'future' | 'old' | undefined {
  if (birthDate > today) return 'future'
  return ageOn(birthDate, today) > oldestAge ? 'old' : undefined
}

/** Possible, but more often a slip of the hand: asked about, never refused. */
export function birthDateDoubtful(birthDate: CalendarDate, today: CalendarDate): boolean {
  const age = ageOn(birthDate, today)
  return age < 3 || age > 100
}

/** `2009-03-05` → `05.03.2009`, as it is typed; anything else stays as it is. */
export const dottedDate = (date: string): string =>
  isCalendarDate(date) ? `${date.slice(8)}.${date.slice(5, 7)}.${date.slice(0, 4)}` : date
