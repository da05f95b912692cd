import type { Database } from '../shared/db.ts'
import { oneAtATime } from '../shared/one-at-a-time.ts'
import { DeliveryFault } from './driver.ts'

/**
 * Keeps other work on the same message away meanwhile, that of other processes too.
 * @param work gets the connection that holds the lock: an attempt needs no second one
 * @throws DeliveryFault when other work is under way
 */
export async function alone(
  db: Database,
  messageId: string,
  work: (db: Database) => Promise<void>,
): Promise<void> {
  if (!(await oneAtATime(db, `messages:send ${messageId}`, work))) throw new DeliveryFault('under_way', true)
}
