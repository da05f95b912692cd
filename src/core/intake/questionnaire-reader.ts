import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { mergeParts } from '#protocols/questionnaire/merge.ts'
import {
  questionnaireLimits,
  type LetterPart,
  type LetterToRead,
  type PartFault,
  type ReadParts,
} from '#protocols/questionnaire/questionnaire.ts'

/** What the thread is asked: a file, or the letter itself. */
export interface Task {
  letter: LetterToRead
  part?: LetterPart
  today: string
}

const ownProgram = new URL('./questionnaire-worker.ts', import.meta.url)
/** Milliseconds for one file. */
const mostTime = 20_000
/** Milliseconds for a letter with all its files: others wait behind it. */
const mostTimeOfAll = 60_000
/** Megabytes of the thread's heap; buffers of a file lie outside of it. */
const mostHeap = 512

/**
 * Reads questionnaires out of letters on a thread of its own, one file after the other: a file that takes too much
 * time or memory ends the thread, becomes a fault, and the rest goes on in a new one.
 */
export interface QuestionnaireReader {
  /** @param today calendar date `YYYY-MM-DD`, by which ages are judged */
  read(letter: LetterToRead, today: string): Promise<ReadParts>
  close(): Promise<void>
}

export function createQuestionnaireReader(
  options: { time?: number; timeOfAll?: number; heap?: number; program?: URL } = {},
): QuestionnaireReader {
  const { time = mostTime, timeOfAll = mostTimeOfAll, heap = mostHeap, program = ownProgram } = options
  let worker: Worker | undefined
  let turn: Promise<unknown> = Promise.resolve()

  /** The thread, once it has loaded what it reads with: a busy machine's start is no fault of a file's. */
  async function started(): Promise<Worker> {
    if (worker) return worker
    const made = new Worker(program, {
      resourceLimits: { maxOldGenerationSizeMb: heap, maxYoungGenerationSizeMb: 32, stackSizeMb: 4 },
      env: {},
    })
    made.unref()
    // Its end is seen where an answer is waited for.
    made.on('error', () => undefined)
    made.once('exit', () => {
      if (worker === made) worker = undefined
    })
    // `once` rejects where the thread fails before it is ready.
    await once(made, 'message')
    worker = made
    return made
  }

  /** @param limit milliseconds */
  async function ask(thread: Worker, task: Task, limit: number): Promise<ReadParts> {
    const part = task.part?.name ?? ''
    const done = new AbortController()
    const signal = AbortSignal.any([done.signal, AbortSignal.timeout(limit)])
    try {
      const answer = once(thread, 'message', { signal })
      // `once` rejects on an error of the thread; without one it may end as well.
      const ended = once(thread, 'exit', { signal: done.signal }).then(() => undefined)
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
      thread.postMessage(task)
      const read = (await Promise.race([answer, ended]))?.[0] as ReadParts | undefined
      return read ?? unread(part, 'too_slow')
    } catch {
      await thread.terminate()
      return unread(part, 'too_slow')
    } finally {
      done.abort()
    }
  }

  async function readAll(letter: LetterToRead, today: string): Promise<ReadParts> {
    let left = timeOfAll
    const within = async (task: Task): Promise<ReadParts> => {
      const thread = await started()
      const from = performance.now()
      const answer = await ask(thread, task, Math.ceil(Math.min(time, left)))
      left -= performance.now() - from
      return answer
    }
    const read = [await within({ letter: { ...letter, parts: [] }, today })]
    for (const part of letter.parts.slice(0, questionnaireLimits.files)) {
      if (left <= 0) read.push(unread(part.name, 'no_time'))
      else if (part.content.length > questionnaireLimits.fileBytes) read.push(unread(part.name, 'too_large'))
      else read.push(await within({ letter: { text: '', parts: [] }, part, today }))
    }
    if (letter.parts.length > questionnaireLimits.files) read.push(unread('', 'too_many'))
    return mergeParts(read)
  }

  return {
    read(letter, today) {
      const answer = turn.then(() => readAll(letter, today))
      turn = answer.catch(() => undefined)
      return answer
    },
    async close() {
      await turn
      await worker?.terminate()
    },
  }
}

const unread = (part: string, code: PartFault): ReadParts => ({
  questionnaires: [],
  faults: [{ part, code }],
})
