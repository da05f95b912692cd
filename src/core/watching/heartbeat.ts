import { randomUUID } from 'node:crypto'
import type { Clock } from '../shared/clock.ts'
import { seconds } from '../shared/clock.ts'
import type { Database } from '../shared/db.ts'
import { sql } from '../shared/db.ts'
import type { Log } from '../shared/log.ts'
import { errorFacts } from '../shared/log.ts'

export interface Heartbeat {
  /** Takes leave: this process isn't missed. */
  stop(): Promise<void>
}

export interface ProcessFacts {
  role: 'all' | 'web' | 'worker'
  /** It works the queue. */
  works: boolean
  /** It has a mailbox to read. */
  readsMail: boolean
}

const every = seconds(15)

/**
 * Says every fifteen seconds that this process is there, in a row of its own. It says nothing of the queue:
 * that it moves is seen by a job that goes through it (`watching:look`), whoever takes it. So a process that
 * is gone is told from a queue that stands still. The first sign is given before this returns.
 */
export async function startHeartbeat(
  deps: { db: Database; clock: Clock; log: Log },
  facts: ProcessFacts,
): Promise<Heartbeat> {
  const { db, clock, log } = deps
  const id = randomUUID()
  const beat = () =>
    sql`insert into processes (id, role, works, reads_mail, started_at, seen_at, clock_ahead)
      select ${id}::uuid, ${facts.role}, ${facts.works}::boolean, ${facts.readsMail}::boolean, now, now,
        round(extract(epoch from ${clock()}::timestamptz - now) * 1000)
      from (select clock_timestamp() as now)
      on conflict (id) do update set seen_at = excluded.seen_at, clock_ahead = excluded.clock_ahead`.execute(
      db,
    )
  await beat()
  // Whoever was killed long ago isn't missed any more.
  await sql`delete from processes where seen_at < clock_timestamp() - interval '1 day'`.execute(db)
  let beating: Promise<unknown> = Promise.resolve()
  const timer = setInterval(() => {
    beating = beat().catch((error: unknown) =>
      log.debug({ fault: errorFacts(error) }, 'no sign of life could be given'),
    )
  }, every)
  timer.unref()
  return {
    async stop() {
      clearInterval(timer)
      await beating
      await sql`delete from processes where id = ${id}::uuid`.execute(db)
    },
  }
}
