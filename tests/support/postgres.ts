import { randomUUID } from 'node:crypto'
import { inject } from 'vitest'
import { until } from '../../src/core/shared/postgres/processes.ts'
import { onConnection, onServer } from './server-commands.ts'

export interface TestDatabase {
  url: string
  /** Removes the database. @throws when the test has left a connection open */
  drop(): Promise<void>
}

/** A migrated database of its own with nothing in it; not even migrated, from PostgreSQL's own `template0`. */
export async function createTestDatabase(template = 'template_migrated'): Promise<TestDatabase> {
  const server = inject('postgresUrl')
  const name = `test_${randomUUID().replaceAll('-', '')}`
  await onServer(server, `create database ${name} template ${template}`)
  const url = new URL(server)
  url.pathname = `/${name}`
  return {
    url: url.href,
    drop: () =>
      onConnection(server, async (client) => {
        const connections = async () =>
          (await client.query('select query from pg_stat_activity where datname = $1', [name])).rows
        // A connection that was closed may take the server a moment to end.
        let left = await connections()
        await until(async () => (left = await connections()).length === 0, closingLimit)
        await client.query(`drop database ${name} with (force)`)
        if (left.length > 0) throw new Error(`${left.length} connections leaked: ${JSON.stringify(left)}`)
      }),
  }
}

const closingLimit = 5000
