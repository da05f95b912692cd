import { runningPostgres } from '../../src/core/shared/postgres/embedded.ts'
import { onServer } from './server-commands.ts'
import type { RunningSystem } from './system.ts'

/** Sets how many seconds a region leaves for taking a decision back; until then its messages wait. */
export const leaveForUndo = (databaseUrl: string, seconds: number) =>
  onServer(
    databaseUrl,
    `insert into settings (key, value) values ('queue.undoSeconds', $1::text::jsonb)
     on conflict (key) do update set value = excluded.value`,
    [seconds],
  )

/** Has messages go out at once, and no decision taken back. */
export async function messagesAtOnce({ dataDir }: Pick<RunningSystem, 'dataDir'>): Promise<void> {
  const url = await runningPostgres(dataDir)
  if (!url) throw new Error('no database server runs')
  await leaveForUndo(url, 0)
}

/** How many messages are still on their way out of the system that runs on this data folder. */
export async function unsentMessages(dataDir: string): Promise<number> {
  const url = await runningPostgres(dataDir)
  if (!url) throw new Error('no database server runs')
  const { rows } = await onServer(url, `select from messages where state in ('queued', 'sending')`)
  return rows.length
}
