import { cpSync } from 'node:fs'
import { chmod } from 'node:fs/promises'
import { join } from 'node:path'
import { inject } from 'vitest'
import type { RunningSystem, SystemOptions } from './system.ts'
import { newDataDir, removeDataDir, startSystem } from './system.ts'

/** A new data folder with the demonstration region in it. Whoever asks for one removes it. */
export const newDemoDataDir = (): Promise<string> => copyOf(inject('demoDataDir'))

/**
 * A new data folder with what lies in that of a stopped system. Copied synchronously: of a cluster's thousand
 * small files the promises would take ten times as long as the copying.
 */
export async function copyOf(stopped: string): Promise<string> {
  const dataDir = await newDataDir()
  cpSync(stopped, dataDir, { recursive: true, preserveTimestamps: true })
  // Folders' modes don't come along, and PostgreSQL starts on no folder that others may look into.
  await chmod(join(dataDir, 'postgres'), 0o700)
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
