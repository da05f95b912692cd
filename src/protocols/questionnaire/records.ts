import { isNothing, readBirth, readCardNumber, readEmail, readFullName, readPhone } from './fields.ts'
import { naming, type Label } from './labels.ts'
import { nameAndDate } from './name-and-date.ts'
import type { Doubt, Place, ReadField, ReadQuestionnaire } from './questionnaire.ts'

/** One labelled value, as it was met. */
export interface Entry {
  label: Label
  raw: string
  doubts: Doubt[]
  /** Blank lines before it; Infinity after a heading or a sentence. 0 in tables. */
  gap: number
}

export interface Found {
  entries: Entry[]
  place: Place
  quoted: boolean
}

/** Gathers labelled values into questionnaires: a new one begins where the first label comes again. */
export class Recorder {
  readonly found: Found[] = []
  #open: Found | undefined

  /** @returns the entry, for doubts that show later */
  add(entry: Entry, place: Place, quoted = false): Entry {
    const [first = entry, ...more] = takenApart(entry)
    this.#take(first, place, quoted)
    for (const each of more) this.#take(each, place, quoted)
    return first
  }

  #take(entry: Entry, place: Place, quoted: boolean): void {
    const open = this.#open
    const again = open?.entries.some(({ label }) => label === entry.label) ?? false
    const first = open?.entries[0]?.label
    if (!open || open.quoted !== quoted || (again && (entry.label === first || naming.has(entry.label)))) {
      this.#open = { entries: [entry], place, quoted }
      this.found.push(this.#open)
    } else open.entries.push(entry)
  }

  has(label: Label): boolean {
    return this.#open?.entries.some((each) => each.label === label) ?? false
  }

  /** The open questionnaire has its name. */
  get isNamed(): boolean {
    return this.#open?.entries.some(({ label }) => naming.has(label) || label === 'givenName') ?? false
  }

  get isOpen(): boolean {
    return this.#open !== undefined
  }

  close(): void {
    this.#open = undefined
  }
}

/**
 * Where blank lines part the values otherwise than the labels do, nobody can say whose the values between are:
 * they become doubtful.
 */
export function doubtGaps(found: readonly Found[]): void {
  for (const [index, next] of found.entries()) {
    const before = found[index - 1]
    if (!before) continue
    const border = next.entries[0]?.gap ?? 0
    const wide = before.entries.findIndex(({ gap }, place) => place > 0 && gap > border)
    if (wide > 0) for (const entry of before.entries.slice(wide)) entry.doubts.push('ambiguous')
  }
}

/** Something was filled in that only a reader has. */
export const isFilledIn = ({ entries }: Found): boolean =>
  entries.some(({ label, raw }) => label !== 'cardNumber' && label !== 'password' && !isNothing(raw)) &&
  isQuestionnaire(entries)

/** It has the rows of the form, filled in or not. */
export const isQuestionnaire = (entries: readonly Entry[]): boolean =>
  entries.some(({ label }) => naming.has(label) || label === 'birthDate')

/**
 * A name and a date that stand together, as two entries. Where the label speaks of a name alone, nothing says what
 * the date is.
 */
export function takenApart(entry: Entry): Entry[] {
  if (entry.label !== 'fullName' && entry.label !== 'nameAndDate') return [entry]
  const isNamed = entry.label === 'nameAndDate'
  const both = nameAndDate(entry.raw, isNamed)
  if (!both) return [{ ...entry, label: 'fullName' }, ...(isNamed ? [missingDate(entry)] : [])]
  const [name, date] = both
  const doubts: Doubt[] = isNamed ? entry.doubts : [...entry.doubts, 'unlabelled']
  return [
    { ...entry, label: 'fullName', raw: name },
    { ...entry, label: 'birthDate', raw: date, doubts: [...doubts], gap: 0 },
  ]
}

const missingDate = (entry: Entry): Entry => ({ ...entry, label: 'birthDate', raw: '', doubts: [], gap: 0 })

const fold = (text: string): string => text.replace(/\s+/gu, ' ').trim().toLowerCase()

/** One value out of all that stand under a label: two that differ are a doubt. */
function settled(entries: readonly Entry[], read: (raw: string) => ReadField): ReadField {
  const filled = entries.filter(({ raw }) => !isNothing(raw))
  const [first] = filled
  if (!first) return { raw: '', value: undefined, doubts: ['missing'] }
  const several = new Set(filled.map(({ raw }) => fold(raw))).size > 1
  const field = read(several ? [...new Set(filled.map(({ raw }) => raw))].join(' / ') : first.raw)
  const doubts = new Set([...field.doubts, ...filled.flatMap((entry) => entry.doubts)])
  if (several) doubts.add('ambiguous')
  return { raw: field.raw, value: several ? undefined : field.value, doubts: [...doubts] }
}

function name(of: (label: Label) => Entry[]): ReadField {
  const whole = settled(of('fullName'), readFullName)
  const parts = (['surname', 'givenName', 'patronymic'] as const).map((label) =>
    settled(of(label), (raw) => ({
      raw,
      value: raw,
      doubts: raw.trim().split(/\s+/u).length > 2 ? ['ambiguous'] : [],
    })),
  )
  const [surname, given] = parts
  if (parts.every(({ raw }) => raw === '')) return whole
  const joined = readFullName(parts.map(({ raw }) => raw).join(' '))
  const doubts = new Set([
    ...joined.doubts,
    ...parts.flatMap((part) => part.doubts.filter((doubt) => doubt !== 'missing')),
  ])
  if (surname?.raw === '' || given?.raw === '') doubts.add('incomplete')
  if (whole.raw !== '' && whole.value !== joined.value) doubts.add('ambiguous')
  return { ...joined, doubts: [...doubts] }
}

export function asQuestionnaire(found: Found, part: string, today: string): ReadQuestionnaire {
  const of = (label: Label) => found.entries.filter((entry) => entry.label === label)
  const quote = (field: ReadField): ReadField =>
    found.quoted ? { ...field, doubts: [...new Set<Doubt>([...field.doubts, 'quoted'])] } : field
  const card = settled(of('cardNumber'), readCardNumber)
  return {
    fullName: quote(name(of)),
    email: quote(settled(of('email'), readEmail)),
    birthDate: quote(settled(of('birthDate'), (raw) => readBirth(raw, today))),
    phone: quote(settled(of('phone'), readPhone)),
    ...(card.raw === '' ? {} : { cardNumber: quote(card) }),
    source: { part, place: found.place },
  }
}
