import { z } from 'zod'
import type { AuditLog } from '../audit/audit.ts'
import type { Clock } from '../shared/clock.ts'
import type { Database } from '../shared/db.ts'
import { inTransaction } from '../shared/db.ts'
import type { ReaderActor } from '../staff/actors.ts'

export const languageSchema = z.object({ language: z.enum(['ru', 'en']) })
export type ReaderLanguage = z.output<typeof languageSchema>['language']

/** In what language a reader is written to; Russian until he chooses. */
export function createReaderLanguage(deps: { db: Database; clock: Clock; audit: AuditLog }) {
  const { db, clock, audit } = deps
  return {
    choose({ readerId }: ReaderActor, language: ReaderLanguage): Promise<void> {
      return inTransaction(db, async (tx) => {
        const changed = await tx
          .updateTable('readers')
          .set({ language })
          .where('id', '=', readerId)
          .where('language', '<>', language)
          .returning('library_id')
          .executeTakeFirst()
        if (!changed) return
        await audit.append(tx, {
          at: clock(),
          actor: { kind: 'reader', id: readerId },
          action: 'readers.choose-language',
          subject: { kind: 'reader', id: readerId },
          libraryId: changed.library_id,
        })
      })
    },
  }
}
