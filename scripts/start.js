/** What `npm start` runs. In JavaScript, as it has to come before the first file whose types are stripped. */
import { enableCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'

// What was compiled once needn't be compiled at each start.
enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/compiled', import.meta.url)))
await import('./start.ts')
