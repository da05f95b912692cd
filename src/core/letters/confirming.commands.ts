import type { createSending } from '../applications/sending.commands.ts'
import { draftChanged, draftGone } from '../applications/drafts.ts'
import { consentMissing } from '../consents/consents.ts'
import type { Database } from '../shared/db.ts'
import { inTransaction } from '../shared/db.ts'
import type { ExpectedError } from '../shared/errors.ts'
import { isExpected, notFound } from '../shared/errors.ts'
import type { Authorised } from '../staff/actors.ts'
import { nothingChosen, notSure } from './letters.ts'
import type { ChosenRow, ConfirmInput } from './letters.schemas.ts'
import type { LetterRow } from './rows.ts'
import { rowsOf } from './rows.ts'

export interface Confirmed {
  /** How many became questionnaires of the queue, now or at an earlier press of the same button. */
  sent: number
  /** Those that stay in the letter, and why. */
  left: { draftId: string; error: ExpectedError }[]
}

/** The consents of a letter's readers, confirmed with one button. */
export function createConfirming(deps: { db: Database; send: ReturnType<typeof createSending>['send'] }) {
  const { db, send } = deps

  return {
    /**
     * Sends the chosen questionnaires of a letter to the queue, each in its own transaction with its consent,
     * as the form would. What isn't sure stays. Pressed twice, or again after a crash, it sends nothing twice:
     * a questionnaire's form key is its draft's id.
     * @throws consentMissing, nothingChosen, notFound
     */
    async confirm(
      actor: Authorised<'letters.confirm'>,
      letterId: string,
      input: ConfirmInput,
    ): Promise<Confirmed> {
      if (!input.consentGiven) throw consentMissing()
      if (input.rows.length === 0) throw nothingChosen()
      const rows = await inTransaction(db, async (tx) => {
        let query = tx
          .selectFrom('mailed_letters')
          .select('id')
          .where('id', '=', letterId)
          .where('state', '=', 'open')
        if (actor.libraries !== 'all') query = query.where('library_id', 'in', [...actor.libraries])
        await query.executeTakeFirstOrThrow(() => notFound())
        return rowsOf(tx, letterId)
      })
      const confirmed: Confirmed = { sent: 0, left: [] }
      for (const chosen of input.rows) {
        const row = rows.find(({ draftId }) => draftId === chosen.draftId)
        const error = row ? await attempt(actor, letterId, row, chosen, input) : notFound()
        // Whatever keeps it back: another press may have been faster, and sent it.
        if (error && !(await isSent(letterId, chosen)))
          confirmed.left.push({ draftId: chosen.draftId, error })
        else confirmed.sent += 1
      }
      return confirmed
    },
  }

  /** @returns why the questionnaire stays where it is */
  async function attempt(
    actor: Authorised<'letters.confirm'>,
    letterId: string,
    row: LetterRow,
    chosen: ChosenRow,
    { consentGiven, consentVersion, handoverGiven, handoverVersion }: ConfirmInput,
  ): Promise<ExpectedError | undefined> {
    const { revision, guardianName, guardianRelation } = chosen
    if (!row.sure || !row.libraryId) return notSure()
    if (row.revision !== revision) return draftChanged({ revision: row.revision })
    const stockCard = row.fields.stockCard || undefined
    try {
      const filled = {
        ...row.sure,
        formKey: row.draftId,
        draftRevision: row.revision,
        ...(stockCard && { stockCard }),
        consentGiven,
        consentVersion,
        ...(handoverGiven && { handoverGiven, handoverVersion }),
        guardianName: guardianName || row.fields.guardianName,
        guardianRelation: guardianRelation || row.fields.guardianRelation,
      }
      await send(actor, row.libraryId, filled, letterId)
      return undefined
    } catch (error) {
      if (!isExpected(error)) throw error
      return error.code === draftGone().code ? notFound() : error
    }
  }

  /** Whether the draft became a questionnaire. */
  async function isSent(letterId: string, { draftId }: ChosenRow): Promise<boolean> {
    const sent = await db
      .selectFrom('applications')
      .select('id')
      .where('form_key', '=', draftId)
      .where('letter_id', '=', letterId)
      .executeTakeFirst()
    return sent !== undefined
  }
}
