import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { ensureBuild } from '../../scripts/build.ts'
import { unsentMessages } from './at-once.ts'
import { findChromium } from './browser.ts'
import { eventually, newDataDir, removeDataDir, startSystem } from './system.ts'

declare module 'vitest' {
  interface ProvidedContext {
    demoDataDir: string
  }
}

/**
 * The demonstration region is made once for the run, its messages are sent, and the system is stopped in
 * order: whoever wants a demonstration works on a copy of that data folder.
 */
export default async function setup(project: TestProject) {
  await ensureBuild()
  // Two files that unpacked it at once would start what is still being written.
  await findChromium()
  const dataDir = await newDataDir()
  const system = await startSystem({ dataDir, env: { SMART_DEMO: '1' } })
  await eventually(async () => ((await unsentMessages(dataDir)) === 0 ? true : undefined))
  await system.stop()
  // Nobody keeps these data: a test machine's disk needn't wait for each commit.
  await appendFile(join(dataDir, 'postgres', 'postgresql.auto.conf'), 'fsync = off\nfull_page_writes = off\n')
  project.provide('demoDataDir', dataDir)
  return () => removeDataDir(dataDir)
}
