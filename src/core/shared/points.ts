import type { Transaction } from './db.ts'
import { sql } from './db.ts'

/**
 * Named points in the middle of work. At one of them a test kills the real process to see that nothing
 * acknowledged is lost, or holds transactions of several processes until all of them have come there. Without
 * SMART_TEST_KILL_AT or SMART_TEST_WAIT_AT a point does nothing.
 */
export type Point =
  | `application:${'inserted' | 'committed'}`
  | `register:${'checked' | 'inserted' | 'committed'}`
  | `destruction:${'erased' | 'committed'}`
  | `intake:${'stored' | 'taken'}`
  | `provider:${'row' | 'committed'}`
  | `list:${'taken' | 'committed'}`
  | `key:${'kept' | 'sealed' | 'committed'}`
  | `backup:${'database' | 'files'}`
  | `restore:${'files' | 'loaded' | 'committed'}`
  | `${'email' | 'sms'}:${'claimed' | 'accepted' | 'noted' | 'failed'}`

const killAt = process.env['SMART_TEST_KILL_AT']
const waitAt = process.env['SMART_TEST_WAIT_AT']

export function reached(point: Point): void {
  if (point === killAt) process.kill(process.pid, 'SIGKILL')
}

/** Waits at a point as long as a test holds its lock in the database. */
export async function passed(point: Point, tx: Transaction): Promise<void> {
  if (point === waitAt)
    await sql`select pg_advisory_xact_lock_shared(hashtextextended(${point}, 0))`.execute(tx)
}
