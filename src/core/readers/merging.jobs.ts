import type { AuditLog } from '../audit/audit.ts'
import type { Clock } from '../shared/clock.ts'
import type { Database, Transaction } from '../shared/db.ts'
import { inTransaction } from '../shared/db.ts'

/**
 * Ends the merges whose 30 days are over: the dropped records are removed for good, the merges stay noted. A
 * record into which others were merged goes after those; any number of workers may run it at once.
 */
export function createFinishMerges({ db, clock, audit }: { db: Database; clock: Clock; audit: AuditLog }) {
  return async (): Promise<number> => {
    for (let finished = 0; ; finished += 1)
      if (!(await inTransaction(db, (tx) => finishOldest(tx, audit, clock())))) return finished
  }
}

async function finishOldest(tx: Transaction, audit: AuditLog, now: Date): Promise<boolean> {
  const merge = await tx
    .selectFrom('reader_merges')
    .select(['id', 'kept_id', 'dropped_id'])
    .where('undone_at', 'is', null)
    .where('final_at', 'is', null)
    .where('final_after', '<=', now)
    .orderBy('final_after')
    .orderBy('id')
    .limit(1)
    .forUpdate()
    .skipLocked()
    .executeTakeFirst()
  if (!merge) return false
  // What had been merged into the dropped record belongs to the kept one now.
  await tx
    .updateTable('reader_merges')
    .set({ kept_id: merge.kept_id })
    .where('kept_id', '=', merge.dropped_id)
    .execute()
  const dropped = await tx
    .deleteFrom('readers')
    .where('id', '=', merge.dropped_id)
    .where('merged_into', '=', merge.kept_id)
    .returning(['name_key', 'birth_date', 'namesake'])
    .executeTakeFirst()
  if (dropped) {
    // The lower number goes on: a questionnaire of that name and date must go on finding somebody.
    await tx
      .updateTable('readers')
      .set({ namesake: dropped.namesake })
      .where('id', '=', merge.kept_id)
      .where('name_key', '=', dropped.name_key)
      .where('birth_date', '=', dropped.birth_date)
      .where('namesake', '>', dropped.namesake)
      .execute()
  }
  await tx
    .updateTable('reader_merges')
    .set({ final_at: now, moved: '{}' })
    .where('id', '=', merge.id)
    .execute()
  await audit.append(tx, {
    at: now,
    actor: { kind: 'system' },
    action: 'readers.merge-final',
    subject: { kind: 'reader', id: merge.kept_id },
    details: { merge: merge.id, dropped: merge.dropped_id },
  })
  return true
}
