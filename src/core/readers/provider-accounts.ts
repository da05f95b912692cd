import type { Transaction } from '../shared/db.ts'
import type { Sealer } from '../shared/sealing.ts'
import { releaseHeld } from './held-messages.ts'
import type { ProviderState } from './provider-states.ts'

/** How the reader stands at the provider now; undefined for whoever was never handed over. */
export async function providerStateOf(
  tx: Pick<Transaction, 'selectFrom'>,
  readerId: string,
): Promise<ProviderState | undefined> {
  const account = await tx
    .selectFrom('provider_accounts')
    .select('reader_id')
    .where('reader_id', '=', readerId)
    .executeTakeFirst()
  if (account) return 'registered'
  const registration = await tx
    .selectFrom('provider_registrations')
    .select('state')
    .where('reader_id', '=', readerId)
    .executeTakeFirst()
  if (registration) return registration.state as ProviderState
  const closing = await tx
    .selectFrom('provider_closings')
    .select('closed_at')
    .where('reader_id', '=', readerId)
    .orderBy('asked_at', 'desc')
    .limit(1)
    .executeTakeFirst()
  return closing && (closing.closed_at ? 'closed' : 'to_close')
}

/**
 * Puts a reader among those to be registered at the provider, unless he is there already or on the way. The
 * caller has seen that he may be handed over.
 */
export async function enrol(
  tx: Transaction,
  reader: { id: string; provider: string; at: Date },
): Promise<ProviderState> {
  const account = await tx
    .selectFrom('provider_accounts')
    .select('reader_id')
    .where('reader_id', '=', reader.id)
    .executeTakeFirst()
  if (account) return 'registered'
  const { state } = await tx
    .insertInto('provider_registrations')
    .values({
      reader_id: reader.id,
      provider: reader.provider,
      state: 'to_register',
      asked_at: reader.at,
      changed_at: reader.at,
    })
    // Changes nothing, and gives back the row that is there.
    .onConflict((conflict) => conflict.column('reader_id').doUpdateSet({ reader_id: reader.id }))
    .returning('state')
    .executeTakeFirstOrThrow()
  return state as ProviderState
}

/**
 * Gives an outside provider's account, or the way to one, to another record, its password sealed anew for that
 * one, unless that record has an account or has been sent to get one. The giver's own seal stays where it is
 * until it runs out.
 * @returns whether something went over
 */
