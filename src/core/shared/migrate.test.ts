import { randomUUID } from 'node:crypto'
import { readFile, readdir } from 'node:fs/promises'
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

  it('cards of before stay what they were: kept for a questionnaire, free, taken back, given', async () => {
    await create()
    const folder = new URL('../../../migrations/', import.meta.url)
    const before = (await readdir(folder)).toSorted().filter((file) => file < '0012')
    await onServer(
      url,
      'create table migrations (name text primary key, applied_at timestamptz default now())',
    )
    for (const file of before) {
      await onServer(url, await readFile(new URL(file, folder), 'utf8'))
      await onServer(url, 'insert into migrations (name) values ($1)', [file])
    }
    await onServer(
      url,
      `with l as (insert into libraries (code, kind, name, short_name) values ('002', 'district', 'б', 'б') returning id),
        s as (insert into staff (email, full_name, password_hash) values ('a@b.test', 'a', '') returning id),
        b as (insert into card_batches (form_key, library_id, origin, count, first_number, last_number, made_by, made_at)
          select gen_random_uuid(), l.id, 'made', 2, '1001', '1002', s.id, now() from l, s returning id),
        a as (insert into applications (library_id, form_key, content_hash, state, full_name, birth_date, created_by, sent_at)
          select l.id, gen_random_uuid(), '', 'sent', 'n', '1990-01-01', s.id, now() from l, s returning id)
      insert into cards (number, state, batch_id, application_id, issued_at)
      select '1001', 'stock', b.id, a.id, null::timestamptz from a, b
      union all select '1002', 'stock', b.id, null, null from b
      union all select '1003', 'expired', null, null, now()
      union all select '1004', 'issued', null, null, now()`,
    )
    await migrate(url)
    const { rows } = await onServer(url, 'select number, state from cards order by number')
    expect(rows).toEqual([
      { number: '1001', state: 'reserved' },
      { number: '1002', state: 'stock' },
      { number: '1003', state: 'annulled' },
      { number: '1004', state: 'issued' },
    ])
    // What keeps a number for ever came through as well.
    const renumber = onServer(url, `update cards set number = '9999' where number = '1004'`)
    await expect(renumber).rejects.toThrow('stays for ever')
  })

  it.each(['SQL_ASCII', 'KOI8R', 'WIN1251'])('refuses a database in %s with a sentence', async (encoding) => {
    await create(`template template0 encoding '${encoding}' locale_provider libc locale 'C'`)
    const refusal = await migrate(url).catch((error: unknown) => error)
    expect(refusal).toBeInstanceOf(UnfitDatabase)
    expect(String(refusal)).toContain(`База данных в кодировке ${encoding}, а нужна UTF8`)
    expect((await onServer(url, `select from pg_tables where schemaname = 'public'`)).rowCount).toBe(0)
  })
})
