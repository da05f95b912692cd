import type { TextEncoding } from '../text/decode-text.ts'
import { decodeAs } from '../text/decode-text.ts'
import { readCsv } from './csv.ts'
import type { ReadSheet, SheetFormat, SheetRow } from './sheet.ts'
import { SheetFault, sheetLimits } from './sheet.ts'
import { readXlsx } from './xlsx-read.ts'

const begins = (bytes: Uint8Array, ...mark: number[]) => mark.every((byte, index) => bytes[index] === byte)

/**
 * What the bytes are, whatever the file is called.
 * @throws SheetFault unknown_format, too_large, empty
 */
export function sheetFormat(bytes: Uint8Array): SheetFormat {
  if (bytes.length > sheetLimits.fileBytes) throw new SheetFault('too_large')
  if (bytes.length === 0) throw new SheetFault('empty')
  if (begins(bytes, 0x50, 0x4b, 0x03, 0x04)) return 'xlsx'
  // A compound file: a workbook of before 2007, or one behind a password.
  if (begins(bytes, 0xd0, 0xcf, 0x11, 0xe0)) return 'xls'
  const marked = begins(bytes, 0xff, 0xfe) || begins(bytes, 0xfe, 0xff)
  if (!marked && bytes.subarray(0, 8192).includes(0)) throw new SheetFault('unknown_format')
  if (
    /^\s*(%PDF|\{\\rtf|<(!doctype|html|\?xml))/i.test(
      new TextDecoder('latin1').decode(bytes.subarray(0, 200)),
    )
  )
    throw new SheetFault('unknown_format')
  return 'csv'
}

/**
 * The filled rows of a table.
 * @param encoding of its text, where a person has named it
 * @throws SheetFault
 */
export async function readSheet(bytes: Uint8Array, encoding?: TextEncoding): Promise<ReadSheet> {
  const format = sheetFormat(bytes)
  const { rows, sure } = await rowsOf(bytes, format, encoding)
  if (rows.length === 0) throw new SheetFault('empty')
  return { format, rows, sure }
}

async function rowsOf(
  bytes: Uint8Array,
  format: SheetFormat,
  encoding: TextEncoding | undefined,
): Promise<{ rows: SheetRow[]; sure: boolean }> {
  if (format === 'xlsx') return { rows: await readXlsx(bytes), sure: true }
  if (format === 'csv') {
    const { text, sure } = decodeAs(bytes, encoding)
    return { rows: readCsv(text), sure }
  }
  // Loading it, with the tables of all code pages, is most of the start of a thread that reads one table.
  const { readXls } = await import('./xls-read.ts')
  return { rows: await readXls(bytes), sure: true }
}
