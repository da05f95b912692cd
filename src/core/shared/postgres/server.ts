import { spawn } from 'node:child_process'
import { open, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Launcher } from './privileges.ts'
import { commandLineOf, isAlive, isTaken, processesIn, until } from './processes.ts'

const largestLog = 5_000_000

/** A running server, ours or one of a crashed process. */
export interface Server {
  pid: number
  hasEnded(): boolean
}

export interface LaunchedServer extends Server {
  /** Settles when it ends, in whatever way. */
  ended: Promise<void>
}

/** Starts the server on an existing cluster, without waiting until it answers; its log goes beside the folder. */
export async function launch(
  postgres: string,
  folder: string,
  launcher: Launcher,
  settings: Readonly<Record<string, string>>,
): Promise<LaunchedServer> {
  const logPath = join(dirname(folder), 'postgres.log')
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
  const child = spawn(program, words, {
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
    env: serverEnvironment(),
  })
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve)
    child.once('error', reject)
  })
  child.unref()
  await log.close()
  const { pid } = child
  if (pid === undefined) throw new Error('postgres has no pid')
  // Whatever ends this process without `stop`, such as an error while starting, doesn't leave the server behind.
  const leave = () => child.kill('SIGINT')
  process.once('exit', leave)
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  void ended.then(() => process.off('exit', leave))
  return { pid, hasEnded: () => child.exitCode !== null || child.signalCode !== null, ended }
}

/** Without the person's own PG… variables and language, which would change what the programs do. */
export function serverEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(PG|LC_|LANG)/.test(name))
  return { ...Object.fromEntries(kept), LC_ALL: 'C' }
}

/** Ends what a crashed process, or a killed server, has left at work in this folder. */
export async function stopOrphan(folder: string, log: (line: string) => void): Promise<void> {
  const pidFile = await readPidFile(folder)
  if (!pidFile) return
  const { pid } = pidFile
  if (await isServerOf(pid, folder)) {
    log(`stopping the server of a crashed process, pid ${pid}`)
    await shutDown({ pid, hasEnded: () => !isAlive(pid) })
  }
  await endSessions(folder)
  // PostgreSQL takes whatever has this pid for its server: another process that got it since, or the ended one
  // that nobody has taken note of. Else the file stays: it tells PostgreSQL whether sessions are still at work.
  if (!Number.isInteger(pid) || isTaken(pid)) await rm(join(folder, 'postmaster.pid'), { force: true })
}

/** A session that is busy doesn't notice that its server was killed; a new server must not start beside it. */
async function endSessions(folder: string): Promise<void> {
  for (const pid of await processesIn(folder)) {
    if ((await commandLineOf(pid))?.startsWith('postgres: '))
      await shutDown({ pid, hasEnded: () => !isAlive(pid) })
  }
}

/** The port of the server that runs in this folder, if any. */
export async function runningPort(folder: string): Promise<number | undefined> {
  const pidFile = await readPidFile(folder)
  return pidFile && (await isServerOf(pidFile.pid, folder)) ? pidFile.port : undefined
}

async function isServerOf(pid: number, folder: string): Promise<boolean> {
  const commandLine = await commandLineOf(pid)
  if (!commandLine?.includes('postgres')) return false
  return (await processesIn(folder)).includes(pid) || commandLine.includes(folder)
}

/** `postmaster.pid`: pid, data folder, start time, port, … one a line. */
async function readPidFile(folder: string): Promise<{ pid: number; port: number } | undefined> {
  const text = await readFile(join(folder, 'postmaster.pid'), 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  const lines = text.split('\n')
  return { pid: Number(lines[0]), port: Number(lines[3]) }
}

/** SIGINT is PostgreSQL's fast shutdown; SIGQUIT, its immediate one, is still safe: the log is replayed. */
export async function shutDown({ pid, hasEnded }: Server): Promise<void> {
  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
    if (hasEnded()) return
    signalTo(pid, signal)
    if (await until(hasEnded, 15_000)) return
  }
}

function signalTo(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    // It ended meanwhile.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
