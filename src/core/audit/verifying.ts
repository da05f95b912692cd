import type { Database, Transaction } from '../shared/db.ts'
import type { Sealer } from '../shared/sealing.ts'
import type { AuditHead, ChainedRow, Linking } from './chain.ts'
import { chainBegin, entriesInOrder, inSnapshot, linkOf, storedHead } from './chain.ts'
import { linkingOf } from './retired-keys.ts'

/**
 * What is wrong with the log, and in which entries (the first and the last of them).
 * `changed`: their content or their links. `removed`: they are missing between others. `cut`: they are missing at
 * the end. `rebuilt`: from here to the end the chain was made anew without the key. `another`: a sound chain, but
 * not the one whose head is kept outside the database. `head`: the database's own note of the end is another.
 */
export interface AuditFault {
  kind: 'changed' | 'removed' | 'cut' | 'rebuilt' | 'another' | 'head'
  from: number
  to: number
}

/**
 * Walks the whole chain.
 * @param outside the head that is kept outside the database, read before this is called; without it a tail that was
 *   cut together with the database's note of it is not found
 * @returns undefined when the log is whole
 */
export async function verifyChain(
  db: Database,
  sealer: Sealer,
  outside?: AuditHead,
): Promise<AuditFault[] | undefined> {
  const faults = await inSnapshot(db, (tx) => findFaults(tx, sealer, outside))
  return faults.length > 0 ? faults : undefined
}

/** Entries in a row whose links don't fit. */
interface Run {
  from: number
  /** The outside head knows a link among them: whoever changed them left the links alone. */
  vouched: boolean
}

async function findFaults(tx: Transaction, sealer: Sealer, outside?: AuditHead): Promise<AuditFault[]> {
  const head = await storedHead(tx)
  const linking = await linkingOf(tx, sealer)
  const faults: AuditFault[] = []
  let last = chainBegin
  // After a gap the link before is unknown: the next entry can't be checked by itself.
  let gap = false
  let run: Run | undefined
  let another = false
  const endRun = (atEnd: boolean) => {
    if (!run) return
    const { from, vouched } = run
    const rebuilt = atEnd && last.seq > from && !vouched
    faults.push({ kind: rebuilt ? 'rebuilt' : 'changed', from, to: last.seq })
    run = undefined
  }
  for await (const row of entriesInOrder(tx, null)) {
    if (row.seq <= last.seq) {
      faults.push({ kind: 'changed', from: row.seq, to: row.seq })
      continue
    }
    if (row.seq > last.seq + 1) {
      endRun(false)
      faults.push({ kind: 'removed', from: last.seq + 1, to: row.seq - 1 })
      gap = true
    }
    const known = outside?.seq === row.seq ? outside.mac.equals(row.mac) : undefined
    if (gap || fits(linking, last, row)) {
      endRun(false)
      if (known === false) another = true
    } else {
      run ??= { from: row.seq, vouched: false }
      if (known) run.vouched = true
    }
    gap = false
    last = row
  }
  endRun(true)
  if (another && outside) faults.push({ kind: 'another', from: outside.seq, to: last.seq })
  const end = Math.max(head.seq, outside?.seq ?? 0)
  if (end > last.seq) faults.push({ kind: 'cut', from: last.seq + 1, to: end })
  else if (faults.length === 0 && !isHead(head, last))
    faults.push({ kind: 'head', from: head.seq, to: last.seq })
  return faults
}

/**
 * The head of the database's log, if the chain leads from a known head to it without a fault; else undefined.
 * Takes as long as what was added since.
 */
export const soundHeadAfter = (
  db: Database,
  sealer: Sealer,
  known: AuditHead,
): Promise<AuditHead | undefined> =>
  inSnapshot(db, async (tx) => {
    const head = await storedHead(tx)
    const linking = await linkingOf(tx, sealer)
    if (known.seq > 0 && !(await stands(tx, known))) return undefined
    let last = known
    for await (const row of entriesInOrder(tx, known.seq)) {
      if (row.seq !== last.seq + 1 || !fits(linking, last, row)) return undefined
      last = { seq: row.seq, mac: row.mac }
    }
    return isHead(head, last) ? last : undefined
  })

function fits(linking: Linking, previous: AuditHead, row: ChainedRow & { mac: Buffer }): boolean {
  const sealer = linking(row.seq)
  return !sealer || linkOf(sealer, previous.mac, row).equals(row.mac)
}

const isHead = (head: AuditHead, last: AuditHead): boolean =>
  head.seq === last.seq && head.mac.equals(last.mac)

async function stands(tx: Transaction, { seq, mac }: AuditHead): Promise<boolean> {
  const row = await tx.selectFrom('audit_log').select('mac').where('seq', '=', seq).executeTakeFirst()
  return row?.mac.equals(mac) ?? false
}
