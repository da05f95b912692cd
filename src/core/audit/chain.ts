import type { Database, Transaction } from '../shared/db.ts'
import type { Sealer } from '../shared/sealing.ts'

/** An entry as the table has it, its link left out. */
export interface ChainedRow {
  seq: number
  at: Date
  actor_kind: string
  actor_id: string | null
  action: string
  subject_kind: string
  subject_id: string | null
  library_id: string | null
  details: unknown
}

/** How far the chain has come, and the link that stands there. */
export interface AuditHead {
  seq: number
  mac: Buffer
}

/** Before the first entry. */
export const chainBegin: AuditHead = { seq: 0, mac: Buffer.alloc(0) }

/** What makes the link of an entry with this number; undefined when nothing can check it any more. */
export type Linking = (seq: number) => Pick<Sealer, 'mac'> | undefined

/** What makes an entry's link: all before it, and itself. */
export const linkOf = (sealer: Pick<Sealer, 'mac'>, previous: Buffer, row: ChainedRow): Buffer =>
  sealer.mac(previous, canonical(row))

/** One spelling of an entry: fields in a fixed order, `details` by sorted keys as jsonb doesn't keep theirs. */
function canonical(row: ChainedRow): string {
  const details = Object.entries(row.details as Record<string, unknown>).toSorted(([a], [b]) =>
    a < b ? -1 : 1,
  )
  return JSON.stringify([
    row.seq,
    row.at.toISOString(),
    row.actor_kind,
    row.actor_id,
    row.action,
    row.subject_kind,
    row.subject_id,
    row.library_id,
    details,
  ])
}

/** The head as the database has it. */
export const storedHead = (db: Database | Transaction): Promise<AuditHead> =>
  db.selectFrom('audit_head').select(['seq', 'mac']).executeTakeFirstOrThrow()

/** Entries by their number, a page at a time: the log outgrows any memory. @param after a number; null: all */
export async function* entriesInOrder(tx: Database | Transaction, after: number | null) {
  const pageSize = 1000
  for (let last = after; ;) {
    let query = tx.selectFrom('audit_log').selectAll().orderBy('seq').limit(pageSize)
    if (last !== null) query = query.where('seq', '>', last)
    const page = await query.execute()
    yield* page
    const end = page.at(-1)
    if (!end || page.length < pageSize) return
    last = end.seq
  }
}

/** The log as it is at one moment: entries that come meanwhile are neither missing nor too many. */
export const inSnapshot = <Result>(
  db: Database,
  look: (tx: Transaction) => Promise<Result>,
): Promise<Result> => db.transaction().setIsolationLevel('repeatable read').execute(look)
