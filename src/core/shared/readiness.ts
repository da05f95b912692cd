import type { Database } from './db.ts'
import { sql } from './db.ts'
import type { Storage } from './storage.ts'

export interface Readiness {
  database: boolean
  storage: boolean
  queue: boolean
}

/** Whether the parts that pages need answer now. */
export async function readiness(db: Database, storage: Storage): Promise<Readiness> {
  const answers = (work: Promise<unknown>) =>
    work.then(
      () => true,
      () => false,
    )
  const [database, stored, queue] = await Promise.all([
    answers(sql`select 1`.execute(db)),
    answers(storage.check()),
    answers(sql`select id from graphile_worker.jobs limit 1`.execute(db)),
  ])
  return { database, storage: stored, queue }
}
