import type { App } from '../../src/app.ts'
import { until } from '../../src/core/shared/postgres/processes.ts'

type Work = () => Promise<unknown>

/**
 * Runs several pieces of work that all want one reader's row, every one of them with a transaction open: the
 * row is held until each has come there, and then they get it in the order in which they are named.
 */
export const inLine = (app: App, readerId: string, ...works: Work[]): Promise<('done' | string)[]> =>
  inLineFor(app, 'readers', readerId, works)

/** As `inLine`, of pieces of work that all want a row of another table. */
export async function inLineFor(
  app: App,
  table: 'readers' | 'messages',
  id: string,
  works: readonly Work[],
): Promise<('done' | string)[]> {
  const gate = await app.pool.connect()
  const running: Promise<'done' | string>[] = []
  try {
    await gate.query('begin')
    await gate.query(`select from ${table} where id = $1 for update`, [id])
    for (const work of works) {
      running.push(
        work().then(
          () => 'done',
          (error: Error) => error.message,
        ),
      )
      if (!(await until(async () => (await waiting(app)) === running.length, 10_000)))
        throw new Error(`number ${running.length} in line didn't come for the row`)
    }
  } finally {
    await gate.query('rollback')
    gate.release()
  }
  return Promise.all(running)
}

async function waiting(app: App): Promise<number> {
  const { rows } = await app.pool.query<{ count: number }>(
    `select count(*)::int as count from pg_stat_activity
     where datname = current_database() and wait_event_type = 'Lock'`,
  )
  return rows[0]?.count ?? 0
}
