import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { LongestFirst } from './tests/support/order.ts'
import { scratchInMemory } from './tests/support/scratch.ts'

const scratch = scratchInMemory()
if (scratch) process.env['TMPDIR'] = scratch
// What one process has stripped of types and compiled needn't be again by the next.
process.env['NODE_COMPILE_CACHE'] = fileURLToPath(new URL('node_modules/.cache/compiled', import.meta.url))

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: 'core',
          include: ['src/**/*.test.ts', 'scripts/**/*.test.ts', 'tests/{architecture,corpus}/**/*.test.ts'],
          globalSetup: ['tests/support/postgres.global.ts'],
          setupFiles: ['tests/support/cheap-passwords.ts'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
          maxWorkers: 3,
          // Each file has databases and apps of its own: the modules, which keep nothing, are loaded once.
          isolate: false,
        },
      },
      {
        test: {
          name: 'browser',
          include: ['tests/browser/**/*.test.ts', 'tests/process/**/*.test.ts'],
          globalSetup: ['tests/support/demo.global.ts'],
          testTimeout: 120_000,
          hookTimeout: 180_000,
          // Each file starts systems of its own, on free ports, and waits for them: three at a time keep two cores busy.
          maxWorkers: 3,
          isolate: false,
        },
      },
    ],
  },
})
