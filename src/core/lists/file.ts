import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { irbisFormat, readReaderBase, readerTags } from '#protocols/irbis/readers.ts'
import { readSheet } from '#protocols/sheet/read-sheet.ts'
import type { SheetFaultCode, SheetRow } from '#protocols/sheet/sheet.ts'
import { SheetFault, sheetLimits } from '#protocols/sheet/sheet.ts'
import type { ExpectedError } from '../shared/errors.ts'
import type { ListFormat } from './lists.ts'
import { fileBomb, fileDamaged, fileEmpty, fileOldOrEncrypted, fileTooLarge, fileUnknown } from './lists.ts'

export interface ReadListFile {
  /** SHA-256 of its bytes. */
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
  old_or_encrypted: fileOldOrEncrypted,
  bomb: fileBomb,
  damaged: fileDamaged,
  empty: fileEmpty,
}

/**
 * Reads a file by what it is, not by its name.
 * @throws fileUnknown, fileTooLarge, fileOldOrEncrypted, fileBomb, fileDamaged, fileEmpty
 */
export async function readListFile(path: string, tags: readonly string[]): Promise<ReadListFile> {
  if ((await stat(path)).size > sheetLimits.fileBytes) throw fileTooLarge()
  const bytes = await readFile(path)
  const hash = createHash('sha256').update(bytes).digest()
  try {
    if (irbisFormat(bytes)) return { hash, ...readReaderBase(bytes, tags.length > 0 ? tags : readerTags) }
    const { format, rows } = await readSheet(bytes)
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
