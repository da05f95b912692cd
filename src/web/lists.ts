import { Readable } from 'node:stream'
import * as texts from '#texts'
import type { ListField, RowFault } from '#core/lists/lists.ts'
import type { ListActor } from '#core/lists/upload.commands.ts'
import { ExpectedError } from '#core/shared/errors.ts'
import type { Actor } from '#core/staff/actors.ts'
import { authorise, may } from '#core/staff/actors.ts'
import { csvRow } from '#protocols/sheet/csv.ts'
import { encodeWindows1251 } from '#protocols/sheet/text-encoding.ts'
import { writeXlsx } from '#protocols/sheet/xlsx-write.ts'
import { fieldNames } from '#ui/lists/words.ts'
import { errorText, fieldText } from './errors.ts'

/** Whoever may work with lists: those of readers too, where he may. */
export const listActor = (actor: Actor): ListActor =>
  may(actor, 'lists.readers') ? authorise(actor, 'lists.readers') : authorise(actor, 'lists.questionnaires')

/** A fault of a row as a sentence: codes with a dot are expected errors, the others are of fields. */
const faultText = ({ code, row }: RowFault): string =>
  code.includes('.') ? errorText(new ExpectedError(code, 422, { row: row ?? 0 })) : fieldText(code)

const fieldName = (field: RowFault['field']): string | undefined =>
  field === 'row' ? undefined : fieldNames[field satisfies ListField]()

/** «Телефон: в номере не хватает цифр.» */
export const faultSentence = (fault: RowFault): string =>
  [fieldName(fault.field), faultText(fault)].filter(Boolean).join(': ')

export type SheetFileFormat = 'xlsx' | 'csv' | 'csv1251'

/**
 * A table for download, sent while its rows come.
 * @param name without its ending
 * @param rows the header first
 */
export function sheetResponse(
  name: string,
  format: SheetFileFormat,
  rows: AsyncIterable<readonly string[]>,
): Response {
  const body = format === 'xlsx' ? writeXlsx(texts.list_sheet(), rows) : Readable.from(csvBytes(rows, format))
  const ending = format === 'xlsx' ? 'xlsx' : 'csv'
  const type =
    format === 'xlsx'
      ? 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'
      : `text/csv; charset=${format === 'csv' ? 'utf-8' : 'windows-1251'}`
  return new Response(Readable.toWeb(body) as ReadableStream<Uint8Array>, {
    headers: {
      'content-type': type,
      'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(`${name}.${ending}`)}`,
      'cache-control': 'no-store',
    },
  })
}

/** Excel knows UTF-8 by its mark only. */
async function* csvBytes(rows: AsyncIterable<readonly string[]>, format: SheetFileFormat) {
  const encode = format === 'csv1251' ? encodeWindows1251 : (text: string) => new TextEncoder().encode(text)
  let first = true
  for await (const cells of rows) {
    yield encode(first && format === 'csv' ? `\uFEFF${csvRow(cells)}` : csvRow(cells))
    first = false
  }
}
