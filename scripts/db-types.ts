/** What `npm run db:types` runs: writes the tables' types, as a freshly migrated database has them. */
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { format, resolveConfig } from 'prettier'
import { migrate } from '../src/core/shared/migrate.ts'
import { startEmbeddedPostgres } from '../src/core/shared/postgres/embedded.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

export const typesFile = join(root, 'src', 'core', 'shared', 'db.types.ts')

/** The types of our own tables in a database; the job queue's tables are its own business. */
export async function databaseTypes(databaseUrl: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'smart-db-types-'))
  try {
    const draft = join(folder, 'db.types.ts')
    const generator = join(root, 'node_modules', 'kysely-codegen', 'dist', 'cli', 'bin.js')
    // As `db.ts` parses them: calendar dates stay text, large integers become numbers.
    const parsers = ['--date-parser', 'string', '--type-mapping', '{"int8":"number"}']
    const tables = ['--default-schema', 'public', '--exclude-pattern', 'graphile_worker.*']
    const words = ['--url', databaseUrl, '--dialect', 'postgres', '--out-file', draft, ...parsers, ...tables]
    await promisify(execFile)(process.execPath, [generator, ...words], { cwd: root })
    const style = await resolveConfig(typesFile)
    return await format(await readFile(draft, 'utf8'), { ...style, filepath: typesFile })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function main(): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'smart-db-types-'))
  try {
    const postgres = await startEmbeddedPostgres({ dataDir })
    try {
      await migrate(postgres.url)
      await writeFile(typesFile, await databaseTypes(postgres.url))
    } finally {
      await postgres.stop()
    }
  } finally {
    await rm(dataDir, { recursive: true, force: true })
  }
}

if (import.meta.main) await main()
