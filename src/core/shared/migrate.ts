import { readFile, readdir } from 'node:fs/promises'
import pg from 'pg'
import { runMigrations } from 'graphile-worker'
import type { Database } from './db.ts'
import { sql } from './db.ts'

const folder = new URL('../../../migrations/', import.meta.url)
/** Any constant will do; every process that migrates takes the same lock. */
const migrationLock = 7_423_190_118

/** The database is not one that this system can live in; the sentence says why. */
export class UnfitDatabase extends Error {}

/** What a restore leaves until it has come to its end; outside of `public`, which it fills anew. */
export const unfinishedRestore = 'smart_restore.unfinished'

/**
 * Brings the database to the current schema: every `migrations/NNNN-*.sql` not applied yet, in order,
 * each in a transaction of its own, under a lock, so that any number of processes may start at once.
 * The job queue's own schema is brought up to date too.
 * @param options.through the last one to apply (all when left out)
 * @param options.restoring true in the restore itself, which may meet what it has left unfinished
 * @throws UnfitDatabase when the database's encoding isn't UTF-8, or a restore into it hasn't come to its end.
 */
export async function migrate(
  databaseUrl: string,
  options: { through?: string; restoring?: boolean } = {},
): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    await refuseOtherEncodings(client)
    if (!options.restoring) await refuseUnfinishedRestore(client)
    await client.query('select pg_advisory_lock($1)', [migrationLock])
    await client.query(
      'create table if not exists migrations (name text primary key, applied_at timestamptz not null default now())',
    )
    const applied = new Set(
      (await client.query<{ name: string }>('select name from migrations')).rows.map((row) => row.name),
    )
    for (const name of await knownMigrations()) {
      if (applied.has(name)) continue
      if (options.through !== undefined && name > options.through) break
      await client.query('begin')
      await client.query(await readFile(new URL(name, folder), 'utf8'))
      await client.query('insert into migrations (name) values ($1)', [name])
      await client.query('commit')
    }
    await runMigrations({ connectionString: databaseUrl })
  } finally {
    await client.end()
  }
}

/** The files' names, in order. */
export const knownMigrations = async (): Promise<string[]> =>
  (await readdir(folder)).filter((file) => file.endsWith('.sql')).toSorted()

async function refuseUnfinishedRestore(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ found: boolean }>('select to_regclass($1) is not null as found', [
    unfinishedRestore,
  ])
  if (rows[0]?.found) {
    throw new UnfitDatabase(
      'Восстановление из резервной копии не закончено: данные здесь неполные. Запустите его ещё раз: npm run smart -- restore ПУТЬ_К_КОПИИ.',
    )
  }
}

/** Those that a newer version of the program has made, which this one doesn't know. */
export async function unknownMigrations(db: Database): Promise<string[]> {
  const known = new Set(await readdir(folder))
  const { rows } = await sql<{ name: string }>`select name from migrations order by name`.execute(db)
  return rows.map(({ name }) => name).filter((name) => !known.has(name))
}

async function refuseOtherEncodings(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ server_encoding: string }>('show server_encoding')
  const encoding = rows[0]?.server_encoding
  if (encoding !== 'UTF8') {
    throw new UnfitDatabase(
      `База данных в кодировке ${encoding}, а нужна UTF8: создайте базу с ENCODING 'UTF8' и укажите её в DATABASE_URL.`,
    )
  }
}
