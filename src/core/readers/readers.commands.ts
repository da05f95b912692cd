import { issueCard } from '../cards/issuing.ts'
import { moveCards } from '../cards/moves.ts'
import { keepCard } from '../cards/keeping.ts'
import { after, days } from '../shared/clock.ts'
import type { Database, Transaction } from '../shared/db.ts'
import { passed } from '../shared/points.ts'
import type { KeyChange, Sealer } from '../shared/sealing.ts'
import { sealedAnew } from '../shared/sealing.ts'
import { findSame } from './duplicates.queries.ts'
import { nameKey } from './names.ts'
import { keepAccount } from './provider-accounts.ts'

/** How long the readable copy of an initial password is kept, at most. */
export const sealedFor = days(14)

export interface NewReader {
  library: { id: string; code: string }
  /** The questionnaire that leads to it, if any: a card of the stock may be kept for that. */
  applicationId: string | undefined
  /** The number of the card that he has had before; else he is given one. */
  keptCard?: string | undefined
  fullName: string
  birthDate: string
  email: string | null
  phone: string | null
  /**
   * The generated password and its argon2id hash, made before the transaction so that none waits on it. Without
   * `plain` nobody knows it: the reader gets one when he comes in, or by a code.
   */
  password: { plain: string | undefined; hash: string }
  provider: { name: string; number: string; password: string } | undefined
  /** An operator decided that this is a namesake, not the person already on record. */
  anotherPerson: boolean
  /** Whom the operator had before his eyes when he decided so; undefined: whoever is on record. */
  distinctFrom?: readonly string[] | undefined
}

export type Registered =
  | {
      readerId: string
      cardNumber: string
      /** Readers on record under the same name and birth date, decided to be others. */
      namesakes: string[]
    }
  | { duplicateOf: string }

/**
 * Makes the reader, the card, the sealed passwords and the provider account within the caller's
 * transaction. Whoever is on record under the same name and birth date stops it, unless an operator has seen
 * him and decided that this is another person. Between simultaneous registrations the unique index decides:
 * the second one waits for the first and then learns of the duplicate.
 * @throws cardGiven when the card that he is to keep is somebody's
 */
export async function registerReader(
  tx: Transaction,
  sealer: Sealer,
  now: Date,
  input: NewReader,
): Promise<Registered> {
  const { readerIds: namesakes, nextNamesake: namesake } = await findSame(tx, input)
  const unseen = namesakes.find((id) => !input.anotherPerson || input.distinctFrom?.includes(id) === false)
  if (unseen) return { duplicateOf: unseen }
  await passed('register:checked', tx)
  const readerId = await insertReader(tx, { ...input, key: nameKey(input.fullName), namesake, now })
  if (!readerId) {
    const { readerIds } = await findSame(tx, input)
    const duplicateOf = readerIds.find((id) => !namesakes.includes(id)) ?? readerIds[0]
    // Whoever was faster may have been taken back since.
    return duplicateOf ? { duplicateOf } : registerReader(tx, sealer, now, input)
  }
  const number = input.keptCard
    ? await keepCard(tx, { number: input.keptCard, libraryId: input.library.id, readerId, now })
    : await issueCard(tx, {
        readerId,
        libraryCode: input.library.code,
        applicationId: input.applicationId,
        now,
      })
  const libraryId = input.library.id
  const { plain } = input.password
  if (plain !== undefined) await seal(tx, sealer, { readerId, purpose: 'initial', plain, now, libraryId })
  if (input.provider) {
    const { name, number: providerNumber, password } = input.provider
    await keepAccount(tx, sealer, {
      readerId,
      provider: name,
      number: providerNumber,
      password,
      at: now,
      libraryId,
      expiresAt: after(now, sealedFor),
    })
  }
  return { readerId, cardNumber: number, namesakes }
}

