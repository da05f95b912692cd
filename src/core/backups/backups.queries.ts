import { formOf, readSettings } from '../settings/settings.ts'
import type { Database } from '../shared/db.ts'
import type { Authorised } from '../staff/actors.ts'
import type { BackupRules } from './backups.schemas.ts'
import { settingOf } from './backups.schemas.ts'

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

const shown = 10

export function createBackupQueries({ db, folder }: { db: Database; folder: string }) {
  return {
    /** The settings, and what became of the last backups, the newest first. */
    async standing(
      _actor: Authorised<'backups.manage'>,
    ): Promise<{ rules: BackupRules; folder: string; last: BackupEntry[] }> {
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
        rules: formOf(settingOf, await readSettings(db)),
        folder,
        last: last as BackupEntry[],
      }
    },
  }
}
