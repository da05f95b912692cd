import { parentPort } from 'node:worker_threads'
import type { Task } from './questionnaire-reader.ts'

/** A thread that never comes to an end with a file called `endless`, and reads any other. */
parentPort?.on('message', ({ part }: Task) => {
  if (part?.name === 'endless') for (;;);
})
await import('./questionnaire-worker.ts')
