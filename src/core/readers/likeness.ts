import type { CalendarDate } from '../shared/calendar.ts'
import { nameKey } from './names.ts'

/** What tells one person from another. */
export interface Person {
  fullName: string
  birthDate: CalendarDate
  email: string | null
  phone: string | null
}

/**
 * Why two entries may be one person.
 * - `same`: same words of the name, same birth date. Only this stops a registration.
 * - `words_missing`: one name has all words of the other (most often the patronymic is left out), same date.
 * - `typo`: the names differ by a slip of the hand, same date.
 * - `date`: same name, the dates differ by one digit or by day and month swapped.
 * - `birth_date`: same date; said only beside a shared contact, where it weighs.
 * - `phone`, `email`: a shared contact; families have that too.
 */
export type Sign = 'same' | 'words_missing' | 'typo' | 'date' | 'birth_date' | 'phone' | 'email'

export interface Likeness {
  /** The same person until somebody says otherwise; else no more than a hint. */
  certain: boolean
  signs: Sign[]
  /** For putting the most alike first; has no unit. */
  weight: number
}

/** A slip of the hand changes no more than this many letters of a name. */
const typoLimit = 2
/** A short first name that differs in two letters is another name: Ян and Лев, Ася and Яна. */
const shortWord = 4

const weights: Record<Sign, number> = {
  same: 100,
  words_missing: 60,
  typo: 50,
  date: 45,
  birth_date: 20,
  phone: 10,
  email: 12,
}

/** How alike two people's entries are; undefined when nothing speaks for one person. Symmetric. */
export function likeness(a: Person, b: Person): Likeness | undefined {
  const names = compareNames(a.fullName, b.fullName)
  const sameDate = a.birthDate === b.birthDate
  const signs: Sign[] = []
  if (names === 'same' && sameDate) signs.push('same')
  if (names === 'same' && nearDates(a.birthDate, b.birthDate)) signs.push('date')
  if ((names === 'words_missing' || names === 'typo') && sameDate) signs.push(names)
  const shared: Sign[] = []
  if (a.phone !== null && a.phone === b.phone) shared.push('phone')
  if (a.email !== null && a.email === b.email) shared.push('email')
  if (signs.length === 0 && shared.length > 0 && sameDate) signs.push('birth_date')
  signs.push(...shared)
  if (signs.length === 0) return undefined
  return {
    certain: signs.includes('same'),
    signs,
    weight: signs.reduce((sum, sign) => sum + weights[sign], 0),
  }
}

/** Whether neither name nor birth date speaks for one person; a family shares its phone. */
export const isUnlike = (a: Person, b: Person): boolean =>
  likeness(a, b)?.signs.every((sign) => sign === 'phone' || sign === 'email') ?? true

/** How two names are alike: by all their words, by all words of the shorter one, or but for a typo. */
export function compareNames(a: string, b: string): 'same' | 'words_missing' | 'typo' | undefined {
  const [restA, restB] = withoutShared(wordsOf(a), wordsOf(b))
  const [fewer, more] = restA.length <= restB.length ? [restA, restB] : [restB, restA]
  if (more.length === 0) return 'same'
  if (fewer.length === 0) return 'words_missing'
  if (joined(a) === joined(b)) return 'typo'
  // With a word left out besides, the rest must speak the more clearly.
  const limit = fewer.length === more.length ? typoLimit : typoLimit - 1
  return fewer.length <= limit && leastEdits(fewer, more) <= limit ? 'typo' : undefined
}

/** Whether two dates differ by one digit, or by day and month changing places. */
export function nearDates(a: CalendarDate, b: CalendarDate): boolean {
  if (a === b) return false
  const [year, month, day] = a.split('-')
  if (b === `${year}-${day}-${month}`) return true
  return a.length === b.length && [...a].filter((sign, place) => sign !== b[place]).length === 1
}

/**
 * Optimal string alignment: insertions, deletions, changes and swaps of neighbouring letters, each counted
 * once (Damerau 1964; no letter is edited twice).
 */
export function edits(a: string, b: string): number {
  const [from, to] = [[...a], [...b]]
  let beforeLast: number[] = []
  let last = Array.from({ length: to.length + 1 }, (_, place) => place)
  for (const [i, sign] of from.entries()) {
    const row = [i + 1]
    for (const [j, other] of to.entries()) {
      const changed = at(last, j) + (sign === other ? 0 : 1)
      const swapped =
        i > 0 && j > 0 && sign === to[j - 1] && from[i - 1] === other ? at(beforeLast, j - 1) + 1 : Infinity
      row.push(Math.min(at(last, j + 1) + 1, at(row, j) + 1, changed, swapped))
    }
    beforeLast = last
    last = row
  }
  return at(last, to.length)
}

const at = (row: readonly number[], place: number): number => row[place] ?? Infinity

const wordsOf = (fullName: string): string[] => nameKey(fullName).split(' ').filter(Boolean)

/** The name's letters in the order in which they were written: a forgotten space or hyphen changes nothing. */
const joined = (fullName: string): string =>
  fullName
    .split(/[\s\u2010-\u2015-]+/)
    .map(nameKey)
    .join('')

/** Both bags without the words that they share, each shared word as often as both have it. */
function withoutShared(a: readonly string[], b: readonly string[]): [string[], string[]] {
  const rest = [...b]
  const own = a.filter((word) => {
    const place = rest.indexOf(word)
    if (place >= 0) rest.splice(place, 1)
    return place < 0
  })
  return [own, rest]
}

/** The fewest edits that make each of the fewer words one of the others; for one word or two. */
function leastEdits(a: readonly string[], b: readonly string[]): number {
  const [first, ...others] = a
  if (first === undefined) return 0
  return Math.min(
    ...b.map((word, place) => wordEdits(first, word) + leastEdits(others, b.toSpliced(place, 1))),
  )
}

function wordEdits(a: string, b: string): number {
  const count = edits(a, b)
  const short = Math.min(a.length, b.length) <= shortWord
  return short && count > 1 ? Infinity : count
}
