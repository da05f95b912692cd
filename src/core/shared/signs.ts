import type { Database } from './db.ts'
import { sql } from './db.ts'

/**
 * What happens again and again while all is well: a job goes through the queue, the mailbox is looked through, the log
 * is found whole since it was last looked at.
 */
export type Sign = 'queue' | 'mailbox' | 'audit'

export async function noteSign(db: Database, name: Sign): Promise<void> {
  await sql`insert into signs (name, at) values (${name}, clock_timestamp())
    on conflict (name) do update set at = excluded.at`.execute(db)
}
