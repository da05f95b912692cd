import { createWriteStream } from 'node:fs'
import { once } from 'node:events'
import pg from 'pg'
import { expect, it } from 'vitest'
import { createTestDatabase } from '../../../tests/support/postgres.ts'
import { openDatabase, openPool, sql } from './db.ts'
import { outageOf } from './outage.ts'

const failure = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  )

it('a server that nobody reaches, one that ends the connection, and one that shuts down are away', async () => {
  const database = await createTestDatabase()
  const nobody = openPool('postgres://nobody@127.0.0.1:1/none')
  expect(outageOf(await failure(nobody.query('select 1')))).toBe('database')
  await nobody.end()
  const db = openDatabase(openPool(database.url))
  const ended = await failure(
    db.transaction().execute(async (tx) => {
      await sql`select pg_terminate_backend(pg_backend_pid())`.execute(tx)
    }),
  )
  expect(outageOf(ended)).toBe('database')
  // The pool has made itself a new connection.
  await sql`select 1`.execute(db)
  await db.destroy()
  await database.drop()
  expect(outageOf(new AggregateError([Object.assign(new Error(), { code: 'ECONNREFUSED' })]))).toBe(
    'database',
  )
})

it('a full disk is one, PostgreSQL’s too', async () => {
  const target = createWriteStream('/dev/full')
  target.write('x')
  const [error] = (await once(target, 'error')) as [unknown]
  expect(outageOf(error)).toBe('disk')
  expect(outageOf(Object.assign(new pg.DatabaseError('', 0, 'error'), { code: '53100' }))).toBe('disk')
})

it('a mistake of ours is none, nor what a rule forbids', () => {
  for (const code of ['23505', '42601', 'ENOENT', undefined])
    expect(outageOf(Object.assign(new Error('x'), { code }))).toBeUndefined()
  expect(outageOf('ECONNREFUSED')).toBeUndefined()
  expect(outageOf(undefined)).toBeUndefined()
})
