import { seconds } from './clock.ts'
import type { Database } from './db.ts'
import { sql } from './db.ts'
import { remembered } from './remembered.ts'
import type { Storage } from './storage.ts'
import { within } from './within.ts'

export interface Readiness {
  /** It answers. */
  database: boolean
  /** A file can be written. */
  storage: boolean
  /** At least one process works the queue. */
  worker: boolean
}

/** A process that has given no sign for so long is away: it gives one every fifteen seconds. */
export const silence = seconds(60)

const answerLimit = seconds(3)
/** A file isn't written at each question; nor is the database asked by everybody who asks at the same moment. */
const keptFor = { storage: seconds(10), database: seconds(1) }

/** Whether the parts that the system needs answer now, each within three seconds. */
export function createReadiness(db: Database, storage: Storage): () => Promise<Readiness> {
  const holds = (work: Promise<boolean>) => within(answerLimit, work).catch(() => false)
  const stored = remembered(() => holds(storage.check().then(() => true)), keptFor.storage)
  const asked = remembered(
    () =>
      Promise.all([holds(sql`select 1`.execute(db).then(() => true)), holds(somebodyWorks(db))]).then(
        ([database, worker]) => ({ database, worker }),
      ),
    keptFor.database,
  )
  return async () => {
    const [storage, { database, worker }] = await Promise.all([stored(), asked()])
    return { database, storage, worker }
  }
}

async function somebodyWorks(db: Database): Promise<boolean> {
  const { rows } = await sql`select from processes
    where works and seen_at > clock_timestamp() - ${silence} * interval '1 millisecond' limit 1`.execute(db)
  return rows.length > 0
}
