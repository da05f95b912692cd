import type { Database, Transaction } from '../shared/db.ts'
import { expected, notFound } from '../shared/errors.ts'
import type { ConsoleActor } from '../staff/actors.ts'

/** Three digits name a library within a card number. */
const mostLibraries = 999

export const networkFull = expected('network.full', 409)

export interface Library {
  id: string
  /** Three digits, part of each card number. */
  code: string
  kind: string
  name: string
  short_name: string
  municipality: string
  address: string
  phone: string
  email: string
}

const libraryColumns = [
  'id',
  'code',
  'kind',
  'name',
  'short_name',
  'municipality',
  'address',
  'phone',
  'email',
] as const

/** The central library first, the others by name. */
export const listLibraries = (db: Database): Promise<Library[]> =>
  db.selectFrom('libraries').select(libraryColumns).orderBy('kind').orderBy('name').execute()

export const libraryById = (db: Database | Transaction, id: string): Promise<Library> =>
  db
    .selectFrom('libraries')
    .select(libraryColumns)
    .where('id', '=', id)
    .executeTakeFirstOrThrow(() => notFound())

export const centralLibrary = (db: Database): Promise<Library> =>
  db
    .selectFrom('libraries')
    .select(libraryColumns)
    .where('kind', '=', 'central')
    .executeTakeFirstOrThrow(() => notFound())

const librariesWithin = async (db: Database, ids: 'all' | readonly string[]): Promise<Library[]> => {
  const libraries = await listLibraries(db)
  return ids === 'all' ? libraries : libraries.filter((library) => ids.includes(library.id))
}

export type NewLibrary = Omit<Library, 'id'>

export async function addLibrary(tx: Database | Transaction, library: NewLibrary): Promise<string> {
  const { id } = await tx.insertInto('libraries').values(library).returning('id').executeTakeFirstOrThrow()
  return id
}

/** «Буйская районная библиотека» → «Буйская районная»: what lists have room for. */
export const shortLibraryName = (name: string): string => name.replace(/\s+библиотека$/i, '')

/** A library's place in the order of codes, from 1 (the central one), as its code. */
export const libraryCode = (place: number): string => String(place).padStart(3, '0')

export const createNetwork = (db: Database) => ({
  /** The libraries that a permission reaches, the central one first, the others by name. */
  within: (libraries: 'all' | readonly string[]) => librariesWithin(db, libraries),

  list: (_actor: ConsoleActor) => listLibraries(db),

  /** Adds a district library under the next free code. @throws networkFull */
  async add(
    _actor: ConsoleActor,
    library: Pick<Library, 'name' | 'address' | 'phone' | 'email'>,
  ): Promise<Library> {
    const { last } = await db
      .selectFrom('libraries')
      .select((eb) => eb.fn.max('code').as('last'))
      .executeTakeFirstOrThrow()
    const place = Number(last ?? 1) + 1
    if (place > mostLibraries) throw networkFull()
    const id = await addLibrary(db, {
      ...library,
      code: libraryCode(place),
      kind: 'district',
      short_name: shortLibraryName(library.name),
      municipality: '',
    })
    return libraryById(db, id)
  },
})
