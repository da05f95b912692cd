import type { Database, Transaction } from '../shared/db.ts'
import { notFound } from '../shared/errors.ts'

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

export const libraryById = (db: Database, id: string): Promise<Library> =>
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

/** The libraries that a permission reaches, by name. */
export const librariesWithin = async (db: Database, ids: 'all' | readonly string[]): Promise<Library[]> => {
  const libraries = await listLibraries(db)
  return ids === 'all' ? libraries : libraries.filter((library) => ids.includes(library.id))
}

export type NewLibrary = Omit<Library, 'id'>

export async function addLibrary(tx: Database | Transaction, library: NewLibrary): Promise<string> {
  const { id } = await tx.insertInto('libraries').values(library).returning('id').executeTakeFirstOrThrow()
  return id
}
