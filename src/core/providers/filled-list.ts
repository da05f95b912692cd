import { readSheet } from '#protocols/sheet/read-sheet.ts'
import { SheetFault } from '#protocols/sheet/sheet.ts'
import type { Column, ColumnField } from '../settings/provider.ts'
import { neededFields } from '../settings/provider.ts'
import type { RowFault } from './providers.ts'
import { fileColumns, fileFaults, longest } from './providers.ts'

/** One row of a list that has come back. */
export interface FilledRow {
  /** As people count it in the file, from 1. */
  row: number
  key: string
  /** '' where the list has no such column. */
  fullName: string
  number: string
  password: string
  reason: string
}

export interface FaultyRow {
  row: number
  code: RowFault
}

/**
 * The rows of a filled-in list, its columns found by their titles in whatever order.
 * @throws fileFaults, fileColumns
 */
export async function readFilledList(bytes: Uint8Array, columns: readonly Column[]): Promise<FilledRow[]> {
  const { rows } = await readSheet(bytes).catch((error: unknown) => {
    throw error instanceof SheetFault ? fileFaults[error.code]() : error
  })
  const title = (text: string) => text.trim().toLowerCase()
  const [head, ...body] = rows
  const titles = head?.cells.map(title) ?? []
  const at = (field: ColumnField) => {
    const column = columns.find((each) => each.field === field)
    return column ? titles.indexOf(title(column.title)) : -1
  }
  const missing = neededFields.filter((field) => at(field) < 0)
  if (missing.length > 0)
    throw fileColumns({
      columns: missing
        .map((field) => `«${columns.find((each) => each.field === field)?.title ?? field}»`)
        .join(', '),
    })
  const places = {
    key: at('key'),
    fullName: at('fullName'),
    number: at('number'),
    password: at('password'),
    reason: at('reason'),
  }
  return body.map(({ number: row, cells }) => {
    const text = (place: number) => cells[place] ?? ''
    return {
      row,
      key: text(places.key).toLowerCase(),
      fullName: text(places.fullName),
      number: text(places.number),
      password: text(places.password),
      reason: text(places.reason),
    }
  })
}

/** Rows that nobody has filled in yet come back with the others. */
export const isBlank = ({ number, password, reason }: FilledRow): boolean => !number && !password && !reason

/** What is wrong with the rows by themselves, whatever is stored; a row's first fault. */
export function faultsWithin(rows: readonly FilledRow[]): FaultyRow[] {
  const keys = new Map<string, number>()
  const numbers = new Map<string, number>()
  for (const { key, number } of rows) {
    keys.set(key, (keys.get(key) ?? 0) + 1)
    if (number) numbers.set(number, (numbers.get(number) ?? 0) + 1)
  }
  return rows.flatMap((row) => {
    const code = faultOf(row, keys, numbers)
    return code ? [{ row: row.row, code }] : []
  })
}

function faultOf(
  row: FilledRow,
  keys: ReadonlyMap<string, number>,
  numbers: ReadonlyMap<string, number>,
): RowFault | undefined {
  const { key, number, password, reason } = row
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(key)) return 'key_unknown'
  if ((keys.get(key) ?? 0) > 1) return 'key_twice'
  if (number.length > longest.number || password.length > longest.password || reason.length > longest.reason)
    return 'too_long'
  if (!number && password) return 'number_missing'
  if (number && !password) return 'password_missing'
  if (number && (numbers.get(number) ?? 0) > 1) return 'number_twice'
  return undefined
}
