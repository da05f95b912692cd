import { readSettings } from '../settings/settings.ts'
import type { Clock } from '../shared/clock.ts'
import { after, days } from '../shared/clock.ts'
import type { Database } from '../shared/db.ts'
import type { Authorised } from '../staff/actors.ts'
import type { BackupRules } from './backups.schemas.ts'

export interface BackupEntry {
  id: string
  cause: 'nightly' | 'page' | 'console'
  state: 'running' | 'done' | 'failed'
  startedAt: Date
  endedAt: Date | null
  place: string
  fault: string | null
  files: number | null
  bytes: number | null
}

/** What an administrator is told at his desk: the last one failed, or there is none that is new enough. */
export type BackupTrouble = 'failed' | 'none' | 'old'

const shown = 10
/** A nightly backup may be late by a day; whoever makes them by hand is reminded after a week. */
const oldAfter = (nightly: boolean) => days(nightly ? 2 : 7)

export function createBackupQueries(deps: { db: Database; clock: Clock; folder: string }) {
  const { db, clock, folder } = deps

  async function trouble(): Promise<{ kind: BackupTrouble; since: Date | null } | undefined> {
    const newest = (state: 'done' | 'failed') =>
      db
        .selectFrom('backups')
        .select('started_at')
        .where('state', '=', state)
        .orderBy('started_at', 'desc')
        .limit(1)
        .executeTakeFirst()
    const [done, failed] = [await newest('done'), await newest('failed')]
    if (failed && !(done && done.started_at > failed.started_at))
      return { kind: 'failed', since: failed.started_at }
    if (!done) return { kind: 'none', since: null }
    const { 'backup.nightly': nightly } = await readSettings(db)
    return done.started_at < after(clock(), -oldAfter(nightly))
      ? { kind: 'old', since: done.started_at }
      : undefined
  }

  return {
    trouble: (_actor: Authorised<'backups.manage'>) => trouble(),

    /** The settings, and what became of the last backups, the newest first. */
    async standing(
      _actor: Authorised<'backups.manage'>,
    ): Promise<{ rules: BackupRules; folder: string; last: BackupEntry[] }> {
      const settings = await readSettings(db)
      const last = await db
        .selectFrom('backups')
        .select([
          'id',
          'cause',
          'state',
          'started_at as startedAt',
          'ended_at as endedAt',
          'place',
          'fault',
          'file_count as files',
          'bytes',
        ])
        .orderBy('started_at', 'desc')
        .limit(shown)
        .execute()
      return {
        rules: {
          nightly: settings['backup.nightly'],
          time: settings['backup.time'],
          keep: settings['backup.keep'],
        },
        folder,
        last: last as BackupEntry[],
      }
    },
  }
}
