import { z } from 'zod'
import type { AuditLog } from '../audit/audit.ts'
import { byStaff } from '../audit/audit.ts'
import type { Clock } from '../shared/clock.ts'
import type { Database } from '../shared/db.ts'
import { inTransaction, sql } from '../shared/db.ts'
import { notFound } from '../shared/errors.ts'
import type { Authorised } from '../staff/actors.ts'
import type { MailFault } from './looking-through.ts'
import { untried } from './looking-through.ts'

/** A mail that the mailbox's reader has left to people. Nothing of what stands in it is known. */
export interface GivenUpMail {
  id: string
  /** When it was seen first. */
  seenAt: Date
  failedAt: Date
  tries: number
  fault: MailFault
}

const mostShown = 50

export const tryAgainSchema = z.object({ mailId: z.uuid() })

/** Mails on which the mailbox's reader has given up, for those who say what becomes of letters. */
export function createGivenUpMails(deps: { db: Database; clock: Clock; audit: AuditLog }) {
  const { db, clock, audit } = deps

  async function count(_actor: Authorised<'letters.decide'>): Promise<number> {
    const row = await db
      .selectFrom('intake_mails')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .where('given_up_at', 'is not', null)
      .executeTakeFirstOrThrow()
    return Number(row.count)
  }

  return {
    /** For the desk. */
    count,

    /** The newest, those that are only too large last, and how many there are. */
    async list(actor: Authorised<'letters.decide'>): Promise<{ mails: GivenUpMail[]; count: number }> {
      const rows = await db
        .selectFrom('intake_mails')
        .select(['id', 'seen_at', 'given_up_at', 'failures', 'fault'])
        .where('given_up_at', 'is not', null)
        .orderBy(sql`fault = 'large'`)
        .orderBy('given_up_at', 'desc')
        .limit(mostShown)
        .execute()
      return {
        count: await count(actor),
        mails: rows.map(({ id, seen_at, given_up_at, failures, fault }) => ({
          id,
          seenAt: seen_at,
          failedAt: given_up_at ?? seen_at,
          tries: failures,
          fault: fault as MailFault,
        })),
      }
    },

    /** Has a mail looked at once more, from the first try on; pressed twice it changes nothing more. @throws notFound */
    async tryAgain(
      actor: Authorised<'letters.decide'>,
      { mailId }: z.output<typeof tryAgainSchema>,
    ): Promise<void> {
      await inTransaction(db, async (tx) => {
        const mail = await tx
          .selectFrom('intake_mails')
          .select('given_up_at')
          .where('id', '=', mailId)
          .forUpdate()
          .executeTakeFirstOrThrow(() => notFound())
        if (!mail.given_up_at) return
        await tx.updateTable('intake_mails').set(untried).where('id', '=', mailId).execute()
        await audit.append(tx, {
          at: clock(),
          actor: byStaff(actor.staffId),
          action: 'letters.try-again',
          subject: { kind: 'mail', id: mailId },
        })
      })
    },
  }
}
