import type { AuditLog } from '../audit/audit.ts'
import { byStaff } from '../audit/audit.ts'
import type { CheckedConsent } from '../consents/consents.ts'
import { checkConsent } from '../consents/consents.ts'
import { readSettings } from '../settings/settings.ts'
import { dateIn } from '../shared/calendar.ts'
import type { Clock } from '../shared/clock.ts'
import type { Database, Transaction } from '../shared/db.ts'
import { inTransaction, violatedUnique } from '../shared/db.ts'
import { reached } from '../shared/points.ts'
import type { Authorised } from '../staff/actors.ts'
import { notAllowed } from '../staff/actors.ts'
import { checkBirthDate, contentHash, keyReused } from './applications.ts'
import type { MendInput, SendInput } from './applications.schemas.ts'
import { endDrafts } from './draft-endings.ts'
import { holdForm, homeSent } from './drafts.ts'
import { locked, nextRevision, noteMove } from './moves.ts'

/** What a library does with its questionnaires. */
export function createSending(deps: { db: Database; clock: Clock; audit: AuditLog }) {
  const { db, clock, audit } = deps

  const today = async () => dateIn((await readSettings(db))['region.timeZone'], clock())

  async function checked(input: SendInput): Promise<CheckedConsent> {
    const day = await today()
    checkBirthDate(input.birthDate, day)
    return checkConsent(input, input.birthDate, day)
  }

  return {
    /**
     * Sends a new questionnaire to the central library's queue. The same form key with the same content
     * gives the same questionnaire, however often it is sent.
     * Its draft goes in the same transaction, and so does what was filled in at home.
     * @throws consentMissing, guardianMissing, birthDateInFuture, birthDateTooOld, keyReused, draftChanged,
     *   homeSent, homeGone
     */
    async send(
      actor: Authorised<'applications.write'>,
      libraryId: string,
      input: SendInput,
    ): Promise<{ id: string }> {
      if (actor.libraries !== 'all' && !actor.libraries.includes(libraryId)) throw notAllowed()
      const consent = await checked(input)
      const now = clock()
      try {
        const sent = await inTransaction(db, async (tx) => {
          await holdForm(tx, input.formKey)
          const { id } = await tx
            .insertInto('applications')
            .values({
              library_id: libraryId,
              form_key: input.formKey,
              home_draft_id: input.homeDraft ?? null,
              content_hash: contentHash(input),
              state: 'sent',
              full_name: input.fullName,
              birth_date: input.birthDate,
              email: input.email,
              phone: input.phone,
              created_by: actor.staffId,
              sent_at: now,
            })
            .returning('id')
            .executeTakeFirstOrThrow()
          const began = await endDrafts(tx, input, now)
          if (began) await noteMove(tx, { id, revision: 0, state: 'draft', ...began })
          await noteMove(tx, { id, revision: 1, state: 'sent', staffId: actor.staffId, at: now })
          await recordConsent(tx, { applicationId: id, consent, staffId: actor.staffId, at: now })
          await audit.append(tx, {
            at: now,
            actor: byStaff(actor.staffId),
            action: 'applications.send',
            subject: { kind: 'application', id },
            libraryId,
            details: { consentVersion: consent.version, consentBasis: consent.basis },
          })
          reached('application:inserted')
          return { id }
        })
        reached('application:committed')
        return sent
      } catch (error) {
        const violated = violatedUnique(error)
        if (violated !== 'applications_form_key_key' && violated !== 'applications_home_draft_id_key')
          throw error
        return sameAsBefore(db, actor, input)
      }
    },

    /**
     * Mends a returned questionnaire and sends it again.
     * @throws changedMeanwhile and what `send` throws
     */
    async resend(actor: Authorised<'applications.write'>, id: string, input: MendInput): Promise<void> {
      const consent = await checked(input)
      const now = clock()
      await inTransaction(db, async (tx) => {
        const found = await locked(tx, actor, id)
        const revision = nextRevision(found, input.revision, 'sent')
        const changed = (['full_name', 'email', 'birth_date', 'phone'] as const).filter(
          (column) =>
            found[column] !==
            {
              full_name: input.fullName,
              email: input.email,
              birth_date: input.birthDate,
              phone: input.phone,
            }[column],
        )
        await tx
          .updateTable('applications')
          .set({
            state: 'sent',
            content_hash: contentHash(input),
            full_name: input.fullName,
            birth_date: input.birthDate,
            email: input.email,
            phone: input.phone,
            return_reason: null,
            sent_at: now,
            revision,
          })
          .where('id', '=', id)
          .execute()
        await tx.deleteFrom('consents').where('application_id', '=', id).execute()
        await recordConsent(tx, { applicationId: id, consent, staffId: actor.staffId, at: now })
        await noteMove(tx, { id, revision, state: 'sent', staffId: actor.staffId, at: now })
        await audit.append(tx, {
          at: now,
          actor: byStaff(actor.staffId),
          action: 'applications.resend',
          subject: { kind: 'application', id },
          libraryId: found.library_id,
          details: { fields: changed },
        })
      })
    },
  }
}

/** The questionnaire that this form has become already. @throws keyReused, homeSent */
async function sameAsBefore(db: Database, actor: Authorised<'applications.write'>, input: SendInput) {
  const before = await db
    .selectFrom('applications')
    .select(['id', 'content_hash', 'created_by'])
    .where('form_key', '=', input.formKey)
    .executeTakeFirst()
  if (!before) throw homeSent()
  if (before.created_by !== actor.staffId || !before.content_hash.equals(contentHash(input))) {
    throw keyReused({ application: before.created_by === actor.staffId ? before.id : '' })
  }
  return { id: before.id }
}

const recordConsent = (
  tx: Transaction,
  record: { applicationId: string; consent: CheckedConsent; staffId: string; at: Date },
) =>
  tx
    .insertInto('consents')
    .values({
      application_id: record.applicationId,
      text_version: record.consent.version,
      basis: record.consent.basis,
      channel: 'paper',
      guardian_name: record.consent.basis === 'guardian' ? record.consent.guardianName : null,
      guardian_relation: record.consent.basis === 'guardian' ? record.consent.guardianRelation : null,
      taken_by: record.staffId,
      taken_at: record.at,
    })
    .execute()
