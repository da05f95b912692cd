import type { NewLibrary } from '../network/network.ts'
import { libraryCode, shortLibraryName } from '../network/network.ts'
import { emailField } from '../shared/form-fields.ts'

/** A district library as it is typed or pasted, one a line: «название; почта; телефон; адрес». */
export interface TypedLibrary {
  /** The line, as people count them. */
  row: number
  name: string
  email: string
  phone: string
  address: string
}

/** Cells end at semicolons; in what was copied out of a table, at tabs. */
const cellEnd = /[;\t]/

/** How a table's own first line names the columns, in the order in which they are typed. */
const labels = [
  /^(название|наименование)( библиотеки| учреждения| организации)?$|^библиотека$|^name$|^library$/iu,
  /^(адрес )?(e-?mail|электронн(ая|ой) почт[аы]|эл\. ?почта|почта)$/iu,
  /^(контактный )?телефоны?$|^номер телефона$|^тел\.?$|^phone$/iu,
  /^((почтовый|юридический|фактический) )?адрес$|^address$/iu,
]

/**
 * Where name, e-mail, phone and address stand in the rows below a heading; undefined when the line is none. What a
 * heading doesn't name stands at its usual place, unless another column is there.
 */
function columnsOf(line: readonly string[] = []): number[] | undefined {
  const cells = line.map((cell) => cell.trim())
  const places = labels.map((label) => cells.findIndex((cell) => label.test(cell)))
  if (places[0] === -1) return undefined
  return places.map((place, usual) => (place === -1 && !cells[usual] ? usual : place))
}

/** The cells of name, e-mail, phone and address. */
const inOrder = (cells: readonly string[], columns: readonly number[] = [0, 1, 2, 3]): string[] =>
  columns.map((place) => cells[place] ?? '')

/** The filled lines of a list of libraries, its heading left out. */
export function typedLibraries(text: string): TypedLibrary[] {
  const filled = text
    .split(/\r\n|\r|\n/)
    .map((line, index) => ({ row: index + 1, cells: line.split(cellEnd).map((cell) => cell.trim()) }))
    .filter(({ cells }) => cells.some((cell) => cell !== ''))
  const columns = columnsOf(filled[0]?.cells)
  return filled.slice(columns ? 1 : 0).map(({ row, cells }) => {
    const [name = '', email = '', phone = '', address = ''] = inOrder(cells, columns)
    return { row, name, email, phone, address }
  })
}

/** The rows of a table as the lines that one could have typed, whatever the order of its columns. */
export function linesOf(rows: readonly { number: number; cells: readonly string[] }[]): string {
  const columns = columnsOf(rows.find(({ cells }) => cells.some((cell) => cell.trim() !== ''))?.cells)
  const lines: string[] = []
  for (const { number, cells } of rows)
    lines[number - 1] = inOrder(cells, columns)
      .map((cell) => cell.replace(/[;\t\r\n]+/g, ','))
      .join('; ')
      .replace(/[; ]+$/, '')
  return Array.from(lines, (line) => line ?? '').join('\n')
}

export type LibraryFault = 'name_missing' | 'too_long' | 'email' | 'twice' | 'known'
export interface LibraryRowFault {
  row: number
  name: string
  fault: LibraryFault
}

const sameName = (name: string) => name.toLowerCase().replaceAll('ё', 'е').replace(/\s+/g, ' ')

/** What is wrong with a list of libraries, the first fault of each row. @param known names on record */
export function libraryFaults(
  libraries: readonly TypedLibrary[],
  known: readonly string[],
): LibraryRowFault[] {
  const before = new Set(known.map(sameName))
  const seen = new Set<string>()
  return libraries.flatMap(({ row, name, email, phone, address }) => {
    const fault = ((): LibraryFault | undefined => {
      if (name === '') return 'name_missing'
      if (name.length > 200 || phone.length > 100 || address.length > 300) return 'too_long'
      if (!emailField.safeParse(email).success) return 'email'
      if (before.has(sameName(name))) return 'known'
      return seen.has(sameName(name)) ? 'twice' : undefined
    })()
    seen.add(sameName(name))
    return fault ? [{ row, name, fault }] : []
  })
}

/** The central library of a new region. */
export const centralOf = (library: Pick<NewLibrary, 'name' | 'address' | 'phone' | 'email'>): NewLibrary => ({
  ...library,
  code: libraryCode(1),
  kind: 'central',
  short_name: shortLibraryName(library.name),
  municipality: '',
})
