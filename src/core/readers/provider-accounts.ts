import type { Transaction } from '../shared/db.ts'
import type { Sealer } from '../shared/sealing.ts'

/**
 * Gives an outside provider's account to another record, its password sealed anew for that one, unless that
 * record has an account already. The giver's own seal stays where it is until it runs out.
 * @returns whether it went over
 */
export async function moveProvider(
  tx: Transaction,
  sealer: Sealer,
  now: Date,
  from: string,
  to: string,
): Promise<boolean> {
  const own = await tx
    .selectFrom('provider_accounts')
    .select('reader_id')
    .where('reader_id', '=', to)
    .executeTakeFirst()
  if (own) return false
  const { numUpdatedRows } = await tx
    .updateTable('provider_accounts')
    .set({ reader_id: to })
    .where('reader_id', '=', from)
    .executeTakeFirstOrThrow()
  if (numUpdatedRows === 0n) return false
  const seal = await tx
    .selectFrom('sealed_passwords')
    .select(['sealed', 'expires_at'])
    .where('reader_id', '=', from)
    .where('purpose', '=', 'provider')
    .where('expires_at', '>', now)
    .executeTakeFirst()
  if (seal) {
    const plain = sealer.open(seal.sealed, `${from}/provider`)
    await tx
      .insertInto('sealed_passwords')
      .values({
        reader_id: to,
        purpose: 'provider',
        sealed: sealer.seal(plain, `${to}/provider`),
        expires_at: seal.expires_at,
      })
      .execute()
  }
  return true
}

/** Gives a moved account back, where it still is with the record that got it. */
export async function returnProvider(tx: Transaction, from: string, to: string): Promise<void> {
  const { numUpdatedRows } = await tx
    .updateTable('provider_accounts')
    .set({ reader_id: to })
    .where('reader_id', '=', from)
    .executeTakeFirstOrThrow()
  if (numUpdatedRows === 0n) return
  await tx
    .deleteFrom('sealed_passwords')
    .where('reader_id', '=', from)
    .where('purpose', '=', 'provider')
    .execute()
}
