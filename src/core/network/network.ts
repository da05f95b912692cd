import type { Database, Transaction } from '../shared/db.ts'
import { sql } from '../shared/db.ts'
import { expected, notFound } from '../shared/errors.ts'

export const networkFull = expected('network.full', 409)

/** Three digits name a library within a card number. */
const mostLibraries = 999

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

/** The libraries of the network, closed ones left out: the central one first, the others by name. */
export const listLibraries = (db: Database): Promise<Library[]> =>
  db
    .selectFrom('libraries')
    .select(libraryColumns)
    .where('closed_at', 'is', null)
    .orderBy('kind')
    .orderBy('name')
    .execute()

/** A closed one, too. @throws notFound */
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

/**
 * The codes after the last one given, as many as are asked for. Whoever else adds libraries waits until `tx` ends:
 * a code is the next for one of them.
 * @throws networkFull
 */
export async function nextCodes(tx: Transaction, count: number): Promise<string[]> {
  await sql`lock table libraries in share row exclusive mode`.execute(tx)
  const { last } = await tx
    .selectFrom('libraries')
    .select((eb) => eb.fn.max('code').as('last'))
    .executeTakeFirstOrThrow()
  const first = Number(last ?? 1) + 1
  if (first + count - 1 > mostLibraries) throw networkFull()
  return Array.from({ length: count }, (_, place) => libraryCode(first + place))
}

export const createNetwork = (db: Database) => ({
  /** The open libraries that a permission reaches, the central one first, the others by name. */
  within: (libraries: 'all' | readonly string[]) => librariesWithin(db, libraries),
})
