import type pg from 'pg'
import { reached } from '../shared/points.ts'
import { BackupFault } from './faults.ts'
import { jobsOfTheMoment } from './forgetting.ts'
import type { Line } from './manifest.ts'
import { loadRows, sameSpelling, tableName, tableQuery } from './rows.ts'
import { jobColumns, ownSequences, ownTables } from './schema.ts'
import type { BackupSource } from './source.ts'
import { collected } from './source.ts'

/**
 * Fills an empty database that has the backup's own migrations, in one transaction. What ties tables to each other
 * is taken away meanwhile and put back, which checks every row: so no order is needed, and no superuser.
 * @throws BackupFault when the tables aren't those of the backup
 */
export async function loadDatabase(client: pg.ClientBase, source: BackupSource): Promise<void> {
  const { head } = source
  await client.query(sameSpelling)
  await client.query('begin')
  await refuseOtherTables(client, source)
  const keys = await foreignKeys(client)
  for (const { table, name } of keys) await client.query(`alter table ${table} drop constraint ${name}`)
  for (const { name } of head.tables)
    await client.query(`alter table ${tableName(name)} disable trigger user`)
  // Migrations have put rows into some.
  await client.query(`truncate ${head.tables.map(({ name }) => tableName(name)).join(', ')}`)
  for (const table of head.tables)
    await loadRows(client, tableQuery(table), partsIn(source, `tables/${table.name}/`))
  for (const { name, value, called } of head.sequences)
    await client.query('select setval($1::regclass, $2, $3)', [tableName(name), value, called])
  await loadJobs(client, source)
  for (const { name } of head.tables) await client.query(`alter table ${tableName(name)} enable trigger user`)
  for (const { table, name, definition } of keys)
    await client.query(`alter table ${table} add constraint ${name} ${definition}`)
  reached('restore:loaded')
  await client.query('commit')
  await client.query('analyze')
}

async function foreignKeys(client: pg.ClientBase) {
  const { rows } = await client.query<{ table: string; name: string; definition: string }>(
    `select conrelid::regclass::text as table, quote_ident(conname) as name,
       pg_get_constraintdef(oid) as definition
     from pg_constraint where contype = 'f' and connamespace = 'public'::regnamespace`,
  )
  return rows
}

async function refuseOtherTables(client: pg.ClientBase, { head }: BackupSource): Promise<void> {
  const described = (tables: { name: string; columns: string[] }[]) =>
    JSON.stringify(tables.map(({ name, columns }) => [name, columns]))
  const names = (all: { name: string }[]) => JSON.stringify(all.map(({ name }) => name))
  if (
    described(await ownTables(client)) !== described(head.tables) ||
    names(await ownSequences(client)) !== names(head.sequences)
  )
    throw new BackupFault(
      'newer',
      'Таблицы в резервной копии не те, что у этой версии программы. Возьмите версию программы, которой сделана копия, или более новую.',
    )
}

/**
 * Jobs that waited go on waiting; those that a worker held are done again, as after a crash. Nobody waits any more
 * for a code or a link that was asked for then.
 */
async function loadJobs(client: pg.ClientBase, source: BackupSource): Promise<void> {
  await client.query(
    `create temporary table restored_jobs (place integer generated always as identity, task text, payload json,
       run_at timestamptz, attempts integer, max_attempts integer, key text, priority integer) on commit drop`,
  )
  await loadRows(client, `restored_jobs (${jobColumns.join(', ')})`, partsIn(source, 'jobs/'))
  await client.query('delete from restored_jobs where task = any($1)', [jobsOfTheMoment])
  await client.query(
    `create temporary table added_jobs on commit drop as
     select attempts, (graphile_worker.add_job(task, payload := payload, run_at := run_at,
       max_attempts := max_attempts, job_key := key, priority := priority)).id
     from (select * from restored_jobs order by place) r`,
  )
  await client.query(
    `update graphile_worker._private_jobs j set attempts = a.attempts
     from added_jobs a where a.id = j.id and a.attempts > 0`,
  )
}

async function* partsIn(source: BackupSource, folder: string): AsyncGenerator<Buffer> {
  const parts: Line[] = source.lines.filter(({ name }) => name.startsWith(folder))
  for (const part of parts) yield await collected(source.content(part))
}