export async function moveProvider(
  tx: Transaction,
  sealer: Sealer,
  now: Date,
  from: string,
  to: string,
): Promise<boolean> {
  const standing = await providerStateOf(tx, to)
  if (standing === 'registered' || standing === 'sent') return false
  const onTheWay = await moveRegistration(tx, from, to)
  const { numUpdatedRows } = await tx
    .updateTable('provider_accounts')
    .set({ reader_id: to })
    .where('reader_id', '=', from)
    .executeTakeFirstOrThrow()
  if (numUpdatedRows === 0n) return onTheWay
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

/** One that the provider has heard of comes before one that it hasn't: nobody is registered there twice. */
async function moveRegistration(tx: Transaction, from: string, to: string): Promise<boolean> {
  const known = await tx
    .selectFrom('provider_registrations')
    .select('state')
    .where('reader_id', '=', from)
    .where('state', 'in', ['sent', 'registered'])
    .executeTakeFirst()
  if (!known) return false
  const unheard = await tx
    .deleteFrom('provider_registrations')
    .where('reader_id', '=', to)
    .where('state', 'in', ['to_register', 'failed'])
    .returning('id')
    .executeTakeFirst()
  const other = unheard
    ? undefined
    : await tx
        .selectFrom('provider_registrations')
        .select('id')
        .where('reader_id', '=', to)
        .executeTakeFirst()
  if (other) return false
  await tx
    .updateTable('provider_registrations')
    .set({ reader_id: to })
    .where('reader_id', '=', from)
    .execute()
  return true
}

/** Gives a moved account back, where it still is with the record that got it. */
export async function returnProvider(tx: Transaction, from: string, to: string): Promise<void> {
  await tx
    .updateTable('provider_registrations')
    .set({ reader_id: to })
    .where('reader_id', '=', from)
    .execute()
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
 * closed at the provider; its password, where one is still sealed, is gone. Whoever is in a work list may have
 * got an account there by now: that one is to be closed, too, under whatever number.
 * @returns whether there is something to close
 */
export async function askToClose(tx: Transaction, readerId: string, now: Date): Promise<boolean> {
  await tx
    .deleteFrom('sealed_passwords')
    .where('reader_id', '=', readerId)
    .where('purpose', '=', 'provider')
    .execute()
  const registration = await tx
    .deleteFrom('provider_registrations')
    .where('reader_id', '=', readerId)
    .returning(['id', 'provider', 'state', 'asked_at'])
    .executeTakeFirst()
  const account = await tx
    .deleteFrom('provider_accounts')
    .where('reader_id', '=', readerId)
    .returning(['reader_id', 'provider', 'number', 'created_at'])
    .executeTakeFirst()
  const sent = registration?.state === 'sent' && {
    reader_id: readerId,
    provider: registration.provider,
    number: '',
    created_at: registration.asked_at,
  }
  const closing = account ?? sent
  if (!closing) return false
  await tx
    .insertInto('provider_closings')
    .values({ ...(registration && { id: registration.id }), ...closing, asked_at: now })
    .execute()
  return true
}

/** He has consented again, and nobody has closed the account yet: it goes on; without a number it is asked for anew. */
export async function keepOpen(tx: Transaction, readerId: string, now: Date): Promise<void> {
  const own = await tx
    .selectFrom('provider_accounts')
    .select('reader_id')
    .where('reader_id', '=', readerId)
    .executeTakeFirst()
  const registration = await tx
    .selectFrom('provider_registrations')
    .select('id')
    .where('reader_id', '=', readerId)
    .executeTakeFirst()
  if (own || registration) return
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
    .returning(['id', 'reader_id', 'provider', 'number', 'created_at'])
    .executeTakeFirstOrThrow()
  const { id, ...rest } = account
  await tx
    .insertInto('provider_registrations')
    .values({
      id,
      reader_id: readerId,
      provider: account.provider,
      state: account.number ? 'registered' : 'to_register',
      asked_at: account.created_at,
      changed_at: now,
    })
    .execute()
  if (account.number) await tx.insertInto('provider_accounts').values(rest).execute()
}

export interface ProviderAccount {
  readerId: string
  provider: string
  number: string
  password: string
  at: Date
  /** Of the reader: his library's staff may open the password. */
  libraryId: string
}

/**
 * The provider has given a number and a password: they are kept, and what waited for them goes out. The same
 * account with another password is the same account.
 * @returns whether something was waiting for the reader
 */
export async function keepAccount(
  tx: Transaction,
  sealer: Sealer,
  account: ProviderAccount & { expiresAt: Date },
  sendAt?: Date,
): Promise<boolean> {
  const { readerId, provider, number, password, at } = account
  const row = { provider, number }
  await tx
    .insertInto('provider_accounts')
    .values({ reader_id: readerId, ...row, created_at: at })
    .onConflict((conflict) => conflict.column('reader_id').doUpdateSet(row))
    .execute()
  const registered = { provider, state: 'registered', reason: null, changed_at: at }
  await tx
    .insertInto('provider_registrations')
    .values({ reader_id: readerId, ...registered, asked_at: at })
    .onConflict((conflict) => conflict.column('reader_id').doUpdateSet(registered))
    .execute()
  const seal = {
    sealed: sealer.seal(password, `${readerId}/provider`),
    library_id: account.libraryId,
    expires_at: account.expiresAt,
  }
  await tx
    .insertInto('sealed_passwords')
    .values({ reader_id: readerId, purpose: 'provider', ...seal })
    .onConflict((conflict) => conflict.columns(['reader_id', 'purpose']).doUpdateSet(seal))
    .execute()
  return releaseHeld(tx, readerId, sendAt)
}
