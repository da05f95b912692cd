import { setTimeout as pause } from 'node:timers/promises'
import type { Clock } from '../shared/clock.ts'
import { minutes, seconds } from '../shared/clock.ts'
import type { Database } from '../shared/db.ts'
import type { Log } from '../shared/log.ts'
import { oneAtATime } from '../shared/one-at-a-time.ts'
import type { MailHandler } from './handlers.ts'
import { createLookingThrough } from './looking-through.ts'
import type { ParseMail } from './mail.ts'
import type { MailboxOptions } from './mailbox.ts'
import { codeOf, openMailbox } from './mailbox.ts'

export interface Intake {
  /** Breaks the connection off; a mail that is being looked at is looked at to its end, or again later. */
  stop(): Promise<void>
}

export interface IntakeOptions extends MailboxOptions {
  /** Between a broken connection and the next, growing from the first to the second. In milliseconds. */
  pauses?: readonly [least: number, most: number]
  /** How often a process that isn't the reader asks whether the reader is still there, in milliseconds. */
  standBy?: number
}

/**
 * Reads the mailbox that `url` names until it is stopped. Of several processes one reads; another takes its
 * place when it ends.
 */
export function startIntake(deps: {
  db: Database
  clock: Clock
  log: Log
  url: string
  handlers: readonly MailHandler[]
  parse: ParseMail
  options?: IntakeOptions
}): Intake {
  const { db, log, url, options = {} } = deps
  const { pauses = [seconds(5), minutes(10)], standBy = seconds(30) } = options
  const [least, most] = pauses
  const lookThrough = createLookingThrough(deps)
  const stopping = new AbortController()
  const { signal } = stopping
  let wait = least

  async function read(connection: Database): Promise<void> {
    const mailbox = await openMailbox(url, signal, options)
    try {
      while (!signal.aborted) {
        await lookThrough(connection, mailbox, signal)
        wait = least
        await mailbox.change()
      }
    } finally {
      mailbox.close()
    }
  }

  async function keepReading(): Promise<void> {
    while (!signal.aborted) {
      let rest = standBy
      try {
        await oneAtATime(db, 'intake:mailbox', read)
      } catch (error) {
        rest = wait
        wait = Math.min(wait * 2, most)
        const fault = codeOf(error)
        if (!signal.aborted) log.warn({ fault, again: rest }, sentenceOf(fault))
      }
      await pause(rest, undefined, { signal }).catch(() => undefined)
    }
  }

  const reading = keepReading()
  return {
    async stop() {
      stopping.abort()
      await reading
    },
  }
}

/** What whoever runs the system can do about it. */
const sentenceOf = (fault: string): string =>
  /CERT|UNABLE_TO_VERIFY/.test(fault)
    ? 'the mailbox can’t be read: its server’s certificate has run out, names another host, or isn’t trusted. A certificate authority of your own goes into NODE_EXTRA_CA_CERTS'
    : 'the mailbox can’t be read'
