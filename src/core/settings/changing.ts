import type { AuditLog } from '../audit/audit.ts'
import { byStaff } from '../audit/audit.ts'
import type { Clock } from '../shared/clock.ts'
import type { Transaction } from '../shared/db.ts'
import { sql } from '../shared/db.ts'
import type { Settings } from './settings.ts'
import { readSettings, storedForm, writeSetting } from './settings.ts'

/**
 * Changes what differs, with a line each in the history.
 * @returns the keys of what was changed
 */
export async function changeSettings(
  tx: Transaction,
  deps: { clock: Clock; audit: AuditLog },
  actor: { staffId: string },
  wanted: Partial<Settings>,
): Promise<(keyof Settings)[]> {
  // One after the other: the next one's «was» is this one's «became».
  await sql`select pg_advisory_xact_lock(hashtextextended('settings', 0))`.execute(tx)
  const before = await readSettings(tx)
  const changed: { key: keyof Settings; was: string; became: string }[] = []
  for (const key of Object.keys(wanted) as (keyof Settings)[]) {
    const value = wanted[key]
    if (value === undefined) continue
    const [was, became] = [storedForm(key, before[key]), storedForm(key, value)]
    if (was === became) continue
    await writeSetting(tx, key, value)
    changed.push({ key, was, became })
  }
  if (changed.length === 0) return []
  const at = deps.clock()
  await tx
    .insertInto('setting_changes')
    .values(changed.map((change) => ({ ...change, at, staff_id: actor.staffId })))
    .execute()
  const settings = changed.map(({ key }) => key)
  await deps.audit.append(tx, {
    at,
    actor: byStaff(actor.staffId),
    action: 'settings.change',
    subject: { kind: 'settings', id: null },
    details: { settings },
  })
  return settings
}
