import type { AuditLog } from '../audit/audit.ts'
import type { Clock } from '../shared/clock.ts'
import { after } from '../shared/clock.ts'
import type { Database, Transaction } from '../shared/db.ts'
import { inTransaction } from '../shared/db.ts'
import { answerLetter } from './answers.ts'
import { remindAfter } from './letters.ts'

/** What the days do to letters: libraries are reminded once, and what nobody has confirmed goes at last. */
export function createLetterDays(deps: { db: Database; clock: Clock; audit: AuditLog }) {
  const { db, clock, audit } = deps

  /** Reminds libraries of questionnaires that still wait for their word. @returns how many letters */
  async function remind(): Promise<number> {
    const now = clock()
    return inTransaction(db, async (tx) => {
      const letters = await tx
        .updateTable('mailed_letters as l')
        .set({ reminded_at: now })
        .where('l.state', '=', 'open')
        .where('l.reminded_at', 'is', null)
        .where('l.asked_at', '<=', after(now, -remindAfter))
        .where('l.expires_at', '>', now)
        .where((eb) => eb.exists(eb.selectFrom('drafts').select('id').whereRef('letter_id', '=', 'l.id')))
        .returning(['l.id', 'l.library_id'])
        .execute()
      for (const { id, library_id: libraryId } of letters)
        if (libraryId) await answerLetter(tx, now, 'library.letter-waiting', { id, libraryId })
      await note(tx, 'letters.remind', now, letters)
      return letters.length
    })
  }

  /**
   * Forgets letters whose days have run out, with what of them was never confirmed; their libraries are told
   * of that. What is known of a letter without anybody's data stays. @returns how many
   */
  async function expire(): Promise<number> {
    const now = clock()
    return inTransaction(db, async (tx) => {
      const letters = await tx
        .selectFrom('mailed_letters')
        .select(['id', 'library_id', 'state'])
        .where('expires_at', '<=', now)
        // A destruction may have taken the original of a letter whose other readers still wait.
        .where((eb) =>
          eb.or([
            eb('original', 'is not', null),
            eb('sender', '!=', ''),
            eb.exists(eb.selectFrom('drafts').select('id').whereRef('letter_id', '=', 'mailed_letters.id')),
          ]),
        )
        .forUpdate()
        .execute()
      for (const { id, library_id: libraryId, state } of letters) {
        const { numDeletedRows } = await tx
          .deleteFrom('drafts')
          .where('letter_id', '=', id)
          .executeTakeFirstOrThrow()
        if (numDeletedRows > 0n && libraryId && state === 'open')
          await answerLetter(tx, now, 'library.letter-expired', { id, libraryId })
      }
      const ids = letters.map(({ id }) => id)
      if (ids.length > 0)
        await tx
          .updateTable('mailed_letters')
          .set((eb) => ({
            original: null,
            sender: '',
            // People name readers in it.
            subject: '',
            body: '',
            parts: '[]',
            faults: '[]',
            // There is nothing left to be given to anybody.
            state: eb.case().when('state', '=', 'waiting').then('dismissed').else(eb.ref('state')).end(),
          }))
          .where('id', 'in', ids)
          .execute()
      await note(tx, 'letters.expire', now, letters)
      return letters.length
    })
  }

  async function note(tx: Transaction, action: string, at: Date, letters: { id: string }[]): Promise<void> {
    if (letters.length === 0) return
    await audit.append(tx, {
      at,
      actor: { kind: 'system' },
      action,
      subject: { kind: 'letter', id: null },
      details: { ids: letters.map(({ id }) => id) },
    })
  }

  return { remind, expire }
}