/** Whether the reader has ever signed in; locks the record, so that it stays as it is. */
export async function hasSignedIn(tx: Transaction, readerId: string): Promise<boolean> {
  const reader = await tx
    .selectFrom('readers')
    .select('first_signed_in_at')
    .where('id', '=', readerId)
    .forUpdate()
    .executeTakeFirstOrThrow()
  return reader.first_signed_in_at !== null
}

/** Takes a reader's record away, as if it had never been. The cards' numbers stay used for ever. */
export async function removeReader(tx: Transaction, readerId: string): Promise<void> {
  await moveCards(tx, ['issued', 'blocked'], 'annulled').where('reader_id', '=', readerId).execute()
  await tx.deleteFrom('readers').where('id', '=', readerId).execute()
}

/** The new reader's id, or undefined when there is such a person on record already. */
async function insertReader(
  tx: Transaction,
  reader: NewReader & { key: string; namesake: number; now: Date },
) {
  const inserted = await tx
    .insertInto('readers')
    .values({
      library_id: reader.library.id,
      full_name: reader.fullName,
      name_key: reader.key,
      birth_date: reader.birthDate,
      namesake: reader.namesake,
      email: reader.email,
      phone: reader.phone,
      password_hash: reader.password.hash,
      password_generated: true,
      created_at: reader.now,
      renewed_at: reader.now,
    })
    .onConflict((conflict) => conflict.columns(['name_key', 'birth_date', 'namesake']).doNothing())
    .returning('id')
    .executeTakeFirst()
  return inserted?.id
}

/** Keeps a readable password sealed, until the first sign-in or for 14 days. */
export async function seal(
  tx: Transaction,
  sealer: Sealer,
  secret: {
    readerId: string
    purpose: 'initial' | 'provider'
    plain: string
    now: Date
    /** Of the library that gives it. */
    libraryId: string
  },
): Promise<void> {
  await tx
    .insertInto('sealed_passwords')
    .values({
      reader_id: secret.readerId,
      purpose: secret.purpose,
      sealed: sealer.seal(secret.plain, `${secret.readerId}/${secret.purpose}`),
      library_id: secret.libraryId,
      expires_at: after(secret.now, sealedFor),
    })
    .execute()
}

/** For a new key of the installation: passwords that nobody has used yet go on being readable. */
export async function resealPasswords(tx: Transaction, change: KeyChange): Promise<void> {
  const rows = await tx.selectFrom('sealed_passwords').select(['reader_id', 'purpose', 'sealed']).execute()
  for (const { reader_id: readerId, purpose, sealed } of rows)
    await tx
      .updateTable('sealed_passwords')
      .set({ sealed: sealedAnew(change, sealed, `${readerId}/${purpose}`) })
      .where('reader_id', '=', readerId)
      .where('purpose', '=', purpose)
      .execute()
}

export interface OpenedPasswords {
  initial: string | undefined
  provider: string | undefined
}

/**
 * The readable passwords that are still kept for a reader.
 * @param libraries whose eyes they are for: an initial password is opened for the library that gave it, and for
 * operators, but for no library that had a questionnaire of this reader once
 */
export async function openPasswords(
  tx: Database | Transaction,
  sealer: Sealer,
  now: Date,
  readerId: string,
  libraries: 'all' | readonly string[] = 'all',
): Promise<OpenedPasswords> {
  const rows = await tx
    .selectFrom('sealed_passwords')
    .select(['purpose', 'sealed', 'library_id'])
    .where('reader_id', '=', readerId)
    .where('expires_at', '>', now)
    .execute()
  const open = (purpose: string) => {
    const row = rows.find((each) => each.purpose === purpose)
    return row && sealer.open(row.sealed, `${readerId}/${purpose}`)
  }
  const giver = rows.find((each) => each.purpose === 'initial')?.library_id
  const own = libraries === 'all' || (giver ? libraries.includes(giver) : false)
  return { initial: own ? open('initial') : undefined, provider: open('provider') }
}
