import { createHash } from 'node:crypto'
import type { SheetFormat } from '#protocols/sheet/sheet.ts'
import type { IrbisFormat } from '#protocols/irbis/readers.ts'
import { days } from '../shared/clock.ts'
import { expected } from '../shared/errors.ts'

/** What a list's rows become: questionnaires in the queue, or readers whom a library has had already. */
export const listKinds = ['questionnaires', 'readers'] as const
export type ListKind = (typeof listKinds)[number]

export type ListFormat = SheetFormat | IrbisFormat

export const isIrbis = (format: ListFormat): format is IrbisFormat =>
  format === 'iso2709' || format === 'irbis_text'

/**
 * `mapping`: columns are being named; `checking`: each row is looked at, nothing is stored; `checked`: waits for
 * its start; `running`: rows become records; `stopped`: by a button, may go on; `done`: no good row is left.
 */
export type ListState = 'mapping' | 'checking' | 'checked' | 'running' | 'stopped' | 'done'

/** `asked`: somebody alike is on record, an operator decides; `same`: it was him, nothing was stored. */
export type RowState = 'new' | 'good' | 'faulty' | 'asked' | 'done' | 'same'

/** What a column may be. */
export const listFields = [
  'fullName',
  'surname',
  'firstName',
  'patronymic',
  'birthDate',
  'email',
  'phone',
  'cardNumber',
  'guardianName',
  'guardianRelation',
  'libraryCode',
] as const
export type ListField = (typeof listFields)[number]

/** Places of columns, from 0. */
export type Mapping = Partial<Record<ListField, number>>

/** What is wrong with a row; `code` has a sentence, the one that the form of a questionnaire would give. */
export interface RowFault {
  field: ListField | 'row'
  code: string
  /** The other row that it is about. */
  row?: number
}

/** How long a list is kept after its last change; rows that aren't done hold people's data. */
export const listLife = days(30)

/** Rows that are looked at, and rows that are taken, in one transaction. */
export const batches = { check: 500, run: 50 } as const

export const listGone = expected('lists.gone', 404)
/** Its state is another than the page has shown. */
export const listMoved = expected('lists.moved', 409)
/** The upload form has made another list already. */
export const listFormUsed = expected('lists.form_used', 409)
export const fileMissing = expected('lists.file_missing', 422)
export const fileUnknown = expected('lists.file_unknown_format', 422)
export const fileTooLarge = expected('lists.file_too_large', 422)
export const fileEncrypted = expected('lists.file_encrypted', 422)
export const fileBomb = expected('lists.file_bomb', 422)
export const fileDamaged = expected('lists.file_damaged', 422)
export const fileEmpty = expected('lists.file_empty', 422)
/** Rows of a library's own readers come from operators alone, and name their library. */
export const libraryMissing = expected('lists.library_missing', 422)
export const nameMissing = expected('lists.name_missing', 422)
export const birthDateMissing = expected('lists.birth_date_missing', 422)
export const codeMissing = expected('lists.code_missing', 422)
export const columnUnknown = expected('lists.column_unknown', 422)
/** Whoever has started it has no account or no right any more. */
export const workerGone = expected('lists.worker_gone', 403)

/** The same person stands in the file above: `row`. */
export const sameRow = expected('lists.same_row', 422)
export const sameCard = expected('lists.same_card', 422)
/** His questionnaire waits in the queue already. */
export const waitsAlready = expected('lists.waits_already', 409)
export const libraryUnknown = expected('lists.library_unknown', 422)
/** A row that passed every check, and that the database has refused. */
export const rowRefused = expected('lists.row_refused', 422)
export const recordBroken = expected('lists.record_broken', 422)

/** What headers call a column. The first pattern that fits names it, and each field is given once. */
const usualNames: readonly [ListField, RegExp][] = [
  ['guardianRelation', /(кем приход|степень родств|родство|relation)/iu],
  ['guardianName', /(представител|родител|опекун|законн|guardian|parent)/iu],
  ['libraryCode', /(код\s*(библиотек|филиал|подраздел)|^библиотека$|^филиал$|library)/iu],
  ['cardNumber', /(билет|карт[аы]|штрих|card|barcode|^30$)/iu],
  ['birthDate', /(рожд|д\.?\s*р\.?$|birth|^21$)/iu],
  ['email', /(почт|e-?mail|мейл|мэйл|^32$)/iu],
  ['phone', /(тел|моб|phone|^17$)/iu],
  ['fullName', /(ф\.?\s*и\.?\s*о|имя и фамилия|фамилия.*имя|full\s*name|^читатель$)/iu],
  ['surname', /(фамил|surname|last\s*name|^10$)/iu],
  ['patronymic', /(отчеств|patronymic|middle|^12$)/iu],
  ['firstName', /(^имя|first\s*name|^11$)/iu],
]

/** What the header's words say; whoever sends the list puts the rest right. */
export function guessMapping(header: readonly string[]): Mapping {
  const mapping: Mapping = {}
  for (const [place, text] of header.entries()) {
    const found = usualNames.find(([field, words]) => mapping[field] === undefined && words.test(text.trim()))
    if (found) mapping[found[0]] = place
  }
  return mapping
}

/** What tells files of one layout: the header's words, whatever their case. */
export const signatureOf = (header: readonly string[]): Buffer =>
  createHash('sha256')
    .update(JSON.stringify(header.map((text) => text.trim().toLowerCase())))
    .digest()

/**
 * Whether the mapping can make people out of rows.
 * @throws nameMissing, birthDateMissing, codeMissing, columnUnknown
 */
export function checkMapping(mapping: Mapping, columns: number, byCode: boolean): void {
  if (mapping.fullName === undefined && mapping.surname === undefined) throw nameMissing()
  if (mapping.birthDate === undefined) throw birthDateMissing()
  if (byCode && mapping.libraryCode === undefined) throw codeMissing()
  if (Object.values(mapping).some((place) => place >= columns)) throw columnUnknown()
}
