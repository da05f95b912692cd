import { cp } from 'node:fs/promises'
import { inject } from 'vitest'
import type { RunningSystem, SystemOptions } from './system.ts'
import { newDataDir, removeDataDir, startSystem } from './system.ts'

/** A new data folder with the demonstration region in it. Whoever asks for one removes it. */
export async function newDemoDataDir(): Promise<string> {
  const dataDir = await newDataDir()
  await cp(inject('demoDataDir'), dataDir, { recursive: true, preserveTimestamps: true })
  return dataDir
}

/** The system with a demonstration region of its own, which goes with it. */
export async function startDemo(options: Omit<SystemOptions, 'dataDir'> = {}): Promise<RunningSystem> {
  const dataDir = await newDemoDataDir()
  const system = await startSystem({ ...options, dataDir, env: { SMART_DEMO: '1', ...options.env } })
  return {
    ...system,
    async dispose() {
      await system.dispose().finally(() => removeDataDir(dataDir))
    },
  }
}
