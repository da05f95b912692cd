import { Kysely, PostgresDialect, sql } from 'kysely'
import type { Transaction as KyselyTransaction } from 'kysely'
import pg from 'pg'
import type { DB } from './db.types.ts'
import { frequentStatementsClient, plannedForValues } from './frequent-statements.ts'

/** The database, or a transaction in it: queries take either. */
export type Database = Kysely<DB>
/** What a change needs: its audit entry and its jobs must commit with it. */
export type Transaction = KyselyTransaction<DB>

// Calendar dates stay text: a birth date has no time zone to be shifted by.
pg.types.setTypeParser(pg.types.builtins.DATE, (text) => text)
// File sizes and counts are well below 2^53.
pg.types.setTypeParser(pg.types.builtins.INT8, Number)

export function openPool(url: string, max = 10): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max,
    connectionTimeoutMillis: 10_000,
    Client: frequentStatementsClient(),
  })
  // An idle connection that the server ends (a restart) must not end the process; the pool makes a new one.
  pool.on('error', () => {})
  pool.on('connect', (client) => client.on('error', () => {}))
  return pool
}

export const openDatabase = (pool: pg.Pool): Database =>
  new Kysely<DB>({ dialect: new PostgresDialect({ pool }) })

/** One use case, one transaction. Read committed: races are decided by unique indexes and row locks. */
export const inTransaction = <Result>(
  db: Database,
  work: (tx: Transaction) => Promise<Result>,
): Promise<Result> => db.transaction().execute(work)

/** The constraint's name when the error is PostgreSQL's unique violation, else undefined. */
export function violatedUnique(error: unknown): string | undefined {
  const fault = error as { code?: string; constraint?: string } | null
  return fault?.code === '23505' ? fault.constraint : undefined
}

/**
 * Whether PostgreSQL has refused the values themselves: data exceptions (class 22) and broken constraints (class
 * 23). Trying again would be refused again.
 */
export const refusedByDatabase = (error: unknown): boolean =>
  /^2[23]/.test((error as { code?: string } | null)?.code ?? '')

/** Put into a query whose best plan depends on its values. */
export const planForValues = sql.raw(plannedForValues)

export { sql }
