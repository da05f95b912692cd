import type { Database, Transaction } from '../shared/db.ts'
import type { Sealer } from '../shared/sealing.ts'
import type { ChainedRow } from './chain.ts'
import { linkOf } from './chain.ts'
import type { AuditFault } from './verifying.ts'
import { verifyChain } from './verifying.ts'

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
  /** Walks the chain; undefined when the log is whole. */
  verify(db: Database): Promise<AuditFault[] | undefined>
}

export function createAuditLog(sealer: Sealer): AuditLog {
  return {
    async append(tx, ...entries) {
      if (entries.length === 0) return
      const head = await tx
        .selectFrom('audit_head')
        .select(['seq', 'mac', 'key'])
        .forUpdate()
        .executeTakeFirstOrThrow()
      let { seq, mac } = head
      // Under another key nobody could check the entry, nor open what its change has sealed: nothing is committed.
      if (head.key !== null && head.key !== sealer.fingerprint)
        throw new Error('the installation’s key was changed: this process must be started anew')
      const rows = entries.map((entry) => {
        seq += 1
        const row = toRow(entry, seq)
        mac = linkOf(sealer, mac, row)
        return { ...row, details: JSON.stringify(row.details), mac }
      })
      await tx.insertInto('audit_log').values(rows).execute()
      await tx.updateTable('audit_head').set({ seq, mac }).execute()
    },
    verify: (db) => verifyChain(db, sealer),
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

/** For entries about something that a staff member did. */
export const byStaff = (staffId: string) => ({ kind: 'staff', id: staffId }) as const

/** The same where the console may do it too. */
export const byStaffOrConsole = (actor: object): AuditEntry['actor'] =>
  'staffId' in actor ? byStaff(String(actor.staffId)) : { kind: 'system' }
