import * as texts from '#texts'
import type { MailedField } from '#core/applications/mailed.ts'
import type { MailFault } from '#core/intake/looking-through.ts'
import type { LetterDoubt, LetterState } from '#core/letters/letters.ts'
import type { LetterRow } from '#core/letters/rows.ts'
import type { Doubt, PartFault } from '#protocols/questionnaire/questionnaire.ts'
import { asPeopleType } from '../person-notes.ts'

const states: Record<LetterState, () => string> = {
  waiting: texts.letters_state_waiting,
  open: texts.letters_state_open,
  unreadable: texts.letters_state_unreadable,
  dismissed: texts.letters_state_dismissed,
}
/** @param left how many of its questionnaires wait */
export const letterStateText = (state: LetterState, left: number): string =>
  state === 'open' && left === 0 ? texts.letters_state_done() : states[state]()

const whys: Record<LetterDoubt, () => string> = {
  unknown_sender: texts.letters_why_unknown_sender,
  not_authenticated: texts.letters_why_not_authenticated,
  several_libraries: texts.letters_why_several_libraries,
}
export const letterWhyText = (doubt: LetterDoubt): string => whys[doubt]()

const doubtTexts: Record<Doubt, () => string> = {
  missing: texts.letters_doubt_missing,
  malformed: texts.letters_doubt_malformed,
  ambiguous: texts.letters_doubt_ambiguous,
  incomplete: texts.letters_doubt_incomplete,
  unlikely: texts.letters_doubt_unlikely,
  misspelt: texts.letters_doubt_misspelt,
  unlabelled: texts.letters_doubt_unlabelled,
  quoted: texts.letters_doubt_quoted,
  charset: texts.letters_doubt_charset,
}

const faults: Record<PartFault, () => string> = {
  unknown_format: texts.letters_fault_unknown_format,
  too_large: texts.letters_fault_too_large,
  encrypted: texts.letters_fault_encrypted,
  bomb: texts.letters_fault_bomb,
  damaged: texts.letters_fault_damaged,
  no_text: texts.letters_fault_no_text,
  blank_form: texts.letters_fault_blank_form,
  no_questionnaire: texts.letters_fault_no_questionnaire,
  too_many: texts.letters_fault_too_many,
  macro: texts.letters_fault_macro,
  nested_archive: texts.letters_fault_nested_archive,
  too_slow: texts.letters_fault_too_slow,
  no_time: texts.letters_fault_no_time,
}
const mailFaults: Record<MailFault, () => string> = {
  fetch: texts.letters_mail_fault_fetch,
  read: texts.letters_mail_fault_read,
  move: texts.letters_mail_fault_move,
  crowd: texts.letters_mail_fault_crowd,
  large: texts.letters_mail_fault_large,
}
export const mailFaultText = (fault: MailFault): string => mailFaults[fault]()

export const partFaultText = (code: PartFault): string => faults[code]()

const fieldNames: Record<MailedField, () => string> = {
  fullName: texts.application_full_name,
  email: texts.application_email,
  birthDate: texts.application_birth_date,
  phone: texts.application_phone,
  stockCard: texts.application_stock_card,
}

/** For each doubtful field what stood in the letter, and why it isn't taken as it is. */
export function doubtNotes(doubts: LetterRow['doubts']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(doubts).map(([name, { raw, value, doubts: codes }]) => {
      const offer = value === undefined ? '' : (asPeopleType({ [name]: value })[name] ?? '')
      const parts = [
        raw === '' ? texts.letters_stood_nothing() : texts.letters_stood({ raw }),
        ...codes.filter((code) => raw !== '' || code !== 'missing').map((code) => doubtTexts[code]()),
        ...(offer && offer !== raw ? [texts.letters_maybe({ value: offer })] : []),
      ]
      return [name, parts.join(' ')]
    }),
  )
}

export const mailedFieldText = (name: string): string => fieldNames[name as MailedField]()

/** «Анкеты.docx, таблица 2». */
export function whereText({ part, place }: LetterRow['source']): string {
  const of = (say: (n: { n: number }) => string, n: number | undefined) =>
    n === undefined ? [] : [say({ n })]
  return [
    part || texts.letters_where_letter(),
    ...(place.sheet ? [texts.letters_where_sheet({ name: place.sheet })] : []),
    ...of(texts.letters_where_page, place.page),
    ...of(texts.letters_where_table, place.table),
    ...of(texts.letters_where_row, place.row ?? place.line),
    ...of(texts.letters_where_column, place.column),
  ].join(', ')
}
