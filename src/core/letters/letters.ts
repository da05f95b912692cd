import { createHash } from 'node:crypto'
import { z } from 'zod'
import { partFaults, questionnaireLimits } from '#protocols/questionnaire/questionnaire.ts'
import type { IncomingMail } from '../intake/mail.ts'
import { days } from '../shared/clock.ts'
import { expected } from '../shared/errors.ts'

/** How long the questionnaires of a letter wait for their library, and the letter itself is kept. */
export const letterLife = days(30)
/** Its library is reminded once of what still waits. */
export const remindAfter = days(7)

/** So long before a letter goes that waits for an operator, the desk says so. */
export const warnBefore = days(7)

/** Letters that wait for an operator: of one sender within a day, and in all. More stay in the mailbox. */
export const mostWaiting = { ofSender: 20, inAll: 300 }

/** `waiting`: an operator says whose it is. `open`: its library's. `unreadable`: nothing was found in it. */
export const letterStates = ['waiting', 'open', 'unreadable', 'dismissed'] as const
export type LetterState = (typeof letterStates)[number]

export const letterDoubts = ['unknown_sender', 'not_authenticated', 'several_libraries'] as const
export type LetterDoubt = (typeof letterDoubts)[number]

/** Another operator was faster. */
export const letterDecided = expected('letters.decided', 409)
/** The letter's own bytes are gone: its days are over, or a person's data were destroyed. */
export const letterGone = expected('letters.gone', 410)
/** Nothing was ticked. */
export const nothingChosen = expected('letters.nothing_chosen', 422)
/** Somebody has to look at it in its own form first. */
export const notSure = expected('letters.not_sure', 409)

export const letterPartsSchema = z.array(
  z.object({ name: z.string(), contentType: z.string(), bytes: z.number() }),
)
export type LetterPart = z.output<typeof letterPartsSchema>[number]

export const letterFaultsSchema = z.array(z.object({ part: z.string(), code: z.enum(partFaults) }))
export type LetterFault = z.output<typeof letterFaultsSchema>[number]

const mostSubject = 200

/** Control characters but tab and line feed, and what turns the direction of writing. */
const control = /[^\P{Cc}\t\n]|[\u202a-\u202e\u2066-\u2069]/gu

/** The text as a page shows it: without signs that hide or turn others. */
export const shownText = (text: string): string =>
  text
    .slice(0, 2 * questionnaireLimits.shown)
    .replaceAll('\r\n', '\n')
    .replaceAll(control, '')
    .trim()
    .slice(0, questionnaireLimits.shown)

/** The subject without «Re:» and «Fwd:». */
export const plainSubject = (subject: string): string =>
  subject
    .slice(0, 10 * mostSubject)
    .replaceAll(control, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()
    .replace(/^((re|fwd?|aw|отв|ответ|на)(\[\d+\])?:\s*)+/i, '')
    .slice(0, mostSubject)

/** SHA-256 of all that a person has put into a letter: sent once more, it is the same. */
export function letterFingerprint({ raw, headOnly, from, text, html, parts }: IncomingMail): Buffer {
  if (headOnly) return createHash('sha256').update(raw).digest()
  const hash = createHash('sha256').update(JSON.stringify([from.toLowerCase(), text.trim(), html]))
  for (const part of parts) hash.update(createHash('sha256').update(part.content).digest())
  return hash.digest()
}
