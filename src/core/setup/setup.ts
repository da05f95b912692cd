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
/** A table's own first line, which names its columns. */
const heading = /^(название( библиотеки)?|библиотека|наименование|name|library)$/iu

/** The filled lines of a list of libraries, its heading left out. */
export const typedLibraries = (text: string): TypedLibrary[] =>
  text
    .split(/\r\n|\r|\n/)
    .map((line, index) => {
      const [name = '', email = '', phone = '', address = ''] = line.split(cellEnd).map((part) => part.trim())
      return { row: index + 1, name, email, phone, address }
    })
    .filter(({ name, email, phone, address }) => name || email || phone || address)
    .filter(({ name }, place) => !(place === 0 && heading.test(name)))

/** The rows of a table as the lines that one could have typed. */
export const linesOf = (rows: readonly { number: number; cells: readonly string[] }[]): string => {
  const lines: string[] = []
  for (const { number, cells } of rows)
    lines[number - 1] = cells
      .slice(0, 4)
      .map((cell) => cell.replace(/[;\t\r\n]+/g, ','))
      .join('; ')
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
