import type { Selectable } from 'kysely'
import type { Transaction } from '../shared/db.ts'
import type { DB } from '../shared/db.types.ts'
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

/** Whether the provider has heard of a reader since a moment: his account there would be left behind. */
export async function handedOverSince(
  tx: Transaction,
  readerId: string,
  moment: Date | null,
): Promise<boolean> {
  const state = await providerStateOf(tx, readerId)
  if (state === 'sent' || state === 'to_close') return true
  if (state !== 'registered' || !moment) return false
  const typedIn = await tx
    .selectFrom('provider_registrations')
    .select('id')
    .where('reader_id', '=', readerId)
    .where('changed_at', '>', moment)
    .executeTakeFirst()
  return typedIn !== undefined
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

/** What a merge has done to the two records' ways to the provider, so that it can be undone. */
export interface MovedProvider {
  /** The registration that went over, its account with it, and how it stood then. */
  moved: { id: string; state: ProviderState } | null
  /** The way of the two that gave way to the other: one person has one account. */
  aside: {
    readerId: string
    registration: Selectable<DB['provider_registrations']>
    account: Selectable<DB['provider_accounts']> | null
    /** The provider has heard of him: that one is to be closed there. */
    closing: boolean
  } | null
}

/** Which of two ways goes on: an account before one that is being made, and that before a mere wish. */
const weight = (state: ProviderState | undefined): number =>
  state === 'registered' ? 3 : state === 'sent' ? 2 : state === undefined ? 0 : 1

/**
 * Makes one way to the provider of two: the further one goes on, the kept record's own where both are as far.
 * The other is put aside, and is to be closed at the provider where that has heard of it.
 */
export async function mergeProvider(
  tx: Transaction,
  sealer: Sealer,
  now: Date,
  { keptId, droppedId }: { keptId: string; droppedId: string },
): Promise<MovedProvider> {
  const [kept, dropped] = [await registrationOf(tx, keptId), await registrationOf(tx, droppedId)]
  if (!dropped) return { moved: null, aside: null }
  const { id } = dropped
  const state = dropped.state as ProviderState
  if (weight(state) > weight(kept?.state as ProviderState | undefined)) {
    const aside = kept ? await putAside(tx, kept, keptId, now) : null
    await moveRegistration(tx, sealer, droppedId, keptId)
    return { moved: { id, state }, aside }
  }
  // What the provider hasn't heard of may lie where it is.
  return { moved: null, aside: weight(state) > 1 ? await putAside(tx, dropped, keptId, now) : null }
}

const registrationOf = (tx: Transaction, readerId: string) =>
  tx.selectFrom('provider_registrations').selectAll().where('reader_id', '=', readerId).executeTakeFirst()

/** @param keptId whose the account to close is from now on: the other record goes */
async function putAside(
  tx: Transaction,
  registration: Selectable<DB['provider_registrations']>,
  keptId: string,
  now: Date,
): Promise<MovedProvider['aside']> {
  const { id, reader_id: readerId, provider } = registration
  const account = await tx
    .deleteFrom('provider_accounts')
    .where('reader_id', '=', readerId)
    .returningAll()
    .executeTakeFirst()
  await tx.deleteFrom('provider_registrations').where('id', '=', id).execute()
  const closing = weight(registration.state as ProviderState) > 1
  if (closing)
    await tx
      .insertInto('provider_closings')
      .values({
        id,
        reader_id: keptId,
        provider: account?.provider ?? provider,
        number: account?.number ?? '',
        created_at: account?.created_at ?? registration.asked_at,
        asked_at: now,
      })
      .execute()
  return { readerId, registration, account: account ?? null, closing }
}

/** The way to an account, the account itself and its password, sealed anew for the record that gets it. */
async function moveRegistration(tx: Transaction, sealer: Sealer, from: string, to: string): Promise<void> {
  for (const table of ['provider_registrations', 'provider_accounts'] as const)
    await tx.updateTable(table).set({ reader_id: to }).where('reader_id', '=', from).execute()
  const seal = await tx
    .deleteFrom('sealed_passwords')
    .where('reader_id', '=', from)
    .where('purpose', '=', 'provider')
    .returningAll()
    .executeTakeFirst()
  if (!seal) return
  const sealed = sealer.seal(sealer.open(seal.sealed, `${from}/provider`), `${to}/provider`)
  await tx
    .deleteFrom('sealed_passwords')
    .where('reader_id', '=', to)
    .where('purpose', '=', 'provider')
    .execute()
  await tx
    .insertInto('sealed_passwords')
    .values({ ...seal, reader_id: to, sealed })
    .execute()
}

/**
 * Gives both records their own ways back, as far as they are still the ones of then: whom the provider got to
 * know under the kept record's name since stays with it, and what was closed there stays closed.
 */
export async function unmergeProvider(
  tx: Transaction,
  sealer: Sealer,
  now: Date,
  { keptId, droppedId, moved, aside }: { keptId: string; droppedId: string } & MovedProvider,
): Promise<void> {
  const here = await registrationOf(tx, keptId)
  if (moved && here?.id === moved.id) {
    if (weight(moved.state) > 1 || weight(here.state as ProviderState) === 1)
      await moveRegistration(tx, sealer, keptId, droppedId)
    else await enrol(tx, { id: droppedId, provider: here.provider, at: now })
  }
  if (aside) await takeBack(tx, aside)
}

async function takeBack(tx: Transaction, aside: NonNullable<MovedProvider['aside']>): Promise<void> {
  const { readerId, registration, account, closing } = aside
  if (closing) {
    await tx
      .updateTable('provider_closings')
      .set({ reader_id: readerId })
      .where('id', '=', registration.id)
      .execute()
    // Whoever has another way by now, has revoked since, or is closed at the provider, keeps that.
    if (await registrationOf(tx, readerId)) return
    const open = await tx
      .deleteFrom('provider_closings as c')
      .where('c.id', '=', registration.id)
      .where('c.closed_at', 'is', null)
      .where(({ not, exists, selectFrom }) =>
        not(
          exists(
            selectFrom('consents')
              .select('id')
              .where('reader_id', '=', readerId)
              .where('kind', '=', 'handover')
              .whereRef('revoked_at', '>=', 'c.asked_at'),
          ),
        ),
      )
      .returning('c.id')
      .executeTakeFirst()
    if (!open) return
  }
  await tx
    .insertInto('provider_registrations')
    .values(registration)
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  if (account) await tx.insertInto('provider_accounts').values(account).execute()
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
