import type { AuditLog } from '../audit/audit.ts'
import { byStaff } from '../audit/audit.ts'
import { checkProviderHandover, smsAllowed } from '../consents/handover.ts'
import type { NewMessage } from '../messages/messages.ts'
import { queueMessages } from '../messages/messages.ts'
import { generatePassword } from '../readers/passwords.ts'
import { registerReader } from '../readers/readers.commands.ts'
import { readSettings } from '../settings/settings.ts'
import type { Clock } from '../shared/clock.ts'
import type { Database } from '../shared/db.ts'
import { inTransaction } from '../shared/db.ts'
import { hashPassword } from '../shared/passwords.ts'
import { reached } from '../shared/points.ts'
import type { Sealer } from '../shared/sealing.ts'
import type { Authorised } from '../staff/actors.ts'
import { possibleDuplicate } from './applications.ts'
import type { RegisterInput, ReturnInput } from './applications.schemas.ts'
import { locked, nextRevision, noteMove } from './moves.ts'

/** What the central library decides about questionnaires. */
export function createDeciding(deps: { db: Database; clock: Clock; audit: AuditLog; sealer: Sealer }) {
  const { db, clock, audit, sealer } = deps

  return {
    /**
     * Registers the reader: reader, card, sealed password, provider account, messages, audit in one
     * transaction. A possible duplicate registers nothing; it is noted on the questionnaire.
     * @throws changedMeanwhile, possibleDuplicate; handoverMissing when a provider account is typed in without
     * the consent to handing data over
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
        if (input.providerNumber) await checkProviderHandover(tx, id)
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
          registrationMessages({
            ...found,
            // Without that consent e-mail and slip carry what the SMS would have.
            phone: (await smsAllowed(tx, { applicationId: id })) ? found.phone : null,
            readerId,
            libraryEmail: library.email,
          }),
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
