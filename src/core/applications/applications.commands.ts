import type { AuditLog } from '../audit/audit.ts'
import { byStaff } from '../audit/audit.ts'
import type { CheckedConsent } from '../consents/consents.ts'
import { checkConsent } from '../consents/consents.ts'
import type { NewMessage } from '../messages/messages.ts'
import { queueMessages } from '../messages/messages.ts'
import { generatePassword } from '../readers/passwords.ts'
import { registerReader } from '../readers/readers.commands.ts'
import { readSettings } from '../settings/settings.ts'
import { dateIn } from '../shared/calendar.ts'
import type { Clock } from '../shared/clock.ts'
import type { Database, Transaction } from '../shared/db.ts'
import { inTransaction, violatedUnique } from '../shared/db.ts'
import { notFound } from '../shared/errors.ts'
import { hashPassword } from '../shared/passwords.ts'
import { reached } from '../shared/points.ts'
import type { Sealer } from '../shared/sealing.ts'
import type { Authorised } from '../staff/actors.ts'
import { notAllowed } from '../staff/actors.ts'
import type { ApplicationState } from './applications.ts'
import {
  changedMeanwhile,
  checkBirthDate,
  contentHash,
  keyReused,
  mayMove,
  possibleDuplicate,
} from './applications.ts'
import type { MendInput, RegisterInput, ReturnInput, SendInput } from './applications.schemas.ts'

export type Applications = ReturnType<typeof createApplications>

