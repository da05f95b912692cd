import type { AuditLog } from '../audit/audit.ts'
import { byStaff } from '../audit/audit.ts'
import { releaseCards, reserveCard } from '../cards/reserving.ts'
import type { CheckedConsent } from '../consents/consents.ts'
import { checkConsent } from '../consents/consents.ts'
import { recordConsents } from '../consents/recording.ts'
import { readSettings } from '../settings/settings.ts'
import { dateIn } from '../shared/calendar.ts'
import type { Clock } from '../shared/clock.ts'
import type { Database } from '../shared/db.ts'
import { inTransaction, violatedUnique } from '../shared/db.ts'
import { reached } from '../shared/points.ts'
import type { Authorised } from '../staff/actors.ts'
import { notAllowed } from '../staff/actors.ts'
import { checkBirthDate, contentHash, keyReused, withdrawReasonMissing } from './applications.ts'
import type { MendInput, SendInput, WithdrawInput } from './applications.schemas.ts'
import { homeSent } from './drafts.ts'
import { decided, decisionOf, locked, nextRevision, noteMove, tellLibrary } from './moves.ts'
import { insertSent } from './sending.ts'

/** What a library does with its questionnaires. */
export function createSending(deps: { db: Database; clock: Clock; audit: AuditLog }) {
  const { db, clock, audit } = deps

  async function checked(input: SendInput): Promise<CheckedConsent> {
    const settings = await readSettings(db)
    const today = dateIn(settings['region.timeZone'], clock())
    checkBirthDate(input.birthDate, today)
    return checkConsent(input, input.birthDate, today, settings['consents.from14'])
  }

  return {
    /**
     * Sends a new questionnaire to the central library's queue. The same form key with the same content
     * gives the same questionnaire, however often it is sent.
     * Its draft goes in the same transaction, and so does what was filled in at home.
     * @param ofLetter the letter whose draft it has to be still
     * @throws consentMissing, guardianMissing, representativeMissing, consentTextUnknown, birthDateInFuture,
     * birthDateTooOld, keyReused, draftGone, draftChanged, homeSent, homeGone, notInStock, stockCardTaken
     */
    async send(
      actor: Authorised<'applications.write' | 'letters.confirm'>,
      libraryId: string,
      input: SendInput,
      ofLetter?: string,
    ): Promise<{ id: string }> {
      if (actor.libraries !== 'all' && !actor.libraries.includes(libraryId)) throw notAllowed()
      const consent = await checked(input)
      const now = clock()
      try {
        const sent = await inTransaction(db, async (tx) => {
          const signed = { staffId: actor.staffId, libraryId, input, consent, now, signedAt: now, ofLetter }
          const { id, entry } = await insertSent(tx, signed)
          await audit.append(tx, entry)
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
        const changed: string[] = (['full_name', 'email', 'birth_date', 'phone'] as const).filter(
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
            decided_by: null,
            decided_at: null,
            undo: null,
            undo_until: null,
            overdue_told_at: null,
          })
          .where('id', '=', id)
          .execute()
        const number = input.stockCard
        if (await reserveCard(tx, { applicationId: id, libraryId: found.library_id, number }))
          changed.push('stock_card')
        await tx.deleteFrom('consents').where('application_id', '=', id).execute()
        await recordConsents(tx, { applicationId: id, consent, staffId: actor.staffId, at: now })
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

    /**
     * Takes a questionnaire out of the queue, or gives up mending it. Operators, who do so with what is not
     * their library's, say why, and its library is told, once it can't be taken back any more.
     * @throws changedMeanwhile, withdrawReasonMissing
     */
    async withdraw(actor: Authorised<'applications.write'>, id: string, input: WithdrawInput): Promise<void> {
      const { reason } = input
      if (actor.libraries === 'all' && !reason) throw withdrawReasonMissing()
      const decision = await decisionOf(db, actor.staffId, clock())
      await inTransaction(db, async (tx) => {
        const found = await locked(tx, actor, id)
        const revision = nextRevision(found, input.revision, 'withdrawn')
        await tx
          .updateTable('applications')
          .set(decided(found, 'withdrawn', decision))
          .where('id', '=', id)
          .execute()
        await noteMove(tx, {
          id,
          revision,
          state: 'withdrawn',
          staffId: actor.staffId,
          at: decision.at,
          reason,
        })
        await releaseCards(tx, [id])
        if (actor.libraries === 'all') await tellLibrary(tx, found, 'library.withdrawn', decision)
        await audit.append(tx, {
          at: decision.at,
          actor: byStaff(actor.staffId),
          action: 'applications.withdraw',
          subject: { kind: 'application', id },
          libraryId: found.library_id,
        })
      })
    },
  }
}

/** The questionnaire that this form has become already. @throws keyReused, homeSent */
async function sameAsBefore(
  db: Database,
  actor: Authorised<'applications.write' | 'letters.confirm'>,
  input: SendInput,
) {
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
