import { skipNumbers } from '../cards/issuing.ts'
import type { Transaction } from '../shared/db.ts'

/** What says how things stood at the moment of the backup, and nothing after it. */
const ofTheMoment = [
  // Whoever has signed out since, or was shut out, isn't signed in again.
  'sessions',
  'sign_in_failures',
  'passkey_challenges',
  'recovery_codes',
  // Signs of life, and what they told.
  'processes',
  'signs',
  'certificate_check',
  'findings',
] as const

/** More cards than a region makes between two backups: their numbers are out there, and aren't given again. */
export const mostSince = 10_000

/** Jobs that answer somebody who waited for a code or a link at that moment. */
export const jobsOfTheMoment = ['credentials:send-code', 'staff:send-link'] as const

/**
 * A restored installation begins with nobody signed in, and with no code or link that was given out before: it may
 * have been used since the backup. It gives no card number that may have been given since.
 * @returns how many staff members are to be invited again
 */
export async function forgetTheMoment(tx: Transaction, now: Date): Promise<number> {
  for (const table of ofTheMoment) await tx.deleteFrom(table).execute()
  // The backup that is restored was under way in its own picture of the database.
  await tx.deleteFrom('backups').where('state', '=', 'running').execute()
  await tx.deleteFrom('staff_links').where('purpose', '=', 'reset').execute()
  await skipNumbers(tx, mostSince)
  // An invitation stays, as one that has run out: that is what the list of staff shows.
  const { numUpdatedRows } = await tx
    .updateTable('staff_links')
    .set({ expires_at: now })
    .where('expires_at', '>', now)
    .executeTakeFirstOrThrow()
  return Number(numUpdatedRows)
}
