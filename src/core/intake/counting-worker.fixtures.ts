import { parentPort } from 'node:worker_threads'

/** A thread that answers each mail with how many it has been asked to parse. */
let asked = 0
parentPort?.on('message', () => {
  asked += 1
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  parentPort?.postMessage({ subject: String(asked), parts: [] })
})
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
parentPort?.postMessage('ready')
