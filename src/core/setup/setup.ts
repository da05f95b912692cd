import type { NewLibrary } from '../network/network.ts'
import { libraryCode, shortLibraryName } from '../network/network.ts'

/** A district library as it is typed into the set-up page, one a line: «название; почта; телефон». */
export interface TypedLibrary {
  name: string
  email: string
  phone: string
}

/** The lines of the district libraries' field; only the name is needed. Empty lines count for nothing. */
export const typedLibraries = (text: string): TypedLibrary[] =>
  text
    .split(/\r?\n/)
    .map((line) => {
      const [name = '', email = '', phone = ''] = line.split(';').map((part) => part.trim())
      return { name, email, phone }
    })
    .filter(({ name, email, phone }) => name || email || phone)

/** The network of a new region: the central library first, the others in the order they were typed. */
export const firstLibraries = (
  central: Pick<NewLibrary, 'name' | 'address' | 'phone' | 'email'>,
  districts: readonly TypedLibrary[],
): NewLibrary[] =>
  [central, ...districts.map((district) => ({ address: '', ...district }))].map((library, index) => ({
    ...library,
    code: libraryCode(index + 1),
    kind: index === 0 ? 'central' : 'district',
    short_name: shortLibraryName(library.name),
    municipality: '',
  }))
