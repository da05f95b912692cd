import type { SheetRow } from '#protocols/sheet/sheet.ts'
import type { Column, ColumnField } from '../settings/provider.ts'
import { neededFields } from '../settings/provider.ts'
import type { ClosedRow } from './closed-list.ts'
import { closedRow, closedTitle } from './closed-list.ts'
import type { RowFault } from './providers.ts'
import { fileColumns, longest } from './providers.ts'

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

/** A list that has come back: numbers of the registered, or what was closed. */
export type CameBack = { kind: 'register'; rows: FilledRow[] } | { kind: 'close'; rows: ClosedRow[] }

/**
 * The rows of a filled-in list, its columns found by their titles in whatever order.
 * @throws fileColumns
 */
export function filledList(rows: readonly SheetRow[], columns: readonly Column[]): CameBack {
  const title = (text: string) => text.trim().toLowerCase()
  const [head, ...body] = rows
  const titles = head?.cells.map(title) ?? []
  const at = (field: ColumnField) => {
    const column = columns.find((each) => each.field === field)
    return column ? titles.indexOf(title(column.title)) : -1
  }
  const closed = titles.indexOf(title(closedTitle))
  const needed: readonly ColumnField[] = closed < 0 ? neededFields : ['key']
  const missing = needed.filter((field) => at(field) < 0)
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
  if (closed >= 0) return { kind: 'close', rows: body.map((row) => closedRow(row, { ...places, closed })) }
  const read = body.map(({ number: row, cells }) => {
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
  return { kind: 'register', rows: read }
}

/** Rows have an id as their key. */
export const isKey = (key: string): boolean => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(key)

/** What stands there more than once. */
export function repeated(texts: readonly string[]): Set<string> {
  const seen = new Set<string>()
  return new Set(texts.filter((text) => text !== '' && (seen.has(text) || !seen.add(text))))
}

/** Rows that nobody has filled in yet come back with the others. */
export const isBlank = ({ number, password, reason }: FilledRow): boolean => !number && !password && !reason

/** What is wrong with the rows by themselves, whatever is stored; a row's first fault. */
export function faultsWithin(rows: readonly FilledRow[]): FaultyRow[] {
  const keys = repeated(rows.map(({ key }) => key))
  const numbers = repeated(rows.map(({ number }) => number))
  return rows.flatMap((row) => {
    const code = faultOf(row, keys, numbers)
    return code ? [{ row: row.row, code }] : []
  })
}

function faultOf(
  row: FilledRow,
  keys: ReadonlySet<string>,
  numbers: ReadonlySet<string>,
): RowFault | undefined {
  const { key, number, password, reason } = row
  if (!isKey(key)) return 'key_unknown'
  if (keys.has(key)) return 'key_twice'
  if (number.length > longest.number || password.length > longest.password || reason.length > longest.reason)
    return 'too_long'
  if (!number && password) return 'number_missing'
  if (number && !password) return 'password_missing'
  if (numbers.has(number)) return 'number_twice'
  return undefined
}
