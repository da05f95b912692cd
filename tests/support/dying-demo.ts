import { afterEach, beforeEach } from 'vitest'
import type { Point } from '../../src/core/shared/points.ts'
import { runningPostgres } from '../../src/core/shared/postgres/embedded.ts'
import { newDemoDataDir } from './demo.ts'
import { onServer } from './server-commands.ts'
import type { RunningSystem } from './system.ts'
import { freePort, removeDataDir, startSystem } from './system.ts'

export interface DyingDemo {
  /** Starts the system on this test's data folder, always on the same port. @param killAt where it dies */
  start(killAt?: Point): Promise<RunningSystem>
  /** Asks the database that runs on that folder, whoever started it. */
  sql<Row>(command: string, values?: unknown[]): Promise<Row[]>
}

/** For each test of a file a demonstration region of its own, in which the process is killed and started again. */
export function useDyingDemo(): DyingDemo {
  let dataDir: string
  let port: number
  let systems: RunningSystem[]
  beforeEach(async () => {
    systems = []
    dataDir = await newDemoDataDir()
    port = await freePort()
  })
  afterEach(async () => {
    for (const system of systems) await system.dispose()
    await removeDataDir(dataDir)
  })
  return {
    async start(killAt) {
      const env = { SMART_DEMO: '1', ...(killAt && { SMART_TEST_KILL_AT: killAt }) }
      const system = await startSystem({ dataDir, port, env })
      systems.push(system)
      return system
    },
    async sql<Row>(command: string, values: unknown[] = []) {
      const url = await runningPostgres(dataDir)
      if (!url) throw new Error('no database server runs')
      return (await onServer(url, command, values)).rows as Row[]
    },
  }
}
