import type { CalendarDate } from '../shared/calendar.ts'
import { addDays, ageOn, isCalendarDate } from '../shared/calendar.ts'

/** Below this age a parent or other legal representative consents (Family Code art. 64; 152-ФЗ art. 9). */
export const guardianBelowAge = 14
const fullAge = 18

/** From 14 to 18 practice differs: the teenager alone, or together with the representative. */
export type From14 = 'self' | 'both'

/** Whose signature stands under a consent. */
export type Basis = 'self' | 'guardian' | 'both'

export const needsGuardian = (birthDate: CalendarDate, today: CalendarDate): boolean =>
  ageOn(birthDate, today) < guardianBelowAge

/** Who has to sign on a day. */
export function basisOn(birthDate: CalendarDate, today: CalendarDate, from14: From14): Basis {
  const age = ageOn(birthDate, today)
  if (age < guardianBelowAge) return 'guardian'
  return from14 === 'both' && age < fullAge ? 'both' : 'self'
}

/** The age at which a reader's own consent takes the representative's place. */
export const ownConsentAge = (from14: From14): number => (from14 === 'self' ? guardianBelowAge : fullAge)

/** Whether a consent that was enough when it was given still is, by the reader's age. */
export function outgrown(
  basis: Basis,
  birthDate: CalendarDate,
  today: CalendarDate,
  from14: From14,
): boolean {
  if (ageOn(birthDate, today) < ownConsentAge(from14)) return false
  return basis === 'guardian' || (basis === 'both' && from14 === 'both')
}

/** The day on which somebody turns `years` old: 1 March for 29 February in common years, as `ageOn` counts. */
export function birthdayAt(birthDate: CalendarDate, years: number): CalendarDate {
  const [year = '', ...rest] = birthDate.split('-')
  const day = [String(Number(year) + years).padStart(4, '0'), ...rest].join('-')
  return isCalendarDate(day) ? day : day.replace('-02-29', '-03-01')
}

export interface StandingConsent {
  basis: Basis
  version: number
}

/** What is known of a reader's consent to processing. */
export interface ConsentFacts {
  birthDate: CalendarDate
  /** When the record was made. */
  since: CalendarDate
  /** The latest that wasn't revoked; undefined when there is none. */
  consent: StandingConsent | undefined
  /** The text in force, and the day from which it is. */
  text: { version: number; since: CalendarDate }
}

/** A consent that is to be asked for. */
export interface ConsentDue {
  why: 'none' | 'age' | 'version'
  /** Who has to sign it; only `self` can be given in the app. */
  basis: Basis
  /** The last day on which it may wait; after that borrowing waits for it. Undefined: nothing waits. */
  until: CalendarDate | undefined
}

/**
 * Which consent is to be asked for today, if any.
 * A new version of the text that a representative has to sign anew on paper stops nobody meanwhile: the
 * signed one is in force until it is revoked, and a child isn't sent to the library once more for a wording.
 */
export function consentDue(
  facts: ConsentFacts,
  today: CalendarDate,
  rules: { from14: From14; graceDays: number },
): ConsentDue | undefined {
  const { birthDate, consent, text } = facts
  const basis = basisOn(birthDate, today, rules.from14)
  const from = (day: CalendarDate) => addDays(day, rules.graceDays)
  if (!consent) return { why: 'none', basis, until: from(facts.since) }
  if (outgrown(consent.basis, birthDate, today, rules.from14))
    return { why: 'age', basis, until: from(birthdayAt(birthDate, ownConsentAge(rules.from14))) }
  if (consent.version >= text.version) return undefined
  return { why: 'version', basis, until: basis === 'self' ? from(text.since) : undefined }
}

/** Whether borrowing waits for the consent. */
export const consentOverdue = (due: ConsentDue | undefined, today: CalendarDate): boolean =>
  due?.until !== undefined && today > due.until
