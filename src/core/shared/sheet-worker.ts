import { parentPort, workerData } from 'node:worker_threads'
import { readSheet } from '#protocols/sheet/read-sheet.ts'
import { SheetFault } from '#protocols/sheet/sheet.ts'
import type { ThreadAnswer } from './sheet-reader.ts'

/** The thread in which one table of a stranger's is parsed: no database, no secrets, ended at any time. */
const answer: ThreadAnswer = await readSheet(workerData as Uint8Array).catch((error: unknown) => ({
  fault: error instanceof SheetFault ? error.code : 'damaged',
}))
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
parentPort?.postMessage(answer)
