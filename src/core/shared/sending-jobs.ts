import type { Transaction } from './db.ts'
import { addJob } from './jobs.ts'

/** How often a message is tried, with growing pauses: about four days. */
export const attemptLimit = 25

/** Attempts of the job beyond the message's own: a crash in the last one still comes to an end that is seen. */
export const crashAllowance = 5

/** The job that sends one message. @param sendAt not before this moment (at once when left out) */
export const addSending = (tx: Transaction, messageId: string, sendAt?: Date): Promise<void> =>
  addJob(
    tx,
    'messages:send',
    { messageId },
    { maxAttempts: attemptLimit + crashAllowance, ...(sendAt && { runAt: sendAt }) },
  )
