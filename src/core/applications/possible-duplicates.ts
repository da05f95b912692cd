import { onRecord } from '../readers/duplicates.queries.ts'
import type { Transaction } from '../shared/db.ts'
import type { Authorised } from '../staff/actors.ts'

interface Waiting {
  id: string
  state: string
  full_name: string
  birth_date: string
  duplicate_of: string | null
}

/**
 * Ids of those questionnaires that wait and would register nothing, as somebody is on record under their name
 * and birth date. Operators see it of the records as they are at this moment: since a questionnaire came, a
 * reader may have been registered, mended or destroyed. Librarians see only what an operator has come upon:
 * that somebody is another library's reader is found by an exact look-up, and audited.
 */
export async function possibleDuplicates(
  tx: Transaction,
  actor: Authorised<'applications.read'>,
  rows: readonly Waiting[],
): Promise<Set<string>> {
  const waiting = rows.filter(({ state }) => state === 'sent')
  if (actor.libraries !== 'all')
    return new Set(waiting.filter((row) => row.duplicate_of !== null).map(({ id }) => id))
  const people = waiting.map((row) => ({ id: row.id, fullName: row.full_name, birthDate: row.birth_date }))
  return new Set((await onRecord(tx, people)).map(({ id }) => id))
}
