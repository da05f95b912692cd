import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestApp } from '../../../tests/support/app.ts'
import { createTestApp } from '../../../tests/support/app.ts'
import { createStatementNames, oftenRun, plannedForValues } from './frequent-statements.ts'

let app: TestApp

beforeAll(async () => {
  app = await createTestApp()
})
afterAll(() => app.dispose())

const often = [...Array(oftenRun).keys()]

describe('names of statements', () => {
  it('are given to what is run often only, one name to one text', () => {
    const names = createStatementNames()
    const given = often.map(() => [names.of('select 1'), names.of('select 2')])
    expect(given.slice(0, -1).flat()).toEqual(Array(2 * (oftenRun - 1)).fill(undefined))
    const [one, two] = [names.of('select 1'), names.of('select 2')]
    expect(one).toBeTruthy()
    expect(two).toBeTruthy()
    expect(one).not.toBe(two)
    expect(names.of('select 1')).toBe(one)
  })

  it('are given to no statement that wants to be planned for its values', () => {
    const names = createStatementNames()
    const search = `select 1 where ${plannedForValues} words @@ websearch_to_tsquery('russian', $1)`
    expect([...often, ...often].map(() => names.of(search)).filter(Boolean)).toEqual([])
  })

  it('stay few, however many statements there are, and rare ones don’t pile up', () => {
    const names = createStatementNames()
    const texts = [...Array(100).keys()].map((n) => `select ${n}`)
    for (const text of texts) for (const _ of often) names.of(text)
    expect(texts.filter((text) => names.of(text))).toHaveLength(40)
  })
})

describe('a connection', () => {
  it('keeps the plan of a statement with parameters that is run often, and answers as before', async () => {
    const client = await app.pool.connect()
    const ask = (text: string, value: number) => client.query<{ sum: number }>(text, [value])
    try {
      await ask('select $1::int + 2 as sum', 1)
      for (const n of [...often, oftenRun]) {
        const { rows } = await ask('select $1::int + 1 as sum', n)
        expect(rows).toEqual([{ sum: n + 1 }])
      }
      const { rows } = await client.query('select statement from pg_prepared_statements')
      expect(rows).toEqual([{ statement: 'select $1::int + 1 as sum' }])
    } finally {
      client.release()
    }
  })

  it('plans anew after a migration has changed the table: at most one question fails', async () => {
    await app.pool.query('create table changing (id int)')
    const client = await app.pool.connect()
    const ask = () => client.query('select * from changing where id > $1', [0])
    try {
      for (const _ of often) await ask()
      await app.pool.query('alter table changing add column word text')
      await ask().catch(() => undefined)
      const { fields } = await ask()
      expect(fields.map(({ name }) => name)).toEqual(['id', 'word'])
    } finally {
      client.release()
    }
  })
})
