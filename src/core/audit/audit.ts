import type { Database, Transaction } from '../shared/db.ts'
import type { Sealer } from '../shared/sealing.ts'

export interface AuditEntry {
  at: Date
  actor: { kind: 'staff' | 'reader'; id: string } | { kind: 'system' }
  /** `feature.what`, for example `applications.register`. */
  action: string
  subject: { kind: string; id: string | null }
  libraryId?: string | null
  /** Ids, counts and field names; never a person's data. */
  details?: Record<string, string | number | boolean | null | readonly string[]>
}

export interface AuditLog {
  /**
   * Appends entries within the caller's transaction. Call it last: it holds the chain's head until commit.
   */
  append(tx: Transaction, ...entries: AuditEntry[]): Promise<void>
  /** Walks the chain; the sequence number of the first entry that doesn't fit, or undefined. */
  verify(db: Database): Promise<number | undefined>
}

interface ChainedRow {
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

export function createAuditLog(sealer: Sealer): AuditLog {
  const link = (previous: Buffer, row: ChainedRow) => sealer.mac(previous, canonical(row))
  return {
    async append(tx, ...entries) {
      if (entries.length === 0) return
      const head = await tx
        .selectFrom('audit_head')
        .select(['seq', 'mac'])
        .forUpdate()
        .executeTakeFirstOrThrow()
      let { seq, mac } = head
      const rows = entries.map((entry) => {
        seq += 1
        const row = toRow(entry, seq)
        mac = link(mac, row)
        return { ...row, details: JSON.stringify(row.details), mac }
      })
      await tx.insertInto('audit_log').values(rows).execute()
      await tx.updateTable('audit_head').set({ seq, mac }).execute()
    },
    async verify(db) {
      let previous: Buffer = Buffer.alloc(0)
      let expectedSeq = 1
      for await (const row of inOrder(db)) {
        if (row.seq !== expectedSeq || !link(previous, row).equals(row.mac)) return expectedSeq
        previous = row.mac
        expectedSeq += 1
      }
      const head = await db.selectFrom('audit_head').select(['seq', 'mac']).executeTakeFirstOrThrow()
      return head.seq === expectedSeq - 1 && head.mac.equals(previous) ? undefined : expectedSeq
    },
  }
}

/** Every entry by its number, a page at a time: the log outgrows any memory. */
async function* inOrder(db: Database) {
  const pageSize = 1000
  for (let last = -1; ;) {
    const page = await db
      .selectFrom('audit_log')
      .selectAll()
      .where('seq', '>', last)
      .orderBy('seq')
      .limit(pageSize)
      .execute()
    yield* page
    const end = page.at(-1)
    if (!end || page.length < pageSize) return
    last = end.seq
  }
}

const toRow = (entry: AuditEntry, seq: number): ChainedRow => ({
  seq,
  at: entry.at,
  actor_kind: entry.actor.kind,
  actor_id: 'id' in entry.actor ? entry.actor.id : null,
  action: entry.action,
  subject_kind: entry.subject.kind,
  subject_id: entry.subject.id,
  library_id: entry.libraryId ?? null,
  details: entry.details ?? {},
})

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

/** For entries about something that a staff member did. */
export const byStaff = (staffId: string) => ({ kind: 'staff', id: staffId }) as const

/** The same where the console may do it too. */
export const byStaffOrConsole = (actor: object): AuditEntry['actor'] =>
  'staffId' in actor ? byStaff(String(actor.staffId)) : { kind: 'system' }
