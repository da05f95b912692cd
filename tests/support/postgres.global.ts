import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { migrate } from '../../src/core/shared/migrate.ts'
import { startEmbeddedPostgres } from '../../src/core/shared/postgres/embedded.ts'
import { onServer } from './server-commands.ts'

declare module 'vitest' {
  interface ProvidedContext {
    postgresUrl: string
  }
}

/** One real PostgreSQL for the run; the migrations run once, into a template that every test database copies. */
export default async function setup(project: TestProject) {
  const dataDir = await mkdtemp(join(tmpdir(), 'smart-test-postgres-'))
  const postgres = await startEmbeddedPostgres({
    dataDir,
    // Nobody keeps these data: a test machine's disk needn't wait for each commit.
    settings: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '200' },
  })
  await onServer(postgres.url, 'create database template_migrated')
  const template = new URL(postgres.url)
  template.pathname = '/template_migrated'
  await migrate(template.href)
  project.provide('postgresUrl', postgres.url)
  return async () => {
    await postgres.stop()
    await rm(dataDir, { recursive: true, force: true })
  }
}
