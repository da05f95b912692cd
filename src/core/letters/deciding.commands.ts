import type { AuditLog } from '../audit/audit.ts'
import { byStaff } from '../audit/audit.ts'
import type { Clock } from '../shared/clock.ts'
import type { Database, Transaction } from '../shared/db.ts'
import { inTransaction } from '../shared/db.ts'
import { notFound } from '../shared/errors.ts'
import type { Authorised } from '../staff/actors.ts'
import { answerLetter } from './answers.ts'
import { letterDecided } from './letters.ts'
import type { AcceptInput, DismissInput } from './letters.schemas.ts'
import { giveToLibrary } from './rows.ts'

/** What an operator says of letters whose sender isn't sure. */
export function createLetterDeciding(deps: { db: Database; clock: Clock; audit: AuditLog }) {
  const { db, clock, audit } = deps

  return {
    /**
     * Gives a letter to a library: its questionnaires wait for that library's word from now on, and its
     * registered address is told. @throws notFound, letterDecided
     */
    async accept(actor: Authorised<'letters.decide'>, id: string, { libraryId }: AcceptInput): Promise<void> {
      const now = clock()
      await inTransaction(db, async (tx) => {
        await lockWaiting(tx, id)
        await giveToLibrary(tx, id, { libraryId, now, decided_by: actor.staffId, decided_at: now })
        await answerLetter(tx, now, 'library.letter-received', { id, libraryId })
        await audit.append(tx, {
          at: now,
          actor: byStaff(actor.staffId),
          action: 'letters.accept',
          subject: { kind: 'letter', id },
          libraryId,
        })
      })
    },

    /** Lets a letter become nothing; nobody is answered. @throws notFound, letterDecided */
    async dismiss(actor: Authorised<'letters.decide'>, id: string, { reason }: DismissInput): Promise<void> {
      const now = clock()
      await inTransaction(db, async (tx) => {
        await lockWaiting(tx, id)
        await tx
          .updateTable('mailed_letters')
          .set({ state: 'dismissed', decided_by: actor.staffId, decided_at: now, dismiss_reason: reason })
          .where('id', '=', id)
          .execute()
        await tx.deleteFrom('drafts').where('letter_id', '=', id).execute()
        await audit.append(tx, {
          at: now,
          actor: byStaff(actor.staffId),
          action: 'letters.dismiss',
          subject: { kind: 'letter', id },
        })
      })
    },
  }
}

/** @throws notFound, letterDecided */
async function lockWaiting(tx: Transaction, id: string): Promise<void> {
  const letter = await tx
    .selectFrom('mailed_letters')
    .select('state')
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirstOrThrow(() => notFound())
  if (letter.state !== 'waiting') throw letterDecided()
}
