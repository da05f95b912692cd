import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { until } from '../../src/core/shared/postgres/processes.ts'
import { stopOrphan } from '../../src/core/shared/postgres/server.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
/** The first start makes a cluster and, where asked for, the demonstration region. */
const readyLimit = 120_000
const stopLimit = 60_000

export interface SystemOptions {
  /** Variables besides the few that a process needs; there is no language among them. */
  env?: NodeJS.ProcessEnv
  /** Left in place by `dispose`; when left out, a new folder, which `dispose` removes. */
  dataDir?: string
  role?: 'all' | 'web' | 'worker'
  /** Kills the process with SIGKILL as soon as it has printed this. */
  killAt?: string
  /** Words before the program, such as those that run it as another user. */
  prefix?: readonly string[]
}

/** The real production system in a process of its own, as `npm start` runs it. */
export interface System {
  origin: string
  pid: number
  dataDir: string
  /** All it has printed up to now. */
  output(): string
  /** Its exit code, when it has ended; null when a signal ended it. */
  exited: Promise<number | null>
  /** As a power cut or the kernel would end it: its database server stays behind. */
  kill9(): Promise<void>
  /** As a service manager would end it. @returns its exit code @throws when it doesn't end */
  stop(): Promise<number | null>
  /** Ends it and its database server in whatever state they are, and removes its own data folder. */
  dispose(): Promise<void>
}

/** Runs the system until it answers. A worker answers nobody: it is given as soon as it runs. */
export async function startSystem(options: SystemOptions = {}): Promise<System> {
  const system = await runSystem(options)
  if (options.role === 'worker') return system
  let ended = false
  void system.exited.then(() => (ended = true))
  const opened = () => system.output().includes('Смарт-библиотека открыта')
  await until(() => ended || opened(), readyLimit)
  const ready = !ended && opened() && (await fetch(`${system.origin}/readyz`)).status === 200
  if (ready) return system
  await system.dispose()
  throw new Error(`the system did not become ready; it printed:\n${system.output()}`)
}

/** Runs the system without waiting for it, for starts that are refused or killed. */
export async function runSystem(options: SystemOptions = {}): Promise<System> {
  const { env, role, killAt, prefix = [] } = options
  const ownFolder = options.dataDir === undefined
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'smart-system-')))
  const port = await freePort()
  const [program = '', ...words] = [...prefix, process.execPath, join(root, 'scripts', 'start.ts')]
  const child = spawn(program, words, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'],
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
    // Not `close`: the database server of a killed system may hold the pipes open.
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
      await stopOrphan(join(dataDir, 'postgres'), () => {})
      if (ownFolder) await rm(dataDir, { recursive: true, force: true })
    },
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
