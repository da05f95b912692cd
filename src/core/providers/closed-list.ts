import type { SheetRow } from '#protocols/sheet/sheet.ts'
import type { AuditLog } from '../audit/audit.ts'
import { nameKey } from '../readers/names.ts'
import { closeAccount } from '../readers/provider-closings.ts'
import type { Database, Transaction } from '../shared/db.ts'
import type { FaultyRow } from './filled-list.ts'
import { isKey, repeated } from './filled-list.ts'
import type { RowFault } from './providers.ts'
import { registrationOf } from './registrations.ts'

/** Above the column of a list to close in which somebody says what is closed; by it the file is known again. */
export const closedTitle = 'Закрыта (да)'

/** One row of a list to close that has come back. */
export interface ClosedRow {
  row: number
  key: string
  /** '' where the list has no such column. */
  fullName: string
  /** Undefined: nobody knows what was meant. */
  closed: boolean | undefined
}

const yes = /^(да|yes|y|\+|1|[xхv✓]|закрыт[ао]?|\d{1,4}[.-]\d{1,2}[.-]\d{1,4})\.?$/iu
const no = /^(нет|no|[-–—]|0)?\.?$/iu

export const closedRow = (
  { number: row, cells }: SheetRow,
  places: { key: number; fullName: number; closed: number },
): ClosedRow => {
  const said = cells[places.closed] ?? ''
  return {
    row,
    key: (cells[places.key] ?? '').toLowerCase(),
    fullName: cells[places.fullName] ?? '',
    closed: yes.test(said) ? true : no.test(said) ? false : undefined,
  }
}

/** What is wrong with the rows by themselves. */
export function closedFaults(rows: readonly ClosedRow[]): FaultyRow[] {
  const twice = repeated(rows.map(({ key }) => key))
  const codeOf = ({ key, closed }: ClosedRow): RowFault | undefined => {
    if (!isKey(key)) return 'key_unknown'
    if (twice.has(key)) return 'key_twice'
    return closed === undefined ? 'closed_unclear' : undefined
  }
  return rows.flatMap((row) => {
    const code = codeOf(row)
    return code ? [{ row: row.row, code }] : []
  })
}

/** What is wrong with a row beside what is stored. */
export async function closedFaultWith(
  db: Database | Transaction,
  { key, fullName }: ClosedRow,
): Promise<RowFault | undefined> {
  const found = await registrationOf(db, key)
  if (!found) return 'key_unknown'
  if (fullName && nameKey(fullName) !== nameKey(found.fullName)) return 'other_person'
  return found.state === 'to_close' || found.state === 'closed' ? undefined : 'not_to_close'
}

/** Notes one account as closed, or says why not. The same row once more changes nothing. */
export async function takeClosed(
  tx: Transaction,
  audit: AuditLog,
  row: ClosedRow,
  by: { staffId: string; at: Date },
): Promise<'closed' | 'already' | { fault: RowFault }> {
  const fault = await closedFaultWith(tx, row)
  if (fault) return { fault }
  return (await closeAccount(tx, audit, row.key, by)) ?? { fault: 'not_to_close' }
}
