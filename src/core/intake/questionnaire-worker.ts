import { parentPort } from 'node:worker_threads'
import { readBody, readPart } from '#protocols/questionnaire/read.ts'
import type { Task } from './questionnaire-reader.ts'

/** The thread in which files of strangers are parsed: it has no database, no secrets, and may be ended at any time. */
parentPort?.on('message', ({ letter, part, today }: Task) => {
  const read = part ? readPart(part, today) : Promise.resolve(readBody(letter, today))
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  void read.then((parts) => parentPort?.postMessage(parts))
})
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
parentPort?.postMessage('ready')
