import packageFile from '../../../package.json' with { type: 'json' }
import { reached } from '../shared/points.ts'
import type { Sealer } from '../shared/sealing.ts'
import type { Storage } from '../shared/storage.ts'
import { connected } from './connection.ts'
import { BackupFault, writeFault } from './faults.ts'
import type { Head, Line } from './manifest.ts'
import { completeFor, sha256, writeComplete, writeManifest } from './manifest.ts'
import { packedRows, sameSpelling, tableName, tableQuery } from './rows.ts'
import { jobsQuery, ownSequences, ownTables } from './schema.ts'
import type { BackupTarget } from './target.ts'

export interface Installation {
  databaseUrl: string
  storage: Storage
  sealer: Sealer
}

/** What there is in a backup. Sizes are in bytes. */
export interface BackupSummary {
  path: string
  madeAt: string
  rows: number
  files: number
  bytes: number
}

/**
 * Writes a backup of everything but the key, as it is at one moment, while others go on working.
 * @throws BackupFault; whatever the error, nothing of the backup is left
 */
export async function writeBackup(
  installation: Installation,
  target: BackupTarget,
  madeAt: Date,
  signal: AbortSignal,
): Promise<BackupSummary> {
  const { databaseUrl, storage, sealer } = installation
  const lines: Line[] = []
  try {
    const database = await writeDatabase(databaseUrl, target, lines, signal)
    reached('backup:database')
    const files = await writeFiles(storage, target, lines, signal)
    reached('backup:files')
    const head: Head = {
      format: 1,
      madeAt: madeAt.toISOString(),
      version: packageFile.version,
      key: sealer.fingerprint,
      ...database,
      files,
    }
    const manifest = writeManifest({ head, lines })
    await target.finish(manifest, writeComplete(completeFor(manifest, sealer)))
    return {
      path: target.path,
      madeAt: head.madeAt,
      rows: head.tables.reduce((sum, { rows }) => sum + rows, 0),
      files: files.count,
      bytes: lines.reduce((sum, { size }) => sum + size, 0),
    }
  } catch (error) {
    await target.discard().catch(() => {})
    if (signal.aborted)
      throw new BackupFault('stopped', 'Резервная копия остановлена вместе с программой.', { cause: error })
    throw writeFault(error, target.path)
  }
}

type DatabasePart = Pick<Head, 'postgres' | 'migrations' | 'tables' | 'sequences' | 'jobs' | 'auditSeq'>

/** Everything of one moment: what commits later isn't seen. */
async function writeDatabase(
  url: string,
  target: BackupTarget,
  lines: Line[],
  signal: AbortSignal,
): Promise<DatabasePart> {
  return connected(url, async (client) => {
    const writeRows = async (source: string, folder: string): Promise<number> => {
      let total = 0
      let part = 0
      for await (const { bytes, rows } of packedRows(client, source)) {
        signal.throwIfAborted()
        part += 1
        total += rows
        const name = `${folder}/${String(part).padStart(6, '0')}.gz`
        await target.put(name, bytes)
        lines.push({ name, size: bytes.length, sha256: sha256(bytes) })
      }
      return total
    }
    await client.query(sameSpelling)
    const names = (await ownTables(client)).map(({ name }) => tableName(name)).join(', ')
    await client.query('begin isolation level repeatable read read only')
    // Before the moment is fixed by the first look: no migration may rewrite a table from here on.
    await client.query(`lock table ${names} in access share mode`)
    const { rows: migrations } = await client.query<{ name: string }>(
      'select name from migrations order by name',
    )
    const { rows: heads } = await client.query<{ postgres: string; seq: string }>(
      `select current_setting('server_version') as postgres, seq::text from audit_head`,
    )
    const tables = []
    for (const table of await ownTables(client))
      tables.push({ ...table, rows: await writeRows(tableQuery(table), `tables/${table.name}`) })
    const jobs = await writeRows(jobsQuery, 'jobs')
    // Counters know no moment. They only go up: asked for last, they are past every number in the rows.
    const sequences = await ownSequences(client)
    await client.query('commit')
    return {
      postgres: heads[0]?.postgres ?? '',
      migrations: migrations.map(({ name }) => name),
      tables,
      sequences,
      jobs,
      auditSeq: Number(heads[0]?.seq ?? 0),
    }
  })
}

/** After the rows: a file is stored before the row that names it. */
async function writeFiles(
  storage: Storage,
  target: BackupTarget,
  lines: Line[],
  signal: AbortSignal,
): Promise<{ count: number; bytes: number }> {
  const total = { count: 0, bytes: 0 }
  for await (const key of storage.keys()) {
    signal.throwIfAborted()
    const path = await storage.localPath(key).catch(() => undefined)
    // Removed since the folder was listed.
    if (path === undefined) continue
    const line = await target.copy(`files/${key}`, path)
    lines.push(line)
    total.count += 1
    total.bytes += line.size
  }
  return total
}
