import type { Database } from './db.ts'
import { sql } from './db.ts'

/**
 * Does a work that nobody else may do at the same time, in other processes neither. PostgreSQL gives the lock
 * back when the process that holds it dies.
 * @param work gets the connection that holds the lock: a change over it is made under the lock or not at all
 * @returns false when others are at it; nothing is done then
 */
export function oneAtATime(
  db: Database,
  name: string,
  work: (db: Database) => Promise<void>,
): Promise<boolean> {
  const key = sql`hashtextextended(${name}, 0)`
  return db.connection().execute(async (connection) => {
    const { rows } = await sql<{ taken: boolean }>`select pg_try_advisory_lock(${key}) as taken`.execute(
      connection,
    )
    if (!rows[0]?.taken) return false
    try {
      await work(connection)
    } finally {
      await sql`select pg_advisory_unlock(${key})`.execute(connection)
    }
    return true
  })
}
