import type { AuditLog } from '../audit/audit.ts'
import { byStaff } from '../audit/audit.ts'
import { restoreReserved } from '../cards/reserving.ts'
import { recallMessages } from '../messages/messages.ts'
import { refuseLeaving, takeBackCredentials } from '../readers/credentials.ts'
import { handedOverSince } from '../readers/provider-accounts.ts'
import { hasSignedIn, removeReader } from '../readers/readers.commands.ts'
import type { Clock } from '../shared/clock.ts'
import type { Database, Transaction } from '../shared/db.ts'
import { inTransaction } from '../shared/db.ts'
import type { Authorised } from '../staff/actors.ts'
import { changedMeanwhile, undoOver, undoSeen, undoThere, undoTold } from './applications.ts'
import type { UndoInput } from './applications.schemas.ts'
import type { Before, Locked } from './moves.ts'
import { locked, noteMove } from './moves.ts'

/** Taking a decision back, as long as nobody has been told and nobody has seen what came of it. */
export function createUndoing(deps: { db: Database; clock: Clock; audit: AuditLog }) {
  const { db, clock, audit } = deps

  async function takeBack(
    actor: Authorised<'applications.write' | 'applications.decide'>,
    id: string,
    input: UndoInput,
    states: readonly string[],
  ): Promise<void> {
    const now = clock()
    await inTransaction(db, async (tx) => {
      await lockReaderOf(tx, id)
      const found = await locked(tx, actor, id)
      if (found.revision !== input.revision || !states.includes(found.state)) throw changedMeanwhile()
      const before = restorable(found, now)
      if (found.reader_id) await refuseLeaving(tx, found.reader_id)
      const told =
        found.decided_at && !(await recallMessages(tx, { applicationId: id, since: found.decided_at }))
      if (told) throw undoTold()
      if (before.stockCard) await restoreReserved(tx, id, before.stockCard)
      if (found.outcome === 'new') await unregister(tx, found)
      if (found.outcome === 'existing') await takeBackExisting(tx, found, before)
      const revision = found.revision + 1
      await tx
        .updateTable('applications')
        .set({
          state: before.state,
          revision,
          return_reason: before.returnReason,
          decided_by: before.decidedBy,
          decided_at: before.decidedAt && new Date(before.decidedAt),
          reader_id: null,
          outcome: null,
          undo: null,
          undo_until: null,
        })
        .where('id', '=', id)
        .execute()
      await noteMove(tx, {
        id,
        revision,
        state: before.state,
        staffId: actor.staffId,
        at: now,
        takesBack: true,
      })
      await audit.append(tx, {
        at: now,
        actor: byStaff(actor.staffId),
        action: 'applications.undo',
        subject: { kind: 'application', id },
        libraryId: found.library_id,
        details: { from: found.state, to: before.state, reader: found.reader_id },
      })
    })
  }

  return {
    /**
     * Takes a decision of the central library back: the questionnaire waits again at its old place, the new
     * reader is gone (one who was on record is as before), no message goes out. The card's number stays used.
     * @throws changedMeanwhile, undoOver, undoTold, undoSeen, undoThere, readerLeaving
     */
    undo: (actor: Authorised<'applications.decide'>, id: string, input: UndoInput) =>
      takeBack(actor, id, input, ['registered', 'returned', 'refused']),

    /** Puts a withdrawn questionnaire back where it was. @throws changedMeanwhile, undoOver */
    undoWithdrawal: (actor: Authorised<'applications.write'>, id: string, input: UndoInput) =>
      takeBack(actor, id, input, ['withdrawn']),
  }
}

/** Before questionnaire and messages, as merges and revocations do: else each would wait for the other. */
const lockReaderOf = (tx: Transaction, id: string) =>
  tx
    .selectFrom('readers')
    .select('id')
    .where('id', 'in', (eb) => eb.selectFrom('applications').select('reader_id').where('id', '=', id))
    .forUpdate()
    .execute()

/** @throws undoOver, undoSeen */
function restorable(found: Locked, now: Date): Before {
  if (found.undo && !found.undo_until) throw undoSeen()
  if (!found.undo || !found.undo_until || found.undo_until <= now) throw undoOver()
  return found.undo as unknown as Before
}

/** @throws undoSeen when the reader has signed in with the new password, or it was replaced */
async function takeBackExisting(tx: Transaction, { id }: Locked, { existing }: Before): Promise<void> {
  if (!existing || !(await takeBackCredentials(tx, existing))) throw undoSeen()
  await tx.updateTable('consents').set({ reader_id: null }).where('application_id', '=', id).execute()
}

/** @throws undoSeen when the reader has signed in, or another questionnaire led to him meanwhile; undoThere */
async function unregister(tx: Transaction, found: Locked): Promise<void> {
  const { id, reader_id: readerId } = found
  if (!readerId || (await hasSignedIn(tx, readerId))) throw undoSeen()
  const another = await tx
    .selectFrom('applications')
    .select('id')
    .where('reader_id', '=', readerId)
    .where('id', '<>', id)
    .limit(1)
    .executeTakeFirst()
  if (another) throw undoSeen()
  if (await handedOverSince(tx, readerId, found.decided_at)) throw undoThere()
  // What was signed stays with the questionnaire; the rest of the reader goes.
  await tx.updateTable('consents').set({ reader_id: null }).where('application_id', '=', id).execute()
  await removeReader(tx, readerId)
}
