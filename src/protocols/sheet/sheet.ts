/** Rows of a table as people keep it in a file: XLSX, XLS, CSV. */

export type SheetFormat = 'xlsx' | 'xls' | 'csv'

export interface SheetRow {
  /** As people count it in the file, from 1. */
  number: number
  /** Texts, spaces trimmed; days as `YYYY-MM-DD`. Trailing empty cells are left out. */
  cells: string[]
}

export interface ReadSheet {
  format: SheetFormat
  rows: SheetRow[]
  /** False where its text may as well be in another encoding. */
  sure: boolean
}

/** Why a file isn't taken. Codes are stable; each has a sentence in `locales/`. */
export const sheetFaults = [
  /** Neither a table that we know nor text. */
  'unknown_format',
  /** More bytes, rows or columns than a list may have. */
  'too_large',
  /** A workbook with a password. */
  'encrypted',
  /** Made to explode when unpacked. */
  'bomb',
  'damaged',
  /** No filled row. */
  'empty',
] as const
export type SheetFaultCode = (typeof sheetFaults)[number]

export class SheetFault extends Error {
  readonly code: SheetFaultCode
  constructor(code: SheetFaultCode, cause?: unknown) {
    super(code, { cause })
    this.name = 'SheetFault'
    this.code = code
  }
}

export const sheetLimits = {
  /** Bytes of the file. */
  fileBytes: 16 * 1024 * 1024,
  /** Bytes of one part of a workbook, unpacked. */
  partBytes: 48 * 1024 * 1024,
  /** Filled rows, the header among them. */
  rows: 20_001,
  columns: 100,
  /** Characters of a cell; what is beyond is cut off. */
  cell: 2000,
} as const

/** Gathers rows within the limits. */
export class RowKeeper {
  readonly rows: SheetRow[] = []

  /** @throws SheetFault too_large */
  add(number: number, cells: readonly string[]): void {
    const texts = cells.map((text) =>
      text.replaceAll('\0', '').trim().slice(0, sheetLimits.cell).toWellFormed(),
    )
    while (texts.at(-1) === '') texts.pop()
    if (texts.length === 0) return
    if (this.rows.length >= sheetLimits.rows || texts.length > sheetLimits.columns)
      throw new SheetFault('too_large')
    // A hole in a sparse array would be null in the database.
    this.rows.push({ number, cells: Array.from(texts, (text) => text ?? '') })
  }
}
