import type { SheetRow } from './sheet.ts'
import { RowKeeper, SheetFault, sheetLimits } from './sheet.ts'

/** What Russian Excel takes a file of its own apart by. */
const ownSeparator = ';'
const separators = [';', ',', '\t', '|'] as const

/**
 * RFC 4180 with any usual separator, found by the first lines. A quote that is never closed ends with its file
 * and is refused: half of the rows would hide in one cell.
 * @throws SheetFault damaged, too_large
 */
export function readCsv(text: string): SheetRow[] {
  const plain = text.replace(/^\uFEFF/, '')
  // Excel's own first line, `sep=;`.
  const declared = /^sep=(.)\r?\n/i.exec(plain)
  const separator = declared?.[1] ?? likelySeparator(plain)
  const keeper = new RowKeeper()
  let line = declared ? 2 : 1
  let cells: string[] = []
  let at = declared?.[0].length ?? 0
  let began = line
  const endRow = () => {
    keeper.add(began, cells.map(unguarded))
    cells = []
  }
  while (at < plain.length) {
    if (cells.length === 0) began = line
    const { value, end } = plain[at] === '"' ? quoted(plain, at, separator) : bare(plain, at, separator)
    line += value.split('\n').length - 1
    // Spreadsheets fill lines up with empty cells; a line of millions of them isn't kept.
    if (cells.length < sheetLimits.columns) cells.push(value)
    else if (value.trim() !== '') throw new SheetFault('too_large')
    at = end
    if (plain[at] === separator) {
      at += 1
      continue
    }
    endRow()
    if (plain[at] === '\r') at += 1
    if (plain[at] === '\n') at += 1
    line += 1
  }
  if (cells.length > 0) endRow()
  return keeper.rows
}

/** The separator that the first lines have most often outside quotes. */
function likelySeparator(text: string): string {
  const head = text.slice(0, 20_000).replace(/"[^"]*"/g, '')
  const counts = separators.map((sign) => ({ sign, count: head.split(sign).length }))
  return counts.reduce((best, each) => (each.count > best.count ? each : best)).sign
}

function bare(text: string, from: number, separator: string): { value: string; end: number } {
  let end = from
  while (end < text.length && text[end] !== separator && text[end] !== '\n' && text[end] !== '\r') end += 1
  return { value: text.slice(from, end), end }
}

function quoted(text: string, from: number, separator: string): { value: string; end: number } {
  let value = ''
  for (let at = from + 1; ;) {
    const close = text.indexOf('"', at)
    if (close < 0) throw new SheetFault('damaged')
    value += text.slice(at, close)
    if (text[close + 1] !== '"') {
      // What stands between the closing quote and the separator belongs to the cell, as spreadsheets have it.
      const rest = bare(text, close + 1, separator)
      return { value: (value + rest.value).replaceAll('\r\n', '\n'), end: rest.end }
    }
    value += '"'
    at = close + 2
  }
}

/** Beginnings that a spreadsheet takes for a formula (OWASP: CSV injection). */
const formula = /^[=+\-@\t\r]/

/** A leading apostrophe keeps a spreadsheet from reckoning; reading takes it away again. */
const guarded = (text: string): string =>
  formula.test(text) || /^'[=+\-@\t\r]/.test(text) ? `'${text}` : text
const unguarded = (text: string): string => (/^'+[=+\-@\t\r]/.test(text) ? text.slice(1) : text)

/** One row, with its line end. No cell of it is a formula to a spreadsheet. */
export const csvRow = (cells: readonly string[]): string =>
  `${cells
    .map((cell) => {
      const text = guarded(cell)
      return /["\r\n;,\t|]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
    })
    .join(ownSeparator)}\r\n`
