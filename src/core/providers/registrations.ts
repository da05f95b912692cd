import { nameKey } from '../readers/names.ts'
import type { ProviderState } from '../readers/provider-states.ts'
import type { Database, Transaction } from '../shared/db.ts'
import type { FilledRow } from './filled-list.ts'
import type { RowFault } from './providers.ts'

/** What the key of a work list's row stands for. */
export interface Registration {
  id: string
  readerId: string
  libraryId: string
  provider: string
  fullName: string
  /** `to_close` and `closed` for one whose reader has revoked since. */
  state: ProviderState
  number: string | null
}

/** @param id the key of its row */
export async function registrationOf(
  db: Database | Transaction,
  id: string,
): Promise<Registration | undefined> {
  const row = await db
    .selectFrom('provider_registrations as p')
    .innerJoin('readers as r', 'r.id', 'p.reader_id')
    .leftJoin('provider_accounts as a', 'a.reader_id', 'p.reader_id')
    .select(['p.id', 'p.reader_id as readerId', 'r.library_id as libraryId', 'p.provider', 'p.state'])
    .select(['r.full_name as fullName', 'a.number'])
    .where('p.id', '=', id)
    .executeTakeFirst()
  if (row) return { ...row, state: row.state as ProviderState }
  const closing = await db
    .selectFrom('provider_closings as c')
    .innerJoin('readers as r', 'r.id', 'c.reader_id')
    .select(['c.id', 'c.reader_id as readerId', 'r.library_id as libraryId', 'c.provider', 'c.number'])
    .select(['r.full_name as fullName', 'c.closed_at'])
    .where('c.id', '=', id)
    .executeTakeFirst()
  return closing && { ...closing, state: closing.closed_at ? 'closed' : 'to_close' }
}

/** The same, its reader locked first, as everybody does who changes something of his. */
export async function locked(tx: Transaction, id: string): Promise<Registration | undefined> {
  const found = await registrationOf(tx, id)
  if (!found) return undefined
  await tx.selectFrom('readers').select('id').where('id', '=', found.readerId).forNoKeyUpdate().execute()
  return registrationOf(tx, id)
}

/** What is wrong with a row beside what is stored. */
export function faultWith(row: FilledRow, found: Registration | undefined): RowFault | undefined {
  if (!found) return 'key_unknown'
  if (found.state === 'to_close' || found.state === 'closed') return 'withdrawn'
  // Whoever sorts one column alone puts everybody's password beside another's name.
  if (row.fullName && nameKey(row.fullName) !== nameKey(found.fullName)) return 'other_person'
  if (found.number && row.number !== found.number) return 'other_number'
  return undefined
}

/** Whether another reader has the number. */
export async function takenBy(
  db: Database | Transaction,
  { number }: FilledRow,
  found: Registration | undefined,
): Promise<'number_taken' | undefined> {
  if (!number || !found) return undefined
  const other = await db
    .selectFrom('provider_accounts')
    .select('reader_id')
    .where('number', '=', number)
    .where('provider', '=', found.provider)
    .where('reader_id', '<>', found.readerId)
    .limit(1)
    .executeTakeFirst()
  return other && 'number_taken'
}
