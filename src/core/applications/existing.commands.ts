import type { AuditLog } from '../audit/audit.ts'
import { byStaff } from '../audit/audit.ts'
import { handoverGiven, smsAllowed } from '../consents/handover.ts'
import { queueMessages } from '../messages/messages.ts'
import { giveNewCredentials } from '../readers/credentials.ts'
import { keepOpen } from '../readers/provider-accounts.ts'
import { generatePassword } from '../readers/passwords.ts'
import type { Clock } from '../shared/clock.ts'
import type { Database } from '../shared/db.ts'
import { inTransaction } from '../shared/db.ts'
import { hashPassword } from '../shared/passwords.ts'
import type { Sealer } from '../shared/sealing.ts'
import type { Authorised } from '../staff/actors.ts'
import type { SameInput } from './applications.schemas.ts'
import { registrationMessages } from './deciding.commands.ts'
import { decided, decisionOf, locked, nextRevision, noteMove } from './moves.ts'

/** The other decision about a possible duplicate: it is the person who is on record already. */
export function createExisting(deps: { db: Database; clock: Clock; audit: AuditLog; sealer: Sealer }) {
  const { db, clock, audit, sealer } = deps

  return {
    /**
     * Answers the questionnaire with the reader on record: his card and a new password, no second reader. The
     * consent that was signed goes to his record, and of the questionnaire's contacts those that were ticked.
     * The password goes to the record's contacts only: whoever fills in another's questionnaire gets nothing.
     * @throws changedMeanwhile, readerGone, readerLeaving
     */
    async same(
      actor: Authorised<'applications.decide'>,
      id: string,
      input: SameInput,
    ): Promise<{ readerId: string }> {
      // Hashing takes tens of milliseconds: it is done before any row is locked.
      const plain = generatePassword()
      const password = { plain, hash: await hashPassword(plain) }
      const decision = await decisionOf(db, actor.staffId, clock())
      const { readerId } = input
      await inTransaction(db, async (tx) => {
        const found = await locked(tx, actor, id)
        const revision = nextRevision(found, input.revision, 'registered')
        const library = await tx
          .selectFrom('libraries')
          .select(['id', 'code', 'email'])
          .where('id', '=', found.library_id)
          .executeTakeFirstOrThrow()
        const { before, email, phone } = await giveNewCredentials(tx, sealer, decision.at, {
          readerId,
          password,
          library,
          mend: {
            ...(input.replaceEmail ? { email: found.email } : {}),
            ...(input.replacePhone ? { phone: found.phone } : {}),
            ...(input.moveLibrary ? { library_id: library.id } : {}),
          },
          applicationId: id,
          staffId: actor.staffId,
        })
        await tx
          .updateTable('applications')
          .set({
            ...decided(found, 'registered', decision, before),
            outcome: 'existing',
            reader_id: readerId,
            duplicate_of: readerId,
          })
          .where('id', '=', id)
          .execute()
        await tx
          .updateTable('consents')
          .set({ reader_id: readerId })
          .where('application_id', '=', id)
          .execute()
        if (await handoverGiven(tx, { applicationId: id })) await keepOpen(tx, readerId)
        await noteMove(tx, { id, revision, state: 'registered', staffId: actor.staffId, at: decision.at })
        await queueMessages(
          tx,
          decision.at,
          registrationMessages(
            {
              ...found,
              email,
              // Without that consent e-mail and slip carry what the SMS would have.
              phone: (await smsAllowed(tx, { readerId })) ? phone : null,
              readerId,
              libraryEmail: library.email,
            },
            'existing',
          ),
          decision.undoUntil,
        )
        await audit.append(tx, {
          at: decision.at,
          actor: byStaff(actor.staffId),
          action: 'applications.same-person',
          subject: { kind: 'reader', id: readerId },
          libraryId: found.library_id,
          details: {
            application: id,
            fields: before.fields.map(({ field }) => field),
            newCard: before.newCard !== null,
          },
        })
      })
      return { readerId }
    },
  }
}
