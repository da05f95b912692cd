import type { Database, Transaction } from '../shared/db.ts'
import type { KeyChange, Sealer } from '../shared/sealing.ts'
import { sealedAnew } from '../shared/sealing.ts'
import { newTotpSecret, totpStep } from './totp.ts'

const context = (staffId: string) => `${staffId}/totp`

/** Begins to set codes up, with a new secret; one that is in force stays so until then. */
export async function beginSecret(tx: Transaction, sealer: Sealer, staffId: string): Promise<void> {
  const pending = sealer.seal(newTotpSecret(), context(staffId))
  await tx
    .insertInto('staff_totp')
    .values({ staff_id: staffId, pending })
    .onConflict((conflict) => conflict.column('staff_id').doUpdateSet({ pending }))
    .execute()
}

/** The secret that is being set up; undefined when there is none. */
export async function pendingSecret(
  db: Database,
  sealer: Sealer,
  staffId: string,
): Promise<string | undefined> {
  const row = await db
    .selectFrom('staff_totp')
    .select('pending')
    .where('staff_id', '=', staffId)
    .executeTakeFirst()
  return row?.pending ? sealer.open(row.pending, context(staffId)) : undefined
}

/**
 * Puts the secret that is being set up in force, if this is a code out of it; that code counts no more.
 * @returns undefined when nothing is being set up
 */
export async function putInForce(
  tx: Transaction,
  sealer: Sealer,
  now: Date,
  staffId: string,
  typed: string,
): Promise<boolean | undefined> {
  const row = await tx
    .selectFrom('staff_totp')
    .select('pending')
    .where('staff_id', '=', staffId)
    .executeTakeFirst()
  if (!row?.pending) return undefined
  const step = totpStep(sealer.open(row.pending, context(staffId)), typed, now)
  if (step === undefined) return false
  await tx
    .updateTable('staff_totp')
    .set({ sealed: row.pending, pending: null, last_step: step })
    .where('staff_id', '=', staffId)
    .execute()
  return true
}

/** Whether this is a code that counts: once, and none that is older than one that has counted. */
export async function spendTotp(
  tx: Transaction,
  sealer: Sealer,
  now: Date,
  staffId: string,
  typed: string,
): Promise<boolean> {
  const row = await tx
    .selectFrom('staff_totp')
    .select('sealed')
    .where('staff_id', '=', staffId)
    .executeTakeFirst()
  if (!row?.sealed) return false
  const step = totpStep(sealer.open(row.sealed, context(staffId)), typed, now)
  if (step === undefined) return false
  const { numUpdatedRows } = await tx
    .updateTable('staff_totp')
    .set({ last_step: step })
    .where('staff_id', '=', staffId)
    .where('last_step', '<', step)
    .executeTakeFirstOrThrow()
  return numUpdatedRows === 1n
}

/** For a new key of the installation: the apps on people's phones go on as they are. */
export async function resealSecrets(tx: Transaction, change: KeyChange): Promise<void> {
  const rows = await tx.selectFrom('staff_totp').select(['staff_id', 'sealed', 'pending']).execute()
  for (const { staff_id: id, ...secrets } of rows) {
    const anew = (secret: Buffer | null) => secret && sealedAnew(change, secret, context(id))
    await tx
      .updateTable('staff_totp')
      .set({ sealed: anew(secrets.sealed), pending: anew(secrets.pending) })
      .where('staff_id', '=', id)
      .execute()
  }
}
