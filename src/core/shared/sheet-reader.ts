import { once } from 'node:events'
import { readFile, stat } from 'node:fs/promises'
import { Worker } from 'node:worker_threads'
import type { ReaderBase } from '#protocols/irbis/readers.ts'
import type { ReadSheet, SheetFaultCode } from '#protocols/sheet/sheet.ts'
import { SheetFault, sheetLimits } from '#protocols/sheet/sheet.ts'
import type { TextEncoding } from '#protocols/text/decode-text.ts'
import { lineReadings } from '#protocols/text/decode-text.ts'
import { expected } from './errors.ts'
import { threadEnvironment } from './thread-environment.ts'

/** A file's text may be in one encoding or another: the values are a line of it in each. */
export const fileEncoding = expected('file.encoding', 422)

/** What was read of a file. @throws fileEncoding */
export function certain<Read extends { sure: boolean }>(bytes: Uint8Array, read: Read): Read {
  if (!read.sure) throw fileEncoding(lineReadings(bytes))
  return read
}

/** What a thread is asked: a table, or with tags a reader base as well. */
export interface ThreadTask {
  bytes: Uint8Array
  tags?: readonly string[]
  /** Of its text, where a person has named it. */
  encoding?: TextEncoding | undefined
}
export type ThreadAnswer = ReadSheet | ReaderBase | { fault: SheetFaultCode }

export interface SheetReader {
  /** The filled rows of a table. @throws SheetFault */
  sheet(bytes: Uint8Array, encoding?: TextEncoding): Promise<ReadSheet>
  /**
   * The same, or an export of ИРБИС64 where it is one.
   * @param tags its fields that become columns
   * @throws SheetFault
   */
  sheetOrBase(
    bytes: Uint8Array,
    tags: readonly string[],
    encoding?: TextEncoding,
  ): Promise<ReadSheet | ReaderBase>
}

const program = new URL('./sheet-worker.ts', import.meta.url)
/** Milliseconds for one file, from the moment on which its thread runs. */
const mostTime = 60_000
/** Megabytes of the thread's heap. */
const mostHeap = 512

/**
 * Reads tables of strangers, one after the other, each on a thread of its own: one that takes too much time or
 * memory ends with its thread, and pages go on being answered meanwhile.
 */
export function createSheetReader(options: { time?: number; heap?: number } = {}): SheetReader {
  const { time = mostTime, heap = mostHeap } = options
  let turn: Promise<unknown> = Promise.resolve()

  async function readNow(task: ThreadTask): Promise<ReadSheet | ReaderBase> {
    const thread = new Worker(program, {
      workerData: task,
      resourceLimits: { maxOldGenerationSizeMb: heap, maxYoungGenerationSizeMb: 32, stackSizeMb: 4 },
      env: threadEnvironment(),
    })
    thread.unref()
    try {
      const signal = AbortSignal.timeout(time)
      // `once` rejects where the thread fails; whatever ends it so is too much for it.
      const [answer] = (await once(thread, 'message', { signal }).catch((error: unknown) => {
        throw new SheetFault('bomb', error)
      })) as [ThreadAnswer]
      if ('fault' in answer) throw new SheetFault(answer.fault)
      return answer
    } finally {
      await thread.terminate()
    }
  }

  const inTurn = (task: ThreadTask) => {
    const read = turn.then(() => readNow(task))
    turn = read.catch(() => undefined)
    return read
  }

  return {
    // Without tags nothing is taken for a reader base.
    sheet: (bytes, encoding) => inTurn({ bytes, encoding }) as Promise<ReadSheet>,
    sheetOrBase: (bytes, tags, encoding) => inTurn({ bytes, tags, encoding }),
  }
}

/** A file's bytes, unless a list can't be that large. @throws SheetFault too_large */
export async function sheetBytes(path: string): Promise<Uint8Array> {
  if ((await stat(path)).size > sheetLimits.fileBytes) throw new SheetFault('too_large')
  return readFile(path)
}
