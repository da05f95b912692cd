import type { AuditLog } from '../audit/audit.ts'
import { byStaff } from '../audit/audit.ts'
import { giveNewCredentials } from '../readers/credentials.ts'
import type { Clock } from '../shared/clock.ts'
import type { Database } from '../shared/db.ts'
import type { Sealer } from '../shared/sealing.ts'
import type { Authorised } from '../staff/actors.ts'
import type { SameInput } from './applications.schemas.ts'
import { decided } from './moves.ts'
import { concludeRegistering, registering } from './registering.ts'

/** The other decision about a possible duplicate: it is the person who is on record already. */
export function createExisting(deps: { db: Database; clock: Clock; audit: AuditLog; sealer: Sealer }) {
  const { db, clock, audit, sealer } = deps

  return {
    /**
     * Answers the questionnaire with the reader on record: his card and a new password, no second reader. The
     * consent that was signed goes to his record, and of the questionnaire's contacts those that were ticked.
     * The password goes to the record's contacts only: whoever fills in another's questionnaire gets nothing.
     * @throws changedMeanwhile, heldByOther, readerGone, readerLeaving
     */
    async same(
      actor: Authorised<'applications.decide'>,
      id: string,
      input: SameInput,
    ): Promise<{ readerId: string }> {
      const { readerId } = input
      const of = { db, clock, actor, id, seen: input.revision, overHold: input.overHold }
      await registering(of, async (tx, begun) => {
        const { found, library, password, decision } = begun
        const { before, email, phone } = await giveNewCredentials(tx, sealer, decision.at, {
          readerId,
          password,
          library,
          mend: {
            ...(input.replaceEmail ? { email: found.email } : {}),
            ...(input.replacePhone ? { phone: found.phone } : {}),
            ...(input.moveLibrary ? { library_id: library.id } : {}),
          },
          because: { applicationId: id },
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
        await concludeRegistering(tx, begun, { id: readerId, email, phone, outcome: 'existing' })
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
