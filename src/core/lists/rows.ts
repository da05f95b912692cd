import { isCalendarDate, monthMayBeFirst } from '#protocols/person/birth-dates.ts'
import { mixedWord, tidyFullName } from '#protocols/person/full-names.ts'
import type { Questionnaire } from '../applications/applications.schemas.ts'
import { questionnaireSchema } from '../applications/applications.schemas.ts'
import { checkBirthDate } from '../applications/applications.ts'
import { optionalNumberField } from '../cards/cards.schemas.ts'
import type { From14 } from '../consents/coming-of-age.ts'
import type { CheckedConsent } from '../consents/consents.ts'
import { checkConsent } from '../consents/consents.ts'
import { nameKey } from '../readers/names.ts'
import type { CalendarDate } from '../shared/calendar.ts'
import { isExpected } from '../shared/errors.ts'
import type { ListField, ListFormat, Mapping, RowFault } from './lists.ts'
import { isIrbis, libraryUnknown } from './lists.ts'
import type { ListTerms } from './lists.schemas.ts'

/** What a row is read by. */
export interface RowRules {
  mapping: Mapping
  terms: ListTerms
  format: ListFormat
  /** The list's library; undefined where a column names each row's. */
  libraryId: string | undefined
  /** Ids by three-digit code, of the libraries that the sender may send for. */
  libraries: ReadonlyMap<string, string>
  today: CalendarDate
  from14: From14
}

/** A row that may become a questionnaire or a reader. */
export interface GoodRow extends Questionnaire {
  libraryId: string
  cardNumber: string | undefined
  consent: CheckedConsent
  guardianName: string
  guardianRelation: string
}

/** What a field of the questionnaire's schema is, as a column. */
const columnOf: Readonly<Record<string, ListField>> = {
  fullName: 'fullName',
  email: 'email',
  birthDate: 'birthDate',
  phone: 'phone',
}

/** A row by the rules of the questionnaire's own form: the person, or every fault that it has. */
export function readRow(
  cells: readonly string[],
  rules: RowRules,
): { row: GoodRow } | { faults: RowFault[] } {
  const faults: RowFault[] = []
  const { mapping, terms } = rules
  const cell = (field: ListField) => {
    const place = mapping[field]
    return place === undefined ? '' : (cells[place] ?? '').trim()
  }
  const person = questionnaireSchema.safeParse({
    fullName: fullNameOf(cell),
    email: empty(cell('email')),
    birthDate: birthDateOf(cell('birthDate'), rules.format),
    phone: empty(cell('phone')),
  })
  for (const { path, message } of person.error?.issues ?? []) {
    const field = columnOf[String(path[0])] ?? 'row'
    if (!faults.some((fault) => fault.field === field)) faults.push({ field, code: message })
  }
  // What the form asks whoever types it, a file can't be asked.
  if (monthMayBeFirst(cell('birthDate'))) faults.push({ field: 'birthDate', code: 'birth_date_order' })
  if (mixedWord(tidyFullName(fullNameOf(cell)))) faults.push({ field: 'fullName', code: 'full_name_mixed' })
  const card = optionalNumberField.safeParse(empty(cell('cardNumber')))
  if (!card.success) faults.push({ field: 'cardNumber', code: 'card_number' })
  const libraryId = rules.libraryId ?? rules.libraries.get(cell('libraryCode').padStart(3, '0'))
  if (libraryId === undefined) faults.push({ field: 'libraryCode', code: libraryUnknown().code })
  const guardianName = cell('guardianName').slice(0, 200)
  const guardianRelation = cell('guardianRelation').slice(0, 100)
  const consent = signed(rules, person.data?.birthDate, { guardianName, guardianRelation }, faults)
  if (faults.length > 0 || !person.success || !consent || libraryId === undefined) return { faults }
  return {
    row: { ...person.data, libraryId, cardNumber: card.data, consent, guardianName, guardianRelation },
  }

  /** Who signs is decided by the age on the day of signing. */
  function signed(
    { today, from14 }: RowRules,
    birthDate: CalendarDate | undefined,
    guardian: { guardianName: string; guardianRelation: string },
    found: RowFault[],
  ): CheckedConsent | undefined {
    if (birthDate === undefined) return undefined
    try {
      checkBirthDate(birthDate, terms.signedOn < today ? terms.signedOn : today)
    } catch (error) {
      found.push({ field: 'birthDate', code: codeOf(error) })
      return undefined
    }
    try {
      return checkConsent({ ...terms, ...guardian }, birthDate, terms.signedOn, from14)
    } catch (error) {
      found.push({ field: 'guardianName', code: codeOf(error) })
      return undefined
    }
  }
}

/** The stable code of an expected error. @throws what isn't one */
export function codeOf(error: unknown): string {
  if (!isExpected(error)) throw error
  return error.code
}

/** One person of a file by name and birth date, as one person on record is. */
export const personKey = ({ fullName, birthDate }: Pick<Questionnaire, 'fullName' | 'birthDate'>): string =>
  `${nameKey(fullName)} ${birthDate}`

const fullNameOf = (cell: (field: ListField) => string): string =>
  [cell('fullName'), cell('surname'), cell('firstName'), cell('patronymic')].filter(Boolean).join(' ')

/** «нет», «-», «—»: what people write where they have nothing. */
const empty = (text: string): string => (/^([-–—]+|нет|н\/д)$/iu.test(text) ? '' : text)

/** ИРБИС keeps days as `YYYYMMDD`. */
function birthDateOf(text: string, format: ListFormat): string {
  if (!isIrbis(format)) return text
  const day = text.replace(/^(\d{4})(\d{2})(\d{2})$/, '$1-$2-$3')
  return isCalendarDate(day) ? day : text
}
