import type pg from 'pg'
import { unfinishedRestore } from '../shared/migrate.ts'
import { othersConnected } from '../shared/others-connected.ts'
import { until } from '../shared/postgres/processes.ts'
import { BackupFault } from './faults.ts'

const restoreSchema = unfinishedRestore.split('.')[0]

/** @throws BackupFault unless this is a database without anything, an installation without anybody, or a restore that broke off */
export async function refuseUsed(client: pg.Client): Promise<void> {
  if (!(await until(() => isAlone(client), settling)))
    throw new BackupFault(
      'busy',
      'С этой базой сейчас работает другая программа. Остановите её (и все процессы Смарт-библиотеки) и повторите.',
    )
  if (await isThere(client, unfinishedRestore)) return
  const { rows } = await client.query<{ tables: number }>(
    `select count(*)::int as tables from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')`,
  )
  if (rows[0]?.tables === 0) return
  if (!(await isThere(client, 'public.migrations')) || !(await isThere(client, 'public.libraries')))
    throw new BackupFault(
      'foreign',
      'В этой базе лежат таблицы другой программы. Создайте пустую базу и укажите её в DATABASE_URL.',
    )
  const { rows: people } = await client.query('select from libraries union all select from staff limit 1')
  if (people.length > 0)
    throw new BackupFault(
      'not_empty',
      'Здесь уже есть данные, поэтому копия не восстановлена и ничего не изменено. Укажите пустую папку в SMART_DATA_DIR (и пустую базу в DATABASE_URL, если она своя).',
    )
}

/** From here on only a restore may use the database; what an empty installation has made in it goes. */
export async function beginRestore(client: pg.Client): Promise<void> {
  await client.query('begin')
  await client.query(`create schema if not exists ${restoreSchema}`)
  await client.query(`create table if not exists ${unfinishedRestore} ()`)
  await client.query('drop schema if exists graphile_worker cascade')
  // Tables take along what hangs on them: their rules, and the counters of their columns.
  const { rows } = await client.query<{ kind: string; name: string }>(
    `select 'table' as kind, oid::regclass::text as name from pg_class
       where relnamespace = 'public'::regnamespace and relkind = 'r'
     union all
     select 'sequence', oid::regclass::text from pg_class s
       where relnamespace = 'public'::regnamespace and relkind = 'S'
       and not exists (select from pg_depend d where d.objid = s.oid and d.deptype in ('a', 'i'))
     union all
     select 'function', oid::regprocedure::text from pg_proc p where pronamespace = 'public'::regnamespace
       and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')`,
  )
  for (const { kind, name } of rows) await client.query(`drop ${kind} ${name} cascade`)
  await client.query('commit')
}

export async function endRestore(client: pg.Client): Promise<void> {
  await client.query(`drop schema ${restoreSchema} cascade`)
}

/** A connection that was closed may take the server a moment to end. */
const settling = 2000

async function isAlone(client: pg.Client): Promise<boolean> {
  return (await client.query(othersConnected)).rows.length === 0
}

async function isThere(client: pg.Client, table: string): Promise<boolean> {
  const { rows } = await client.query<{ found: boolean }>('select to_regclass($1) is not null as found', [
    table,
  ])
  return rows[0]?.found === true
}
