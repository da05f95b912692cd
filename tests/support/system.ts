import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import packageFile from '../../package.json' with { type: 'json' }
import { until } from '../../src/core/shared/postgres/processes.ts'
import { stopOrphan } from '../../src/core/shared/postgres/server.ts'
import { shortLived } from './short-lived.ts'
import { expectSilent } from './spoken.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
/** What `npm start` gives to node, bounds of its memory among them. */
const startWords = [...shortLived, ...packageFile.scripts.start.split(' ').slice(1)]
/** The first start makes a cluster and, where asked for, the demonstration region. */
const readyLimit = 120_000
const stopLimit = 60_000

export interface SystemOptions {
  /** Variables besides the few that a process needs; there is no language among them. */
  env?: NodeJS.ProcessEnv
  /** Whoever gives one removes it; when left out, a new folder, which `dispose` removes. */
  dataDir?: string
  /** A free one when left out. */
  port?: number
  role?: 'all' | 'web' | 'worker'
  /** Kills the process with SIGKILL as soon as it has printed this. */
  killAt?: string
  /** Words before the program, such as those that run it as another user. */
  prefix?: readonly string[]
}

/** The real production system in a process of its own, as `npm start` runs it. */
export interface RunningSystem {
  /** Where it listens. */
  origin: string
  pid: number
  dataDir: string
  /** All it has printed up to now, both streams. */
  output(): string
  /** Its exit code, when it has ended; null when a signal ended it. */
  exited: Promise<number | null>
  /** As a power cut or the kernel would end it: its database server stays behind. */
  kill9(): Promise<void>
  /** As a service manager would end it. @returns its exit code @throws when it doesn't end */
  stop(): Promise<number | null>
  /**
   * Ends it and its database server in whatever state they are, and removes its own data folder.
   * @throws when its output has told of a person or a secret, naming the line
   */
  dispose(): Promise<void>
}

export const newDataDir = (): Promise<string> => mkdtemp(join(tmpdir(), 'smart-system-'))
export const removeDataDir = (dataDir: string): Promise<void> => rm(dataDir, { recursive: true, force: true })

/**
 * Runs the system until it is ready to serve. A worker serves nobody: it is given as soon as it runs.
 * @throws with its output when it ends before
 */
export async function startSystem(options: SystemOptions = {}): Promise<RunningSystem> {
  const system = await launchSystem(options)
  if (options.role === 'worker') return system
  let ended = false
  void system.exited.then(() => (ended = true))
  const opened = () => system.output().includes('Смарт-библиотека открыта')
  await until(() => ended || opened(), readyLimit)
  // A web process alone is alive; ready it is once somebody works the queue, too.
  const asked = options.role === 'web' ? '/healthz' : '/readyz'
  const ready = !ended && opened() && (await fetch(system.origin + asked)).ok
  if (ready) return system
  await system.dispose()
  throw new Error(`the system did not become ready; it printed:\n${system.output()}`)
}

/** Runs the system without waiting for it, for starts that are refused or killed. */
export async function launchSystem(options: SystemOptions = {}): Promise<RunningSystem> {
  const { env, role, killAt, prefix = [] } = options
  const dataDir = options.dataDir ?? (await newDataDir())
  const port = options.port ?? (await freePort())
  const [program = '', ...words] = [...prefix, process.execPath, ...startWords]
  const child = spawn(program, words, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      HOME: tmpdir(),
      PORT: String(port),
      SMART_DATA_DIR: dataDir,
      ...(role && { SMART_ROLE: role }),
      ...env,
    },
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
      if (killAt && output.includes(killAt)) child.kill('SIGKILL')
    })
  }
  // A broken-off test run doesn't leave the system behind.
  const leave = () => child.kill('SIGTERM')
  process.once('exit', leave)
  let ended = false
  const exited = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => {
      ended = true
      process.off('exit', leave)
      resolve(code)
    })
  })
  const kill9 = async () => {
    child.kill('SIGKILL')
    await exited
  }
  return {
    origin: `http://localhost:${port}`,
    pid: child.pid ?? 0,
    dataDir,
    output: () => output,
    exited,
    kill9,
    async stop() {
      child.kill('SIGTERM')
      if (!(await until(() => ended, stopLimit)))
        throw new Error(`the system did not stop; it printed:\n${output}`)
      return exited
    },
    async dispose() {
      await kill9()
      try {
        await expectSilent(output, dataDir)
      } finally {
        await stopOrphan(join(dataDir, 'postgres'), () => {})
        if (options.dataDir === undefined) await removeDataDir(dataDir)
      }
    },
  }
}

/** Waits until a signal has ended it, such as its own at SMART_TEST_KILL_AT. @throws when it goes on running */
export async function untilKilled(system: RunningSystem): Promise<void> {
  let code: number | null | undefined
  void system.exited.then((value) => (code = value))
  await until(() => code !== undefined, 30_000)
  if (code !== null) throw new Error(`no signal ended the system (${code}); it printed:\n${system.output()}`)
}

/** A port that nobody listens on at the moment. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo
      probe.close(() => resolve(port))
    })
  })
}

/** What the demonstration "sent", newest first. */
export async function outboxOf(
  origin: string,
): Promise<{ channel: string; to: string; subject: string; text: string; at: string }[]> {
  const answer = await fetch(`${origin}/demo/outbox`, { headers: { accept: 'application/json' } })
  return (await answer.json()) as Awaited<ReturnType<typeof outboxOf>>
}

/** Asks again and again until `find` finds something; fails after half a minute. */
export async function eventually<Result>(find: () => Promise<Result | undefined>): Promise<Result> {
  let found: Result | undefined
  await until(async () => (found = await find()) !== undefined, 30_000)
  if (found === undefined) throw new Error('what was awaited did not come within half a minute')
  return found
}
