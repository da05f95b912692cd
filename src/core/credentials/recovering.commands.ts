import { isCardNumber } from '#protocols/card/scheme.ts'
import type { AuditLog } from '../audit/audit.ts'
import { knownNumber } from '../cards/known-number.ts'
import { smsAllowed } from '../consents/handover.ts'
import { queueMessages } from '../messages/messages.ts'
import { lockStanding } from '../readers/credentials.ts'
import { makeCode, spendCode } from '../readers/recovery-codes.ts'
import type { AttemptLimits, Bucket } from '../sessions/limits.ts'
import { attemptBuckets } from '../sessions/limits.ts'
import type { Origin } from '../sessions/sessions.commands.ts'
import type { Clock } from '../shared/clock.ts'
import type { Database, Transaction } from '../shared/db.ts'
import { inTransaction } from '../shared/db.ts'
import { expected, isExpected } from '../shared/errors.ts'
import { addJob } from '../shared/jobs.ts'
import { hashPassword } from '../shared/passwords.ts'
import type { Sealer } from '../shared/sealing.ts'
import { replacePassword } from './own-password.ts'
import { tellChanged } from './telling.ts'

/** One answer for a wrong code, one that is too old, and a card that there isn't. */
export const wrongCode = expected('credentials.wrong_code', 422)

/** With `minutes` to wait. */
export const tooManyCodes = expected('credentials.too_many_codes', 429)

export type RecoveryChannel = 'sms' | 'email'

/** Codes cost money and patience: three for one card at once, then one in two hours. */
const codeBuckets = (number: string, address: string): Bucket[] => [
  { key: `code card ${number}`, capacity: 3, perMinute: 1 / 120 },
  { key: `code address ${address}`, capacity: 40, perMinute: 2 },
]

/** How a forgotten password is replaced without anybody's help. */
export function createRecovering(deps: {
  db: Database
  clock: Clock
  audit: AuditLog
  sealer: Sealer
  limits: AttemptLimits
}) {
  const { db, clock, audit, sealer, limits } = deps
  return {
    /**
     * Asks for a code to the registered phone or address. Neither the answer nor its time tells whether there
     * is such a card: the rest is done by a job.
     * @throws tooManyCodes
     */
    async askCode(typed: string, channel: RecoveryChannel, { address }: Origin): Promise<void> {
      const cardNumber = await knownNumber(db, typed)
      await limits.book(codeBuckets(cardNumber, address)).catch((error: unknown) => {
        if (!isExpected(error)) throw error
        throw tooManyCodes({ minutes: Math.ceil(Number(error.values['seconds']) / 60) })
      })
      // A job carries ids only: a name or an address that was typed here by mistake goes no further.
      if (!isCardNumber(cardNumber)) return
      await inTransaction(db, (tx) => addJob(tx, 'credentials:send-code', { cardNumber, channel }))
    },

    /** The job: makes the code and its message where there is somebody to get it. Run twice, it sends anew. */
    async sendCode(cardNumber: string, channel: RecoveryChannel): Promise<void> {
      const now = clock()
      await inTransaction(db, async (tx) => {
        const reader = await holderOf(tx, cardNumber)
        const recipient = channel === 'sms' ? reader?.phone : reader?.email
        if (!reader || !recipient) return
        if (channel === 'sms' && !(await smsAllowed(tx, { readerId: reader.id }))) return
        await makeCode(tx, sealer, now, reader.id)
        await queueMessages(tx, now, [
          { channel, event: 'reader.code', recipient, readerId: reader.id, libraryId: reader.library_id },
        ])
        await audit.append(tx, {
          at: now,
          actor: { kind: 'system' },
          action: 'credentials.send-code',
          subject: { kind: 'reader', id: reader.id },
          details: { channel },
        })
      })
    },

    /**
     * Whoever has the code chooses a new password; every session of the reader ends, and he is told by mail.
     * @throws wrongCode, tooManyAttempts, knownToOthers
     */
    async recover(
      input: { cardNumber: string; code: string; newPassword: string },
      { address }: Origin,
    ): Promise<void> {
      const cardNumber = await knownNumber(db, input.cardNumber)
      const buckets = attemptBuckets(`code ${cardNumber}`, address)
      await limits.book(buckets)
      // Before anything is looked up: it takes its time for everybody.
      const hash = await hashPassword(input.newPassword.normalize('NFC'))
      const now = clock()
      const recovered = await inTransaction(db, async (tx) => {
        const reader = await holderOf(tx, cardNumber)
        // Not thrown in here: the wrong try is counted by what commits.
        if (!reader || !(await spendCode(tx, sealer, now, reader.id, input.code))) return false
        // Refused, it leaves the code unspent: another password may be tried with it.
        await replacePassword(tx, reader, { plain: input.newPassword, hash })
        await tellChanged(tx, now, reader)
        await audit.append(tx, {
          at: now,
          actor: { kind: 'reader', id: reader.id },
          action: 'credentials.recover',
          subject: { kind: 'reader', id: reader.id },
        })
        return true
      })
      if (!recovered) throw wrongCode()
      await limits.refund(buckets)
    },
  }
}

/** The reader whose valid card this is, locked; nobody whose record is merged or about to be destroyed. */
async function holderOf(tx: Transaction, cardNumber: string) {
  const card = await tx
    .selectFrom('cards')
    .select('reader_id')
    .where('number', '=', cardNumber)
    .where('state', '=', 'issued')
    .executeTakeFirst()
  if (!card?.reader_id) return undefined
  try {
    return await lockStanding(tx, card.reader_id)
  } catch (error) {
    if (isExpected(error)) return undefined
    throw error
  }
}
