import type { AuditLog } from '../audit/audit.ts'
import type { AuditFault } from '../audit/verifying.ts'
import type { Clock } from '../shared/clock.ts'
import { inTransaction, openDatabase, openPool } from '../shared/db.ts'
import { knownMigrations, migrate } from '../shared/migrate.ts'
import { reached } from '../shared/points.ts'
import type { Storage } from '../shared/storage.ts'
import { connected } from './connection.ts'
import { BackupFault } from './faults.ts'
import type { Head } from './manifest.ts'
import { loadDatabase } from './loading.ts'
import { forgetTheMoment } from './forgetting.ts'
import { beginRestore, endRestore, refuseUsed } from './empty-database.ts'
import type { BackupSource } from './source.ts'

export interface RestoreResult {
  /** What was wrong with the log when the backup was made. */
  logFaults: readonly AuditFault[]
  /** Staff members whose invitation doesn't work any more. */
  invitations: number
}

/**
 * Fills an empty installation. The backup was verified before; the database takes its rows in one transaction.
 * Until the end the installation is marked as unfinished, and may be restored into again.
 * @throws BackupFault
 */
export async function restoreBackup(
  source: BackupSource,
  installation: { databaseUrl: string; storage: Storage; audit: AuditLog; clock: Clock },
): Promise<RestoreResult> {
  const { databaseUrl, storage } = installation
  return connected(databaseUrl, async (client) => {
    await refuseUsed(client)
    await beginRestore(client)
    for (const line of source.lines) {
      if (line.name.startsWith('files/'))
        await storage.putBytes(line.name.slice('files/'.length), source.content(line))
    }
    reached('restore:files')
    await migrate(databaseUrl, { through: source.head.migrations.at(-1) ?? '', restoring: true })
    await loadDatabase(client, source)
    reached('restore:committed')
    await migrate(databaseUrl, { restoring: true })
    const result = await beginAnew(source.head, installation)
    await endRestore(client)
    return result
  })
}

/** @throws BackupFault when the backup's database is one that this version doesn't know yet */
export async function refuseNewer({ migrations, version }: Head, path: string): Promise<void> {
  const known = await knownMigrations()
  if (migrations.every((name, index) => name === known[index])) return
  throw new BackupFault(
    'newer',
    `Резервная копия ${path} сделана другой, более новой версией программы (${version}). Обновите программу и повторите.`,
  )
}

/**
 * Leaves behind what held at the backup's moment only. The log says what was restored: entries made after the backup
 * are missing, and that isn't tampering.
 */
async function beginAnew(
  { madeAt, auditSeq, key }: Head,
  { databaseUrl, audit, clock }: { databaseUrl: string; audit: AuditLog; clock: Clock },
): Promise<RestoreResult> {
  const db = openDatabase(openPool(databaseUrl, 1))
  try {
    const logFaults = (await audit.verify(db)) ?? []
    const invitations = await inTransaction(db, async (tx) => {
      const now = clock()
      const ended = await forgetTheMoment(tx, now)
      // Backups of earlier versions don't name it in the database.
      await tx.updateTable('audit_head').set({ key }).where('key', 'is', null).execute()
      await audit.append(tx, {
        at: now,
        actor: { kind: 'system' },
        action: 'backups.restore',
        subject: { kind: 'backup', id: null },
        details: { madeAt, entries: auditSeq },
      })
      return ended
    })
    return { logFaults, invitations }
  } finally {
    await db.destroy()
  }
}
