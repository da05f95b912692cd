import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestDatabase } from '../tests/support/postgres.ts'
import { createTestDatabase } from '../tests/support/postgres.ts'
import { onServer } from '../tests/support/server-commands.ts'
import { databaseTypes, typesFile } from './db-types.ts'

let database: TestDatabase

beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

describe('the types of the tables', () => {
  it('are those of the migrated database', async () => {
    // When this fails: a migration was added, and `npm run db:types` brings the file up to date.
    expect(await databaseTypes(database.url)).toBe(await readFile(typesFile, 'utf8'))
  })

  it('follow a new column', async () => {
    await onServer(database.url, 'alter table cards add column printed_on date')
    expect(await databaseTypes(database.url)).toContain('printed_on: string | null')
  })
})
