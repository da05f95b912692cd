import { randomUUID } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest'
import { createTestDatabase } from '../../../tests/support/postgres.ts'
import { onServer } from '../../../tests/support/server-commands.ts'
import { migrate, UnfitDatabase } from './migrate.ts'
import { runChild } from './postgres/children.fixtures.ts'

let name: string
let url: string

beforeEach(() => {
  name = `test_${randomUUID().replaceAll('-', '')}`
  url = Object.assign(new URL(inject('postgresUrl')), { pathname: `/${name}` }).href
})
afterEach(() => onServer(inject('postgresUrl'), `drop database if exists ${name} with (force)`))

const create = (options = '') => onServer(inject('postgresUrl'), `create database ${name} ${options}`)
const applied = async (of: string) =>
  (await onServer(of, 'select name, applied_at from migrations order by name')).rows as { name: string }[]
const columns = async (of: string) =>
  (
    await onServer(
      of,
      `select table_schema, table_name, column_name, data_type, column_default, is_nullable
       from information_schema.columns where table_schema in ('public', 'graphile_worker') order by 1, 2, 3`,
    )
  ).rows

const migrator = () =>
  runChild(`
    import { migrate } from '#core/shared/migrate.ts'
    say('ready')
    await go()
    say(await migrate(${JSON.stringify(url)}).then(() => 'migrated', (error) => error.message))
  `)

describe('migrating', () => {
  it('by several processes at once ends well for each of them, and every migration runs once', async () => {
    await create()
    const migrators = [1, 2, 3].map(migrator)
    await Promise.all(migrators.map((child) => child.line()))
    for (const child of migrators) child.go()
    expect(await Promise.all(migrators.map((child) => child.line()))).toEqual(Array(3).fill('migrated'))
    await Promise.all(migrators.map((child) => child.exited))

    const files = (await readdir(new URL('../../../migrations/', import.meta.url))).toSorted()
    expect((await applied(url)).map((row) => row.name)).toEqual(files)
    const once = await createTestDatabase()
    expect(await columns(url)).toEqual(await columns(once.url))
    await once.drop()
  })

  it('what is migrated already changes nothing and keeps the data', async () => {
    await create()
    await migrate(url)
    await onServer(url, `insert into settings (key, value) values ('kept', '1')`)
    const before = await applied(url)
    await migrate(url)
    expect(await applied(url)).toEqual(before)
    expect((await onServer(url, `select from settings where key = 'kept'`)).rowCount).toBe(1)
  })

  it.each(['SQL_ASCII', 'KOI8R', 'WIN1251'])('refuses a database in %s with a sentence', async (encoding) => {
    await create(`template template0 encoding '${encoding}' locale_provider libc locale 'C'`)
    const refusal = await migrate(url).catch((error: unknown) => error)
    expect(refusal).toBeInstanceOf(UnfitDatabase)
    expect(String(refusal)).toContain(`База данных в кодировке ${encoding}, а нужна UTF8`)
    expect((await onServer(url, `select from pg_tables where schemaname = 'public'`)).rowCount).toBe(0)
  })
})
