import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { mergeParts } from '#protocols/questionnaire/merge.ts'
import { threadEnvironment } from '../shared/thread-environment.ts'
import type { IncomingMail, MailBytes, ParseMail } from './mail.ts'
import {
  questionnaireLimits,
  type LetterPart,
  type LetterToRead,
  type PartFault,
  type ReadParts,
} from '#protocols/questionnaire/questionnaire.ts'

/** What the thread is asked: to parse a mail, to read a letter without its files, or one file. */
export type Task =
  { mail: MailBytes } | { letter: LetterToRead; today: string } | { part: LetterPart; today: string }

const ownProgram = new URL('./questionnaire-worker.ts', import.meta.url)
/** Milliseconds for one file, or for parsing a mail. */
const mostTime = 20_000
/** Milliseconds for a letter with all its files: others wait behind it. */
const mostTimeOfAll = 60_000
/** Milliseconds without work after which the thread ends: what it has loaded takes memory. */
const mostIdle = 60_000
/** Megabytes of the thread's heap; buffers of a file lie outside of it. */
const mostHeap = 512

/**
 * Parses mails and reads questionnaires out of them on a thread of its own, one file after the other: a file that
 * takes too much time or memory ends the thread, becomes a fault, and the rest goes on in a new one. A thread begins
 * with the first work, and ends when there was none for a while.
 */
export interface QuestionnaireReader {
  /** @throws when it can't be parsed within its limits of time and memory */
  parse: ParseMail
  /**
   * @param today calendar date `YYYY-MM-DD`, by which ages are judged
   * @param limit milliseconds for the letter with all its files, where they are fewer than usual
   */
  read(letter: LetterToRead, today: string, limit?: number): Promise<ReadParts>
  close(): Promise<void>
}

export function createQuestionnaireReader(
  options: { time?: number; timeOfAll?: number; idle?: number; heap?: number; program?: URL } = {},
): QuestionnaireReader {
  const {
    time = mostTime,
    timeOfAll = mostTimeOfAll,
    idle = mostIdle,
    heap = mostHeap,
    program = ownProgram,
  } = options
  let worker: Worker | undefined
  let turn: Promise<unknown> = Promise.resolve()
  let resting: NodeJS.Timeout | undefined

  /** The thread, once it has loaded what it reads with: a busy machine's start is no fault of a file's. */
  async function started(): Promise<Worker> {
    if (worker) return worker
    const made = new Worker(program, {
      resourceLimits: { maxOldGenerationSizeMb: heap, maxYoungGenerationSizeMb: 32, stackSizeMb: 4 },
      env: threadEnvironment(),
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

  /**
   * @param limit milliseconds
   * @returns undefined when it was too much for the thread
   */
  async function ask<Answer>(task: Task, limit: number): Promise<Answer | undefined> {
    const thread = await started()
    const done = new AbortController()
    const signal = AbortSignal.any([done.signal, AbortSignal.timeout(limit)])
    try {
      const answer = once(thread, 'message', { signal })
      // `once` rejects on an error of the thread; without one it may end as well.
      const ended = once(thread, 'exit', { signal: done.signal }).then(() => undefined)
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
      thread.postMessage(task)
      return (await Promise.race([answer, ended]))?.[0] as Answer | undefined
    } catch {
      await thread.terminate()
      return undefined
    } finally {
      done.abort()
    }
  }

  async function readAll(letter: LetterToRead, today: string, limit = timeOfAll): Promise<ReadParts> {
    let left = Math.min(limit, timeOfAll)
    const within = async (task: Task, part: string): Promise<ReadParts> => {
      await started()
      const from = performance.now()
      const answer = await ask<ReadParts>(task, Math.ceil(Math.min(time, left)))
      left -= performance.now() - from
      return answer ?? unread(part, 'too_slow')
    }
    const read = [await within({ letter: { ...letter, parts: [] }, today }, '')]
    for (const part of letter.parts.slice(0, questionnaireLimits.files)) {
      if (left <= 0) read.push(unread(part.name, 'no_time'))
      else if (part.content.length > questionnaireLimits.fileBytes) read.push(unread(part.name, 'too_large'))
      else read.push(await within({ part, today }, part.name))
    }
    if (letter.parts.length > questionnaireLimits.files) read.push(unread('', 'too_many'))
    return mergeParts(read)
  }

  async function parse({ bytes, headOnly }: MailBytes): Promise<IncomingMail> {
    const mail = await ask<IncomingMail>({ mail: { bytes, headOnly } }, time)
    if (!mail) throw new Error('a mail was too much for the thread that parses it')
    return {
      ...mail,
      raw: bytes,
      parts: mail.parts.map((part) => ({ ...part, content: asBuffer(part.content) })),
    }
  }

  const inTurn = <Answer>(work: () => Promise<Answer>): Promise<Answer> => {
    clearTimeout(resting)
    const answer = turn.then(work)
    const mine = answer.catch(() => undefined)
    turn = mine
    void restAfter(mine)
    return answer
  }

  async function restAfter(work: Promise<unknown>): Promise<void> {
    await work
    // Nobody came meanwhile.
    if (turn === work) resting = setTimeout(() => void end(), idle).unref()
  }

  async function end(): Promise<void> {
    const ended = worker
    // Whoever comes while it ends gets a new one.
    worker = undefined
    await ended?.terminate()
  }

  return {
    parse: (mail) => inTurn(() => parse(mail)),
    read: (letter, today, limit) => inTurn(() => readAll(letter, today, limit)),
    async close() {
      await turn
      clearTimeout(resting)
      await end()
    },
  }
}

/** What a thread sends of a buffer are its bytes alone. */
const asBuffer = ({ buffer, byteOffset, byteLength }: Uint8Array): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength)

const unread = (part: string, code: PartFault): ReadParts => ({
  questionnaires: [],
  faults: [{ part, code }],
})
