import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestApp } from '../../../tests/support/app.ts'
import { createTestApp } from '../../../tests/support/app.ts'
import { inTransaction } from './db.ts'
import { addJob, freeAbandonedJobs } from './jobs.ts'

let app: TestApp

beforeAll(async () => {
  app = await createTestApp()
})
afterAll(() => app.dispose())

/** A job that a worker took so many minutes ago. */
async function takenJob(worker: string, minutesAgo: number): Promise<void> {
  await inTransaction(app.db, (tx) => addJob(tx, 'messages:send', { messageId: worker }))
  await app.pool.query(
    `update graphile_worker._private_jobs
     set locked_by = $1, locked_at = now() - $2::float8 * interval '1 minute', attempts = 1
     where payload->>'messageId' = $1`,
    [worker, minutesAgo],
  )
}

async function held(): Promise<string[]> {
  const { rows } = await app.pool.query<{ locked_by: string }>(
    'select locked_by from graphile_worker.jobs where locked_at is not null order by locked_by',
  )
  return rows.map((row) => row.locked_by)
}

describe('jobs of a killed worker', () => {
  it('go back to the queue after five minutes, with the attempt counted; those of a busy one stay', async () => {
    await takenJob('busy', 4.9)
    await takenJob('dead', 5.1)
    await freeAbandonedJobs(app.db, false)
    expect(await held()).toEqual(['busy'])
    const { rows } = await app.pool.query(
      `select attempts, run_at <= now() as due from graphile_worker.jobs where locked_at is null`,
    )
    expect(rows).toEqual([{ attempts: 1, due: true }])
  })

  it('go back at once where no other worker can be', async () => {
    await takenJob('just killed', 0)
    await freeAbandonedJobs(app.db, true)
    expect(await held()).toEqual([])
  })
})
