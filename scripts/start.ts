/** What `npm start` comes to: builds when the sources are newer than the build, then starts the system. */
import { flushCompileCache } from 'node:module'
import { ensureBuild } from './build.ts'

process.env['NODE_ENV'] ??= 'production'
try {
  await ensureBuild()
  const built = new URL('../build/system/main.js', import.meta.url).href
  const { main } = (await import(built)) as typeof import('../src/main.ts')
  await main()
  flushCompileCache()
} catch (error) {
  // The sentence is for the person at the console; the stack is for whoever mends the code.
  console.error(error instanceof Error ? error.message : error)
  if (process.env['SMART_LOG_LEVEL'] === 'debug') console.error(error)
  process.exit(1)
}