export function createApplications(deps: { db: Database; clock: Clock; audit: AuditLog; sealer: Sealer }) {
  const { db, clock, audit, sealer } = deps

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
     * @throws consentMissing, guardianMissing, birthDateInFuture, birthDateTooOld, keyReused
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
          const { id } = await tx
            .insertInto('applications')
            .values({
              library_id: libraryId,
              form_key: input.formKey,
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
        if (violatedUnique(error) !== 'applications_form_key_key') throw error
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

    /**
     * Registers the reader: reader, card, sealed password, provider account, messages, audit in one
     * transaction. A possible duplicate registers nothing; it is noted on the questionnaire.
     * @throws changedMeanwhile, possibleDuplicate
     */
    async register(
      actor: Authorised<'applications.decide'>,
      id: string,
      input: RegisterInput,
    ): Promise<{ readerId: string }> {
      // Hashing takes tens of milliseconds: it is done before any row is locked.
      const plain = generatePassword()
      const password = { plain, hash: await hashPassword(plain) }
      const settings = await readSettings(db)
      const now = clock()
      const outcome = await inTransaction(db, async (tx) => {
        const found = await locked(tx, actor, id)
        const revision = nextRevision(found, input.revision, 'registered')
        const library = await tx
          .selectFrom('libraries')
          .select(['id', 'code', 'email'])
          .where('id', '=', found.library_id)
          .executeTakeFirstOrThrow()
        const registered = await registerReader(tx, sealer, now, {
          library,
          fullName: found.full_name,
          birthDate: found.birth_date,
          email: found.email,
          phone: found.phone,
          password,
          provider: input.providerNumber
            ? {
                name: settings['provider.name'],
                number: input.providerNumber,
                password: input.providerPassword,
              }
            : undefined,
          anotherPerson: input.anotherPerson,
        })
        if ('duplicateOf' in registered) {
          await tx
            .updateTable('applications')
            .set({ duplicate_of: registered.duplicateOf })
            .where('id', '=', id)
            .execute()
          return registered
        }
        const { readerId } = registered
        await tx
          .updateTable('applications')
          .set({
            state: 'registered',
            revision,
            reader_id: readerId,
            decided_by: actor.staffId,
            decided_at: now,
          })
          .where('id', '=', id)
          .execute()
        await tx
          .updateTable('consents')
          .set({ reader_id: readerId })
          .where('application_id', '=', id)
          .execute()
        reached('register:inserted')
        await noteMove(tx, { id, revision, state: 'registered', staffId: actor.staffId, at: now })
        await queueMessages(
          tx,
          now,
          registrationMessages({ ...found, readerId, libraryEmail: library.email }),
        )
        await audit.append(tx, {
          at: now,
          actor: byStaff(actor.staffId),
          action: 'applications.register',
          subject: { kind: 'reader', id: readerId },
          libraryId: found.library_id,
          details: { application: id, anotherPerson: input.anotherPerson },
        })
        return registered
      })
      reached('register:committed')
      if ('duplicateOf' in outcome) throw possibleDuplicate()
      return { readerId: outcome.readerId }
    },

    /** Sends a questionnaire back to its library with what is to be mended. @throws changedMeanwhile */
    async return(actor: Authorised<'applications.decide'>, id: string, input: ReturnInput): Promise<void> {
      const now = clock()
      await inTransaction(db, async (tx) => {
        const found = await locked(tx, actor, id)
        const revision = nextRevision(found, input.revision, 'returned')
        const library = await tx
          .selectFrom('libraries')
          .select('email')
          .where('id', '=', found.library_id)
          .executeTakeFirstOrThrow()
        await tx
          .updateTable('applications')
          .set({
            state: 'returned',
            revision,
            return_reason: input.reason,
            decided_by: actor.staffId,
            decided_at: now,
          })
          .where('id', '=', id)
          .execute()
        await noteMove(tx, {
          id,
          revision,
          state: 'returned',
          staffId: actor.staffId,
          at: now,
          reason: input.reason,
        })
        if (library.email) {
          await queueMessages(tx, now, [
            {
              channel: 'email',
              event: 'library.returned',
              recipient: library.email,
              libraryId: found.library_id,
              applicationId: id,
            },
          ])
        }
        await audit.append(tx, {
          at: now,
          actor: byStaff(actor.staffId),
          action: 'applications.return',
          subject: { kind: 'application', id },
          libraryId: found.library_id,
        })
      })
    },
  }
}

/** The questionnaire, locked, when the actor may reach it. @throws notFound */
async function locked(
  tx: Transaction,
  actor: Authorised<'applications.write' | 'applications.decide'>,
  id: string,
) {
  const found = await tx
    .selectFrom('applications')
    .select(['id', 'library_id', 'state', 'revision', 'full_name', 'birth_date', 'email', 'phone'])
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst()
  if (!found || (actor.libraries !== 'all' && !actor.libraries.includes(found.library_id))) throw notFound()
  return found
}

/** @throws changedMeanwhile when the page was older than the questionnaire, or the move isn't one */
function nextRevision(
  found: { state: string; revision: number },
  seen: number,
  to: ApplicationState,
): number {
  if (found.revision !== seen || !mayMove(found.state as ApplicationState, to)) throw changedMeanwhile()
  return found.revision + 1
}

async function sameAsBefore(db: Database, actor: Authorised<'applications.write'>, input: SendInput) {
  const before = await db
    .selectFrom('applications')
    .select(['id', 'content_hash', 'created_by'])
    .where('form_key', '=', input.formKey)
    .executeTakeFirstOrThrow()
  if (before.created_by !== actor.staffId || !before.content_hash.equals(contentHash(input))) {
    throw keyReused({ application: before.created_by === actor.staffId ? before.id : '' })
  }
  return { id: before.id }
}

const noteMove = (
  tx: Transaction,
  move: { id: string; revision: number; state: ApplicationState; staffId: string; at: Date; reason?: string },
) =>
  tx
    .insertInto('application_events')
    .values({
      application_id: move.id,
      revision: move.revision,
      state: move.state,
      staff_id: move.staffId,
      at: move.at,
      reason: move.reason ?? null,
    })
    .execute()

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
      guardian_name: record.consent.basis === 'guardian' ? record.consent.guardianName : null,
      guardian_relation: record.consent.basis === 'guardian' ? record.consent.guardianRelation : null,
      taken_by: record.staffId,
      taken_at: record.at,
    })
    .execute()

function registrationMessages(of: {
  id: string
  library_id: string
  readerId: string
  email: string | null
  phone: string | null
  libraryEmail: string
}): NewMessage[] {
  const about = { readerId: of.readerId, libraryId: of.library_id, applicationId: of.id }
  return [
    ...(of.phone
      ? [{ channel: 'sms', event: 'reader.registered', recipient: of.phone, ...about } as const]
      : []),
    ...(of.email
      ? [{ channel: 'email', event: 'reader.registered', recipient: of.email, ...about } as const]
      : []),
    ...(of.libraryEmail
      ? [{ channel: 'email', event: 'library.registered', recipient: of.libraryEmail, ...about } as const]
      : []),
  ]
}
