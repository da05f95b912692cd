import { randomInt, timingSafeEqual } from 'node:crypto'
import { after, minutes } from '../shared/clock.ts'
import type { Transaction } from '../shared/db.ts'
import type { KeyChange, Sealer } from '../shared/sealing.ts'
import { sealedAnew } from '../shared/sealing.ts'

/** How long a code may be typed in: mail is slow, and so are grandmothers. */
export const codeLasts = minutes(30)
/** Out of a million codes five guesses are let through. */
const mostWrongTries = 5
const digits = 6

const context = (readerId: string) => `${readerId}/recovery`

/** A new code for the reader; the one before stops working. */
export async function makeCode(tx: Transaction, sealer: Sealer, now: Date, readerId: string): Promise<void> {
  const code = String(randomInt(10 ** digits)).padStart(digits, '0')
  const row = {
    sealed: sealer.seal(code, context(readerId)),
    made_at: now,
    expires_at: after(now, codeLasts),
    wrong_tries: 0,
  }
  await tx
    .insertInto('recovery_codes')
    .values({ reader_id: readerId, ...row })
    .onConflict((conflict) => conflict.column('reader_id').doUpdateSet(row))
    .execute()
}

/** The readable code, while it may be typed in. */
export async function openCode(
  tx: Transaction,
  sealer: Sealer,
  now: Date,
  readerId: string,
): Promise<string | undefined> {
  const row = await standingCode(tx, now, readerId)
  return row && sealer.open(row.sealed, context(readerId))
}

/**
 * Whether this is the reader's code. The right one is used up; a wrong one is counted, which must commit. The
 * caller has locked the reader's record, so that of two who type at once the second waits for the first.
 */
export async function spendCode(
  tx: Transaction,
  sealer: Sealer,
  now: Date,
  readerId: string,
  typed: string,
): Promise<boolean> {
  const row = await standingCode(tx, now, readerId)
  if (!row) return false
  const right = Buffer.from(sealer.open(row.sealed, context(readerId)))
  const tried = Buffer.from(typed.replace(/\D/g, ''))
  const fits = right.length === tried.length && timingSafeEqual(right, tried)
  await (
    fits
      ? tx.deleteFrom('recovery_codes').where('reader_id', '=', readerId)
      : tx
          .updateTable('recovery_codes')
          .set((eb) => ({ wrong_tries: eb('wrong_tries', '+', 1) }))
          .where('reader_id', '=', readerId)
  ).execute()
  return fits
}

/** For a new key of the installation: the codes go on working. */
export async function resealCodes(tx: Transaction, change: KeyChange): Promise<void> {
  for (const { reader_id: id, sealed } of await tx
    .selectFrom('recovery_codes')
    .select(['reader_id', 'sealed'])
    .execute())
    await tx
      .updateTable('recovery_codes')
      .set({ sealed: sealedAnew(change, sealed, context(id)) })
      .where('reader_id', '=', id)
      .execute()
}

const standingCode = (tx: Transaction, now: Date, readerId: string) =>
  tx
    .selectFrom('recovery_codes')
    .select('sealed')
    .where('reader_id', '=', readerId)
    .where('expires_at', '>', now)
    .where('wrong_tries', '<', mostWrongTries)
    .executeTakeFirst()
