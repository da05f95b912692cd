import { issueCard } from '../cards/issuing.ts'
import { moveCards } from '../cards/moves.ts'
import { releaseCards } from '../cards/reserving.ts'
import { lastDay } from '../cards/validity.ts'
import { readSettings } from '../settings/settings.ts'
import type { Transaction } from '../shared/db.ts'
import { expected } from '../shared/errors.ts'
import type { Sealer } from '../shared/sealing.ts'
import { seal } from './readers.commands.ts'

/** The reader has revoked his consent, and his record is about to be destroyed. */
export const readerLeaving = expected('readers.leaving', 409)
/** The record was merged into another, or is gone. */
export const readerGone = expected('readers.gone', 409)

type Mended = 'email' | 'phone' | 'library_id'

/** What the record was before; for taking the change back. No readable password is in it. */
export interface CredentialsBefore {
  readerId: string
  passwordHash: string
  passwordGenerated: boolean
  /** The hash that replaced it: as long as it is there, nobody has changed the password since. */
  newPasswordHash: string
  /** The earlier readable copy, sealed and in base64, where there was one. */
  sealed: { sealed: string; expiresAt: string; libraryId?: string | null } | null
  /** What was mended: what it was, what it became. */
  fields: { field: Mended; from: string | null; to: string | null }[]
  changeId: string | null
  renewedAt: string
  newCard: string | null
  /** The card whose time began anew: its last day before, and now. A record of before has none. */
  extended?: { number: string; from: string; to: string | null } | null
}

export interface NewCredentials {
  readerId: string
  password: { plain: string; hash: string }
  /** Where the reader has come to: it gives the card where no valid one is left. */
  library: { id: string; code: string }
  /** The library whose desk he stands at, where that is another. */
  givenBy?: string | undefined
  /** What of the record is replaced. */
  mend: { email?: string | null; phone?: string | null; library_id?: string }
  /** The questionnaire that he came with, or why his contacts are mended without one. */
  because: { applicationId: string } | { reason: string }
  staffId: string
}

export interface GivenCredentials {
  cardNumber: string
  email: string | null
  phone: string | null
  before: CredentialsBefore
}

/**
 * A reader on record comes in person, with a new questionnaire or without a password: the valid card stays (a new one where there is none),
 * the password is a new one, sealed as with a new reader, and sessions and recovery codes end. The year of his
 * registration begins anew, and so does the time of a card that has one.
 * @throws readerGone, readerLeaving
 */
export async function giveNewCredentials(
  tx: Transaction,
  sealer: Sealer,
  now: Date,
  input: NewCredentials,
): Promise<GivenCredentials> {
  const { readerId, password } = input
  const reader = await lockStanding(tx, readerId)
  const fields = Object.entries(input.mend)
    .map(([field, to]) => ({ field: field as Mended, from: reader[field as Mended], to }))
    .filter(({ from, to }) => from !== to)
  const sealed = await tx
    .deleteFrom('sealed_passwords')
    .where('reader_id', '=', readerId)
    .where('purpose', '=', 'initial')
    .returning(['sealed', 'expires_at', 'library_id'])
    .executeTakeFirst()
  await tx
    .updateTable('readers')
    .set({ ...input.mend, password_hash: password.hash, password_generated: true, renewed_at: now })
    .where('id', '=', readerId)
    .execute()
  await seal(tx, sealer, {
    readerId,
    purpose: 'initial',
    plain: password.plain,
    now,
    libraryId: input.givenBy ?? input.library.id,
  })
  await tx.deleteFrom('recovery_codes').where('reader_id', '=', readerId).execute()
  await tx.deleteFrom('sessions').where('reader_id', '=', readerId).execute()
  const valid = await tx
    .selectFrom('cards')
    .select(['number', 'valid_until'])
    .where('reader_id', '=', readerId)
    .where('state', '=', 'issued')
    .executeTakeFirst()
  const extended = valid ? await extend(tx, valid, now) : null
  const applicationId = 'applicationId' in input.because ? input.because.applicationId : undefined
  const newCard = valid
    ? null
    : await issueCard(tx, { readerId, libraryCode: input.library.code, applicationId, now })
  // Whoever has a valid card needs none of the stock.
  if (valid && applicationId) await releaseCards(tx, [applicationId])
  const changeId = await noteChange(tx, now, { ...input, fields: fields.map(({ field }) => field) })
  return {
    cardNumber: valid?.number ?? newCard ?? '',
    email: input.mend.email === undefined ? reader.email : input.mend.email,
    phone: input.mend.phone === undefined ? reader.phone : input.mend.phone,
    before: {
      readerId,
      passwordHash: reader.password_hash,
      passwordGenerated: reader.password_generated,
      newPasswordHash: password.hash,
      sealed: sealed
        ? {
            sealed: sealed.sealed.toString('base64'),
            expiresAt: sealed.expires_at.toISOString(),
            libraryId: sealed.library_id,
          }
        : null,
      fields,
      changeId,
      renewedAt: reader.renewed_at.toISOString(),
      newCard,
      extended,
    },
  }
}

