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

/**
 * The reader has revoked the consent to handing over: his account is no longer used here and waits to be
 * closed at the provider; its password, where one is still sealed, is gone.
 * @returns whether there was one
 */
export async function askToClose(tx: Transaction, readerId: string, now: Date): Promise<boolean> {
  await tx
    .deleteFrom('sealed_passwords')
    .where('reader_id', '=', readerId)
    .where('purpose', '=', 'provider')
    .execute()
  const account = await tx
    .deleteFrom('provider_accounts')
    .where('reader_id', '=', readerId)
    .returning(['reader_id', 'provider', 'number', 'created_at'])
    .executeTakeFirst()
  if (!account) return false
  await tx
    .insertInto('provider_closings')
    .values({ ...account, asked_at: now })
    .execute()
  return true
}

/** He has consented again, and nobody has closed the account yet: it goes on. */
export async function keepOpen(tx: Transaction, readerId: string): Promise<void> {
  const own = await tx
    .selectFrom('provider_accounts')
    .select('reader_id')
    .where('reader_id', '=', readerId)
    .executeTakeFirst()
  if (own) return
  const latest = await tx
    .selectFrom('provider_closings')
    .select('id')
    .where('reader_id', '=', readerId)
    .where('closed_at', 'is', null)
    .orderBy('asked_at', 'desc')
    .limit(1)
    // An operator who is just closing it comes first.
    .forUpdate()
    .executeTakeFirst()
  if (!latest) return
  const account = await tx
    .deleteFrom('provider_closings')
    .where('id', '=', latest.id)
    .returning(['reader_id', 'provider', 'number', 'created_at'])
    .executeTakeFirstOrThrow()
  await tx.insertInto('provider_accounts').values(account).execute()
}
