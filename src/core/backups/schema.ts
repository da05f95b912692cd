import type pg from 'pg'
import type { Table } from './rows.ts'

/** Our own tables with their columns, as far as those are stored and not computed. */
export async function ownTables(client: pg.ClientBase): Promise<Table[]> {
  const { rows } = await client.query<Table>(
    `select c.relname as name, array_agg(a.attname::text order by a.attnum) as columns
     from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
       and a.attgenerated = ''
     where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
     group by c.relname order by c.relname`,
  )
  return rows
}

/** Counters, those behind identity columns among them. */
export async function ownSequences(
  client: pg.ClientBase,
): Promise<{ name: string; value: string; called: boolean }[]> {
  const { rows } = await client.query<{ name: string }>(
    `select relname as name from pg_class
     where relnamespace = 'public'::regnamespace and relkind = 'S' order by relname`,
  )
  const found = []
  for (const { name } of rows) {
    const { rows: values } = await client.query<{ value: string; called: boolean }>(
      `select last_value::text as value, is_called as called from public.${client.escapeIdentifier(name)}`,
    )
    found.push({ name, ...(values[0] ?? { value: '1', called: false }) })
  }
  return found
}

/** What of a waiting job is ours: who works the queue keeps the rest in its own way, which changes with its version. */
export const jobColumns = [
  'task',
  'payload',
  'run_at',
  'attempts',
  'max_attempts',
  'key',
  'priority',
] as const

export const jobsQuery = `(select t.identifier, j.payload, j.run_at, j.attempts, j.max_attempts, j.key, j.priority
  from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id order by j.id)`