/**
 * Makes the record what it was before `giveNewCredentials`; sessions that have ended don't come back. What
 * somebody has mended since stays mended.
 * @returns false, and changes nothing, when the new password has been used or replaced meanwhile
 */
export async function takeBackCredentials(tx: Transaction, before: CredentialsBefore): Promise<boolean> {
  const { readerId } = before
  const reader = await tx
    .selectFrom('readers')
    .select(['password_hash', 'email', 'phone', 'library_id'])
    .where('id', '=', readerId)
    .where('merged_into', 'is', null)
    .forUpdate()
    .executeTakeFirst()
  if (reader?.password_hash !== before.newPasswordHash) return false
  // The first sign-in takes the readable copy away.
  const unused = await tx
    .deleteFrom('sealed_passwords')
    .where('reader_id', '=', readerId)
    .where('purpose', '=', 'initial')
    .returning('reader_id')
    .executeTakeFirst()
  if (!unused) return false
  const unchanged = before.fields.filter(({ field, to }) => reader[field] === to)
  await tx
    .updateTable('readers')
    .set({
      ...Object.fromEntries(unchanged.map(({ field, from }) => [field, from])),
      password_hash: before.passwordHash,
      password_generated: before.passwordGenerated,
      renewed_at: new Date(before.renewedAt),
    })
    .where('id', '=', readerId)
    .execute()
  if (before.sealed) {
    await tx
      .insertInto('sealed_passwords')
      .values({
        reader_id: readerId,
        purpose: 'initial',
        sealed: Buffer.from(before.sealed.sealed, 'base64'),
        library_id: before.sealed.libraryId ?? null,
        expires_at: new Date(before.sealed.expiresAt),
      })
      .execute()
  }
  // Its number stays used: the slip may be on paper. A card of the stock was given back before.
  if (before.newCard)
    await moveCards(tx, ['issued', 'blocked'], 'annulled')
      .where('number', '=', before.newCard)
      .where('reader_id', '=', readerId)
      .execute()
  if (before.extended)
    await tx
      .updateTable('cards')
      .set({ valid_until: before.extended.from })
      .where('number', '=', before.extended.number)
      .where('valid_until', 'is not distinct from', before.extended.to)
      .execute()
  if (before.changeId) await tx.deleteFrom('reader_changes').where('id', '=', before.changeId).execute()
  return true
}

async function extend(
  tx: Transaction,
  card: { number: string; valid_until: string | null },
  now: Date,
): Promise<{ number: string; from: string; to: string | null } | null> {
  if (card.valid_until === null) return null
  const to = lastDay(await readSettings(tx), now)
  await tx.updateTable('cards').set({ valid_until: to }).where('number', '=', card.number).execute()
  return { number: card.number, from: card.valid_until, to }
}

/** The reader's record, locked. @throws readerGone, readerLeaving */
export async function lockStanding(tx: Transaction, readerId: string) {
  const reader = await tx
    .selectFrom('readers')
    .selectAll()
    .where('id', '=', readerId)
    .where('merged_into', 'is', null)
    .forUpdate()
    .executeTakeFirstOrThrow(() => readerGone())
  await refuseLeaving(tx, readerId)
  return reader
}

/** To be asked once the reader's row is locked. @throws readerLeaving */
export async function refuseLeaving(tx: Transaction, readerId: string): Promise<void> {
  const leaving = await tx
    .selectFrom('destructions')
    .select('id')
    .where('reader_id', '=', readerId)
    .where('done_at', 'is', null)
    .where('called_off_at', 'is', null)
    .executeTakeFirst()
  if (leaving) throw readerLeaving()
}

async function noteChange(
  tx: Transaction,
  now: Date,
  change: Pick<NewCredentials, 'readerId' | 'because' | 'staffId'> & { fields: string[] },
): Promise<string | null> {
  if (change.fields.length === 0) return null
  const { id } = await tx
    .insertInto('reader_changes')
    .values({
      reader_id: change.readerId,
      fields: change.fields,
      reason: 'reason' in change.because ? change.because.reason : '',
      application_id: 'applicationId' in change.because ? change.because.applicationId : null,
      changed_by: change.staffId,
      changed_at: now,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}
