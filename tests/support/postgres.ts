import { randomUUID } from 'node:crypto'
import { inject } from 'vitest'
import { onServer } from './server-commands.ts'

export interface TestDatabase {
  url: string
  /** Removes the database. @throws when the test has left a connection open */
  drop(): Promise<void>
}

/** A migrated, empty database of its own. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const server = inject('postgresUrl')
  const name = `test_${randomUUID().replaceAll('-', '')}`
  await onServer(server, `create database ${name} template template_migrated`)
  const url = new URL(server)
  url.pathname = `/${name}`
  return {
    url: url.href,
    async drop() {
      const { rows } = await onServer(server, 'select query from pg_stat_activity where datname = $1', [name])
      await onServer(server, `drop database ${name} with (force)`)
      if (rows.length > 0) throw new Error(`${rows.length} connections leaked: ${JSON.stringify(rows)}`)
    },
  }
}
