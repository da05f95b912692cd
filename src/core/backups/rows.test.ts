import fc from 'fast-check'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestDatabase } from '../../../tests/support/postgres.ts'
import { createTestDatabase } from '../../../tests/support/postgres.ts'
import { loadRows, packedRows, sameSpelling } from './rows.ts'

/** Every type of a column that our tables have, with values that are hard on a text format. */
const text = fc
  .string({ unit: 'binary' })
  .map((value) => value.replaceAll('\0', '').toWellFormed())
  .chain((value) => fc.constantFrom(value, `${value}\n`, `\\.`, `\\N`, `\t${value}`, `"${value}\\`, '\r\n'))
const json = fc.jsonValue().map((value) => JSON.stringify(value).replaceAll(/\\u0000|\\ud[89a-f]../gi, ''))
const moment = fc
  .date({ min: new Date('0001-01-02'), max: new Date('9999-12-30'), noInvalidDate: true })
  .map((value) => value.toISOString())
const values = {
  text,
  uuid: fc.uuid(),
  boolean: fc.boolean(),
  integer: fc.integer(),
  bigint: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String),
  'double precision': fc
    .double({ noNaN: false })
    .map((value) => (Object.is(value, -0) ? '-0' : String(value))),
  bytea: fc.uint8Array().map((bytes) => Buffer.from(bytes)),
  'timestamp with time zone': moment,
  date: moment.map((value) => value.slice(0, 10)),
  jsonb: json,
  tsvector: fc
    .array(fc.stringMatching(/^[а-яё'\\ ]{1,8}$/))
    .map((words) =>
      words.map((word) => `'${word.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`).join(' '),
    ),
  'text[]': fc.array(fc.option(text)),
  'uuid[]': fc.array(fc.uuid()),
} as const satisfies Record<string, fc.Arbitrary<unknown>>
type Type = keyof typeof values
const types = Object.keys(values) as Type[]

let database: TestDatabase
let client: pg.Client

beforeAll(async () => {
  database = await createTestDatabase()
  client = new pg.Client({ connectionString: database.url })
  await client.connect()
  await client.query(sameSpelling)
  const columns = types.map((type, index) => `c${index} ${type}`).join(', ')
  await client.query(
    `create temporary table before (place integer, ${columns}); create temporary table after (like before)`,
  )
})
afterAll(async () => {
  await client.end()
  await database.drop()
})

describe('rows on their way into a backup and back', () => {
  it('are tried with every type that our tables have', async () => {
    const { rows } = await client.query<{ type: string }>(
      `select distinct format_type(a.atttypid, null) as type from pg_class c join pg_attribute a on a.attrelid = c.oid
       where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped`,
    )
    expect(rows.map(({ type }) => type).filter((type) => !types.includes(type as Type))).toEqual([])
  })

  it('are the same to the last bit, whatever is in them', async () => {
    const row = fc.tuple(...types.map((type) => fc.option(values[type] as fc.Arbitrary<unknown>)))
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 5 }), async (rows) => {
        await client.query('truncate before, after')
        const places = types.map((type, index) => `$${index + 2}::${type}`).join(', ')
        for (const [place, cells] of rows.entries())
          await client.query(`insert into before values ($1, ${places})`, [place, ...cells])
        const parts: Buffer[] = []
        let counted = 0
        for await (const part of packedRows(client, 'before')) {
          parts.push(part.bytes)
          counted += part.rows
        }
        expect(counted).toBe(rows.length)
        await loadRows(
          client,
          'after',
          (async function* () {
            yield* parts
          })(),
        )
        const difference = await client.query(
          `select 1 from before b full join after a using (place)
           where b::text is distinct from a::text or b is distinct from a`,
        )
        expect(difference.rows).toEqual([])
      }),
      { numRuns: 60 },
    )
  })

  it('come in several parts when they are many, cut anywhere', async () => {
    await client.query('truncate before, after')
    await client.query(
      `insert into before (place, c0) select n, repeat(md5(n::text), 40) from generate_series(1, 8000) n`,
    )
    const parts: Buffer[] = []
    for await (const { bytes } of packedRows(client, 'before')) parts.push(bytes)
    expect(parts.length).toBeGreaterThan(1)
    await loadRows(
      client,
      'after',
      (async function* () {
        yield* parts
      })(),
    )
    const { rows } = await client.query(
      'select (select count(*)::int from after) as rows, (select count(*)::int from before join after using (place, c0)) as same',
    )
    expect(rows).toEqual([{ rows: 8000, same: 8000 }])
  })
})
