import * as texts from '#texts'
import {
  birthDateBeyond,
  birthDateDoubtful,
  ageOn,
  dottedDate,
  readBirthDate,
} from '#protocols/person/birth-dates.ts'
import { emailFault, meantEmail, tidyEmail } from '#protocols/person/emails.ts'
import { fullNameFault, mixedWord, properCase, tidyFullName } from '#protocols/person/full-names.ts'
import { glanceAtPhone } from '#protocols/person/phones.ts'
import { phoneForPeople } from './phones.ts'

/** What is said of a field's content as it is typed. Nothing of it ever stops a form: the server decides. */
export interface Note {
  /** A fault is what the server would refuse; a hint asks; good news needs no colour. */
  tone: 'fault' | 'hint' | 'good'
  text: string
  /** What one tap puts into the field instead. */
  take?: string
}

/** One field's rules: what it says of its content, and how the content is written once it is left. */
export interface Check {
  note: (typed: string) => Note | undefined
  tidy: (typed: string) => string
}

const nameFaults = {
  full_name_missing: texts.field_full_name_missing,
  full_name_long: texts.field_full_name_long,
  full_name_signs: texts.field_full_name_signs,
  full_name_words: texts.field_full_name_words,
}

export const fullNameCheck: Check = {
  note(typed) {
    const name = tidyFullName(typed)
    if (name === '') return undefined
    const fault = fullNameFault(name)
    if (fault) return { tone: 'fault', text: nameFaults[fault]() }
    const word = mixedWord(name)
    if (word) return { tone: 'hint', text: texts.person_name_mixed({ word }) }
    const offer = properCase(name)
    return offer ? { tone: 'hint', text: texts.person_name_case({ value: offer }), take: offer } : undefined
  },
  tidy: tidyFullName,
}

export const emailCheck: Check = {
  note(typed) {
    const email = tidyEmail(typed)
    if (email === '') return undefined
    const fault = emailFault(email) !== undefined
    const meant = meantEmail(typed)
    if (meant) return { tone: 'hint', text: texts.person_email_meant({ value: meant }), take: meant }
    return fault ? { tone: 'fault', text: emailFaultText(email) } : undefined
  },
  tidy: (typed) => (emailFault(tidyEmail(typed)) ? typed : tidyEmail(typed)),
}

function emailFaultText(email: string): string {
  if (/[а-яё]/u.test(email)) return texts.person_email_cyrillic()
  if (!email.includes('@')) return texts.person_email_at()
  if (email.split('@').length > 2) return texts.person_email_several()
  return texts.field_email_unreadable()
}

const phoneFaults = {
  phone_unreadable: texts.field_phone_unreadable,
  phone_short: texts.field_phone_short,
  phone_several: texts.field_phone_several,
}

export const phoneCheck: Check = {
  note(typed) {
    if (typed.trim() === '') return undefined
    const glance = glanceAtPhone(typed)
    return glance !== 'perhaps' && 'fault' in glance
      ? { tone: 'fault', text: phoneFaults[glance.fault]() }
      : undefined
  },
  tidy(typed) {
    const glance = glanceAtPhone(typed)
    return glance !== 'perhaps' && 'e164' in glance ? phoneForPeople(glance.e164) : typed
  },
}

const dateFaults = {
  birth_date_missing: texts.field_birth_date_missing,
  birth_date_unreadable: texts.field_birth_date_unreadable,
  birth_date_year: texts.field_birth_date_year,
}
const beyond = {
  future: texts.error_applications_birth_date_future,
  old: texts.error_applications_birth_date_old,
}

/** @param today calendar date in the region's zone */
export const birthDateCheck = (today: string): Check => ({
  note(typed) {
    const date = readBirthDate(typed)
    if (typeof date !== 'string')
      return date.fault === 'birth_date_missing'
        ? undefined
        : { tone: 'fault', text: dateFaults[date.fault]() }
    const wrong = birthDateBeyond(date, today)
    if (wrong) return { tone: 'fault', text: beyond[wrong]() }
    const age = texts.person_age({ years: ageOn(date, today) })
    return birthDateDoubtful(date, today)
      ? { tone: 'hint', text: `${age}. ${texts.person_birth_doubt()}` }
      : { tone: 'good', text: age }
  },
  tidy(typed) {
    const date = readBirthDate(typed)
    return typeof date === 'string' ? dottedDate(date) : typed
  },
})

/** What is stored, as people type it. */
export const asPeopleType = (fields: Record<string, string>): Record<string, string> => ({
  ...fields,
  birthDate: dottedDate(fields['birthDate'] ?? ''),
  phone: phoneForPeople(fields['phone'] ?? ''),
})
