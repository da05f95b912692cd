import type { AuditEntry } from '../audit/audit.ts'
import { byStaff } from '../audit/audit.ts'
import { reserveCard } from '../cards/reserving.ts'
import type { CheckedConsent } from '../consents/consents.ts'
import { recordConsents } from '../consents/recording.ts'
import type { Transaction } from '../shared/db.ts'
import { contentHash } from './applications.ts'
import type { SendInput } from './applications.schemas.ts'
import { endDrafts } from './draft-endings.ts'
import { draftGone, holdForm } from './drafts.ts'
import { noteMove } from './moves.ts'

/** A checked questionnaire of a library that the sender was authorised for. */
export interface ToSend {
  staffId: string
  libraryId: string
  input: SendInput
  consent: CheckedConsent
  now: Date
  /** When the papers were signed. */
  signedAt: Date
  /** The letter whose draft it has to be still; without it a form is sent whether it has a draft or not. */
  ofLetter?: string | undefined
}

/**
 * Puts a questionnaire into the central library's queue within the caller's transaction: the one way in which
 * any does, out of the form or out of a list.
 * @returns its id, and the entry of the log, which the caller appends last
 * @throws consentTextUnknown, draftGone, draftChanged, homeGone, notInStock, stockCardTaken; the unique violation of a form
 * key that was used before
 */
export async function insertSent(
  tx: Transaction,
  { staffId, libraryId, input, consent, now, signedAt, ofLetter }: ToSend,
): Promise<{ id: string; entry: AuditEntry }> {
  await holdForm(tx, input.formKey)
  const letterId = await letterOf(tx, input.formKey, ofLetter !== undefined)
  if (ofLetter && letterId !== ofLetter) throw draftGone()
  const { id } = await tx
    .insertInto('applications')
    .values({
      library_id: libraryId,
      form_key: input.formKey,
      home_draft_id: input.homeDraft ?? null,
      letter_id: letterId,
      content_hash: contentHash(input),
      state: 'sent',
      full_name: input.fullName,
      birth_date: input.birthDate,
      email: input.email,
      phone: input.phone,
      created_by: staffId,
      sent_at: now,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  if (input.stockCard) await reserveCard(tx, { applicationId: id, libraryId, number: input.stockCard })
  const began = await endDrafts(tx, input, now)
  if (began) await noteMove(tx, { id, revision: 0, state: 'draft', ...began })
  await noteMove(tx, { id, revision: 1, state: 'sent', staffId, at: now })
  await recordConsents(tx, { applicationId: id, consent, staffId, at: signedAt })
  const entry: AuditEntry = {
    at: now,
    actor: byStaff(staffId),
    action: 'applications.send',
    subject: { kind: 'application', id },
    libraryId,
    details: {
      consentVersion: consent.version,
      consentBasis: consent.basis,
      handoverVersion: consent.handoverVersion ?? null,
      stockCard: input.stockCard !== undefined,
    },
  }
  return { id, entry }
}

/**
 * The letter that the form's draft was read out of.
 * @param hold nobody may remove the draft meanwhile; one that has a copy at home is locked after that only
 */
async function letterOf(tx: Transaction, formKey: string, hold: boolean): Promise<string | null> {
  const draft = await tx
    .selectFrom('drafts')
    .select('letter_id')
    .where('id', '=', formKey)
    .$if(hold, (query) => query.forUpdate())
    .executeTakeFirst()
  return draft?.letter_id ?? null
}
