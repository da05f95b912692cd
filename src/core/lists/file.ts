import { createHash } from 'node:crypto'
import { readerTags } from '#protocols/irbis/readers.ts'
import type { SheetFaultCode, SheetRow } from '#protocols/sheet/sheet.ts'
import { SheetFault } from '#protocols/sheet/sheet.ts'
import type { TextEncoding } from '#protocols/text/decode-text.ts'
import type { ExpectedError } from '../shared/errors.ts'
import type { SheetReader } from '../shared/sheet-reader.ts'
import { certain, sheetBytes } from '../shared/sheet-reader.ts'
import type { ListFormat } from './lists.ts'
import { fileBomb, fileDamaged, fileEmpty, fileEncrypted, fileTooLarge, fileUnknown } from './lists.ts'

export interface ReadListFile {
  /** SHA-256 of its bytes, and of the encoding that was named. */
  hash: Buffer
  format: ListFormat
  header: string[]
  rows: SheetRow[]
  /** Places of records that can't be read. */
  broken: number[]
}

const refusals: Record<SheetFaultCode, () => ExpectedError> = {
  unknown_format: fileUnknown,
  too_large: fileTooLarge,
  encrypted: fileEncrypted,
  bomb: fileBomb,
  damaged: fileDamaged,
  empty: fileEmpty,
}

/**
 * Reads a file by what it is, not by its name.
 * @param encoding of its text, where a person has named it
 * @throws fileEncoding, fileUnknown, fileTooLarge, fileEncrypted, fileBomb, fileDamaged, fileEmpty
 */
export async function readListFile(
  path: string,
  tags: readonly string[],
  reader: SheetReader,
  encoding?: TextEncoding,
): Promise<ReadListFile> {
  try {
    const bytes = await sheetBytes(path)
    const hash = createHash('sha256')
      .update(bytes)
      .update(encoding ?? '')
      .digest()
    const read = certain(
      bytes,
      await reader.sheetOrBase(bytes, tags.length > 0 ? tags : readerTags, encoding),
    )
    if ('broken' in read) return { hash, ...read }
    const { format, rows } = read
    const top = headerPlace(rows)
    const [header, ...rest] = rows.slice(top)
    if (!header || rest.length === 0) throw fileEmpty()
    const width = Math.max(header.cells.length, ...rest.slice(0, 200).map(({ cells }) => cells.length))
    return {
      hash,
      format,
      header: Array.from({ length: width }, (_, place) => header.cells[place] ?? ''),
      rows: rest,
      broken: [],
    }
  } catch (error) {
    throw error instanceof SheetFault ? refusals[error.code]() : error
  }
}

/** Titles stand above many tables: the header is the first row with two filled cells. */
function headerPlace(rows: readonly SheetRow[]): number {
  const place = rows.slice(0, 20).findIndex(({ cells }) => cells.filter(Boolean).length > 1)
  return Math.max(place, 0)
}
