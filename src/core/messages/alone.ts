import type { Database } from '../shared/db.ts'
import { sql } from '../shared/db.ts'
import { DeliveryFault } from './driver.ts'

/**
 * Keeps other work on the same message away meanwhile, that of other processes too. PostgreSQL gives the lock
 * back when the process that holds it dies.
 * @param work gets the connection that holds the lock: an attempt needs no second one
 * @throws DeliveryFault when other work is under way
 */
export function alone(db: Database, messageId: string, work: (db: Database) => Promise<void>): Promise<void> {
  const key = sql`hashtextextended(${`messages:send ${messageId}`}, 0)`
  return db.connection().execute(async (connection) => {
    const { rows } = await sql<{ taken: boolean }>`select pg_try_advisory_lock(${key}) as taken`.execute(
      connection,
    )
    if (!rows[0]?.taken) throw new DeliveryFault('under_way', true)
    try {
      await work(connection)
    } finally {
      await sql`select pg_advisory_unlock(${key})`.execute(connection)
    }
  })
}
