import { parentPort } from 'node:worker_threads'
import type { ReadParts } from '#protocols/questionnaire/questionnaire.ts'
import { readBody, readPart } from '#protocols/questionnaire/read.ts'
import { parseMail } from './mail.ts'
import type { IncomingMail } from './mail.ts'
import type { Task } from './questionnaire-reader.ts'

/**
 * The thread in which mails and files of strangers are parsed: it has no database, no secrets, and may be ended at
 * any time. What can't be parsed at all ends it.
 */
parentPort?.on('message', (task: Task) => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  void answerTo(task).then((answer) => parentPort?.postMessage(answer))
})

async function answerTo(task: Task): Promise<ReadParts | IncomingMail> {
  if ('part' in task) return readPart(task.part, task.today)
  if ('letter' in task) return readBody(task.letter, task.today)
  // Buffers come over as plain bytes; those of the mail are there already where the answer goes.
  const mail = await parseMail({ ...task.mail, bytes: Buffer.from(task.mail.bytes) })
  return { ...mail, raw: Buffer.alloc(0) }
}

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
parentPort?.postMessage('ready')
