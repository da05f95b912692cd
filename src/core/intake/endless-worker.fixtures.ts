import { parentPort } from 'node:worker_threads'
import type { Task } from './questionnaire-reader.ts'

/** A thread that never comes to an end with a file or a mail called `endless`, and reads any other. */
parentPort?.on('message', (task: Task) => {
  const isEndless =
    'mail' in task
      ? Buffer.from(task.mail.bytes).includes('Subject: endless')
      : 'part' in task && task.part.name === 'endless'
  if (isEndless) for (;;);
})
await import('./questionnaire-worker.ts')
