import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect } from 'vitest'
import type { TestApp, TestNetwork } from '../../../tests/support/app.ts'
import { createTestApp, createTestNetwork } from '../../../tests/support/app.ts'
import { addBook } from '../../../tests/support/people-and-books.ts'
import type { RegisteredReader } from '../../../tests/support/registered-reader.ts'
import { authorise } from '../staff/actors.ts'

export let app: TestApp
export let network: TestNetwork
export let book: string

/** Readers who may go, in an app of the file’s own. */
export function useDestructions(): void {
  beforeAll(async () => {
    app = await createTestApp()
    network = await createTestNetwork(app)
    book = await addBook(app, {}, { licence: { kind: 'copies', copies: 1 } })
  })
  afterAll(() => app.dispose())
}

/** A book of its own, which everybody may have at once. */
export const openBook = () => addBook(app, { metadata: `<dc:title>Книга ${randomUUID()}</dc:title>` })
export const origin = { address: '203.0.113.5', userAgent: 'Firefox' }
export const decider = () => authorise(network.operator, 'destructions.decide')
export const openOf = async ({ actor }: RegisteredReader) => {
  const row = await app.db
    .selectFrom('destructions')
    .selectAll()
    .where('reader_id', '=', actor.readerId)
    .orderBy('asked_at', 'desc')
    .limit(1)
    .executeTakeFirstOrThrow()
  return row
}
export const exists = async ({ actor }: RegisteredReader) =>
  (await app.db.selectFrom('readers').select('id').where('id', '=', actor.readerId).execute()).length === 1

/** Where a text stands: every column of every table, the job queue's too. */
export async function tablesWith(...texts: string[]): Promise<string[]> {
  const { rows: tables } = await app.pool.query<{ name: string }>(
    `select format('%I.%I', table_schema, table_name) as name from information_schema.tables
     where table_schema in ('public', 'graphile_worker') and table_type = 'BASE TABLE'`,
  )
  expect(tables.length).toBeGreaterThan(25)
  const found: string[] = []
  for (const { name } of tables) {
    const { rows } = await app.pool.query<{ text: string }>(`select t::text as text from ${name} t`)
    const all = rows
      .map(({ text }) => text)
      .join('\n')
      .toLowerCase()
    for (const text of texts) if (all.includes(text.toLowerCase())) found.push(`${name}: ${text}`)
  }
  return found
}
