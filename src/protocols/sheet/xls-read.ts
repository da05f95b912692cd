import { CFB, read, set_cptable } from '@e965/xlsx'
import * as codepages from '@e965/xlsx/dist/cpexcel.full.mjs'
import { dayOrNumber, showsDay } from './cells.ts'
import type { SheetRow } from './sheet.ts'
import { RowKeeper, SheetFault } from './sheet.ts'

set_cptable(codepages)

/**
 * The rows of the first visible sheet of a workbook of before 2007 ([MS-XLS]): stored values, as in a newer one.
 * @throws SheetFault encrypted, damaged, unknown_format, too_large
 */
export function readXls(bytes: Uint8Array): SheetRow[] {
  const book = workbook(bytes)
  const hidden = new Set((book.Workbook?.Sheets ?? []).filter(({ Hidden }) => Hidden).map(({ name }) => name))
  const sheet = book.Sheets[book.SheetNames.find((name) => !hidden.has(name)) ?? '']
  const from1904 = book.Workbook?.WBProps?.date1904 === true
  const keeper = new RowKeeper()
  for (const [place, row] of (sheet?.['!data'] ?? []).entries())
    keeper.add(
      place + 1,
      // Rows and cells that don't exist are holes.
      Array.from(row ?? [], (cell) => {
        if (cell?.t === 's') return String(cell.v)
        return cell?.t === 'n' ? dayOrNumber(Number(cell.v), showsDay(0, String(cell.z ?? '')), from1904) : ''
      }),
    )
  return keeper.rows
}

function workbook(bytes: Uint8Array) {
  try {
    const container = CFB.read(Buffer.from(bytes), { type: 'buffer' })
    if (CFB.find(container, 'EncryptedPackage')) throw new SheetFault('encrypted')
    if (!CFB.find(container, 'Workbook') && !CFB.find(container, 'Book'))
      throw new SheetFault('unknown_format')
    return openXls(bytes)
  } catch (error) {
    if (error instanceof SheetFault) throw error
    throw new SheetFault(/password|encrypt/iu.test(String(error)) ? 'encrypted' : 'damaged', error)
  }
}

/** @param sheetRows so many of each sheet; all when undefined */
export const openXls = (bytes: Uint8Array, sheetRows?: number) =>
  read(bytes, {
    type: 'array',
    dense: true,
    cellFormula: false,
    cellHTML: false,
    cellText: false,
    cellNF: true,
    ...(sheetRows && { sheetRows }),
  })
