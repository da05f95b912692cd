import { parentPort, workerData } from 'node:worker_threads'
import { irbisFormat, readReaderBase } from '#protocols/irbis/readers.ts'
import { readSheet } from '#protocols/sheet/read-sheet.ts'
import { SheetFault } from '#protocols/sheet/sheet.ts'
import type { ThreadAnswer, ThreadTask } from './sheet-reader.ts'

/** The thread in which one table of a stranger's is parsed: no database, no secrets, ended at any time. */
async function read({ bytes, tags, encoding }: ThreadTask): Promise<ThreadAnswer> {
  try {
    return tags && irbisFormat(bytes)
      ? readReaderBase(bytes, tags, encoding)
      : await readSheet(bytes, encoding)
  } catch (error) {
    return { fault: error instanceof SheetFault ? error.code : 'damaged' }
  }
}

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
parentPort?.postMessage(await read(workerData as ThreadTask))
