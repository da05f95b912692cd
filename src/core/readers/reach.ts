import { hours, after } from '../shared/clock.ts'
import type { Transaction } from '../shared/db.ts'
import { notFound } from '../shared/errors.ts'
import type { Authorised, Permission } from '../staff/actors.ts'

/** How long an exact look-up (card, or full name with birth date) opens another library's reader. */
export const lookUpOpens = hours(1)

/** The audit log's name of an exact look-up; each entry names the one reader it found. */
export const exactLookUp = 'readers.find-exact'

/**
 * The reader, when the actor may reach him: one of his libraries', or one he has just found by an exact
 * look-up. The log of looks is what proves the look-up, so no one can open a record without a trace of how.
 * @throws notFound, also for a reader who exists elsewhere: the answer doesn't tell
 */
export async function reachReader(
  tx: Transaction,
  actor: Authorised<Permission>,
  readerId: string,
  now: Date,
): Promise<{ libraryId: string; elsewhere: boolean }> {
  const reader = await tx
    .selectFrom('readers')
    .select('library_id')
    .where('id', '=', readerId)
    .executeTakeFirstOrThrow(() => notFound())
  const own = actor.libraries === 'all' || actor.libraries.includes(reader.library_id)
  if (!own && !(await lookedUp(tx, actor.staffId, readerId, now))) throw notFound()
  return { libraryId: reader.library_id, elsewhere: !own }
}

async function lookedUp(tx: Transaction, staffId: string, readerId: string, now: Date): Promise<boolean> {
  const entry = await tx
    .selectFrom('audit_log')
    .select('seq')
    .where('subject_kind', '=', 'reader')
    .where('subject_id', '=', readerId)
    .where('action', '=', exactLookUp)
    .where('actor_id', '=', staffId)
    .where('at', '>', after(now, -lookUpOpens))
    .limit(1)
    .executeTakeFirst()
  return entry !== undefined
}
