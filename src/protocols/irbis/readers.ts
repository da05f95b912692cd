import type { SheetRow } from '../sheet/sheet.ts'
import { RowKeeper, sheetLimits, SheetFault } from '../sheet/sheet.ts'
import type { TextEncoding } from '../text/decode-text.ts'
import { decodeAs, decodeText } from '../text/decode-text.ts'
import { readIso2709, subfieldMark } from '../iso2709/iso2709.ts'
import { looksLikeIrbisText, readIrbisText } from './text-form.ts'

/** Fields of the reader's record (RDR) as installations have them by default; any may be another somewhere. */
export const readerTags = ['10', '11', '12', '21', '17', '32', '30'] as const

export type IrbisFormat = 'iso2709' | 'irbis_text'

export interface ReaderBase {
  format: IrbisFormat
  /** Tags, in the order of the columns. */
  header: string[]
  /** A row per record, numbered by its place in the file. */
  rows: SheetRow[]
  /** Places of records that can't be read. */
  broken: number[]
  /** False where its text may as well be in another encoding. */
  sure: boolean
}

const isoStart = /^\s*\d{5}[\x20-\x7e]{7}\d{5}/

/** Which of both forms the bytes are in; undefined when they are neither. */
export function irbisFormat(bytes: Uint8Array): IrbisFormat | undefined {
  const head = new TextDecoder('latin1').decode(bytes.subarray(0, 64))
  if (isoStart.test(head) && bytes.includes(0x1e)) return 'iso2709'
  return looksLikeIrbisText(decodeText(bytes.subarray(0, 8000)).text) ? 'irbis_text' : undefined
}

/**
 * An export of a reader base as a table: a column per tag. Fields that aren't asked for (loans, visits,
 * addresses) are never kept.
 * @param encoding of its text, where a person has named it
 * @throws SheetFault unknown_format, too_large, empty
 */
export function readReaderBase(
  bytes: Uint8Array,
  tags: readonly string[] = readerTags,
  encoding?: TextEncoding,
): ReaderBase {
  const format = irbisFormat(bytes)
  if (!format) throw new SheetFault('unknown_format')
  const keeper = new RowKeeper()
  const broken: number[] = []
  let empty = true
  const { records, sure } = format === 'iso2709' ? isoRead(bytes, encoding) : textRead(bytes, encoding)
  for (const { place, fields, fault } of records) {
    empty = false
    const cells = tags.map((tag) => valueOf(fields, tag))
    if (broken.length + keeper.rows.length >= sheetLimits.rows) throw new SheetFault('too_large')
    if (fault) broken.push(place)
    else keeper.add(place, cells)
  }
  if (empty) throw new SheetFault('empty')
  return {
    format,
    header: [...tags],
    rows: keeper.rows,
    broken,
    sure,
  }
}

interface Found {
  place: number
  fields: readonly { tag: string; value: string }[]
  fault: boolean
}

interface Read {
  records: Generator<Found>
  sure: boolean
}

/** In one of both that installations write where it reads as that for sure, else in the one that a person has named. */
function isoRead(bytes: Uint8Array, encoding: TextEncoding | undefined): Read {
  const written = isUtf8(bytes) ? 'utf-8' : 'windows-1251'
  const { text, sure } = decodeText(bytes)
  const certain = sure && new TextDecoder(written).decode(bytes) === text
  return {
    records: isoRecords(bytes, certain ? written : (encoding ?? written)),
    sure: certain || encoding !== undefined,
  }
}

function textRead(bytes: Uint8Array, encoding: TextEncoding | undefined): Read {
  const { text, sure } = decodeAs(bytes, encoding)
  return { records: textRecords(text), sure }
}

function* isoRecords(bytes: Uint8Array, encoding: TextEncoding): Generator<Found> {
  for (const { place, record } of readIso2709(bytes, encoding))
    yield { place, fields: record?.fields ?? [], fault: record === undefined }
}

function* textRecords(text: string): Generator<Found> {
  for (const { place, fields, fault } of readIrbisText(text)) yield { place, fields, fault: fault === 'line' }
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return true
  } catch {
    return false
  }
}

/** The first filled occurrence; of a field with subfields the first of those, `10^A` asks for one by name. */
function valueOf(fields: Found['fields'], asked: string): string {
  const [tag = '', code] = asked.split('^')
  for (const field of fields) {
    if (field.tag.replace(/^0+(?=\d)/, '') !== tag) continue
    const value = subfieldOf(field.value, code)
    if (value.trim() !== '') return value
  }
  return ''
}

function subfieldOf(value: string, code: string | undefined): string {
  const [whole = '', ...subfields] = value.split(new RegExp(`[\\^${subfieldMark}]`, 'u'))
  if (code) return subfields.find((each) => each[0]?.toUpperCase() === code.toUpperCase())?.slice(1) ?? ''
  return whole.trim() === '' ? (subfields[0]?.slice(1) ?? '') : whole
}
