import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type pg from 'pg'
import { createAuditLog } from '../../src/core/audit/audit.ts'
import { mostSince } from '../../src/core/backups/forgetting.ts'
import type { RestoreResult } from '../../src/core/backups/restoring.ts'
import { refuseNewer, restoreBackup } from '../../src/core/backups/restoring.ts'
import { openBackup } from '../../src/core/backups/source.ts'
import { verifyContents, verifyKey } from '../../src/core/backups/verifying.ts'
import { systemClock } from '../../src/core/shared/clock.ts'
import { masterKey } from '../../src/core/shared/key-files.ts'
import { createSealer } from '../../src/core/shared/sealing.ts'
import { createFileStorage } from '../../src/core/shared/storage.ts'
import { onConnection } from './server-commands.ts'

/** Every row of every table, every counter and every waiting job of a database, as texts. */
export const everythingIn = (url: string): Promise<Record<string, unknown[]>> => onConnection(url, everything)

async function everything(client: pg.Client): Promise<Record<string, unknown[]>> {
  const { rows: tables } = await client.query(
    `select relname as name, relkind as kind from pg_class
     where relnamespace = 'public'::regnamespace and relkind in ('r', 'S') order by 1`,
  )
  const found: Record<string, unknown[]> = {}
  for (const { name, kind } of tables as { name: string; kind: string }[]) {
    const query =
      kind === 'S' ? `select last_value, is_called from ${name}` : `select t::text from ${name} t order by 1`
    found[name] = (await client.query(query)).rows
  }
  const { rows: jobs } = await client.query(
    `select t.identifier, j.payload::text, j.run_at, j.attempts, j.max_attempts, j.key, j.priority
     from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id order by 2, 1`,
  )
  return { ...found, jobs }
}

/** The same, as a restore goes on with it: no card number is given that may have been given since. */
export const numbersLeftOut = (everything: Record<string, unknown[]>): Record<string, unknown[]> => {
  const [serial] = everything['card_serial'] as { last_value: number }[]
  return {
    ...everything,
    card_serial: [{ last_value: (serial?.last_value ?? 0) + mostSince, is_called: true }],
  }
}

/** Every stored file of a data folder with its bytes. */
export async function filesIn(dataDir: string): Promise<Record<string, string>> {
  const storage = createFileStorage(join(dataDir, 'files'))
  const found: Record<string, string> = {}
  for await (const key of storage.keys())
    found[key] = (await readFile(await storage.localPath(key))).toString('base64')
  return found
}

/** What `restore` looks at before it changes anything. */
export async function verified(path: string, key: Buffer): Promise<void> {
  const source = await openBackup(path)
  try {
    await refuseNewer(source.head, path)
    verifyKey(source, key, path, 'secret.key')
    await verifyContents(source)
  } finally {
    await source.close()
  }
}

/** Restores into a database and a data folder that has the key. */
export async function restored(
  path: string,
  databaseUrl: string,
  dataDir: string,
  clock = systemClock,
): Promise<RestoreResult> {
  const source = await openBackup(path)
  try {
    return await restoreBackup(source, {
      databaseUrl,
      storage: createFileStorage(join(dataDir, 'files')),
      audit: createAuditLog(createSealer(await masterKey(dataDir))),
      clock,
    })
  } finally {
    await source.close()
  }
}

export async function newFolder(): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'smart-backup-'))
  return { path, remove: () => rm(path, { recursive: true, force: true }) }
}
