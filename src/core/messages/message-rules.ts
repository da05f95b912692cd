import type { AuditLog } from '../audit/audit.ts'
import { byStaff } from '../audit/audit.ts'
import type { Settings } from '../settings/settings.ts'
import { readSettings, writeSetting } from '../settings/settings.ts'
import type { Clock } from '../shared/clock.ts'
import type { Database } from '../shared/db.ts'
import { inTransaction } from '../shared/db.ts'
import type { Authorised } from '../staff/actors.ts'
import type { MessageRules } from './messages.schemas.ts'

const settingOf = {
  quietFrom: 'sms.quietFrom',
  quietTo: 'sms.quietTo',
  partsPerMonth: 'sms.partsPerMonth',
  libraryLanguage: 'messages.libraryLanguage',
} as const satisfies Record<keyof MessageRules, keyof Settings>
const ruleNames = Object.keys(settingOf) as (keyof MessageRules)[]

/** When SMS rest, how many a month may cost, and what letters to libraries are written in. */
export function createMessageRules(deps: { db: Database; clock: Clock; audit: AuditLog }) {
  const { db, clock, audit } = deps
  return {
    async read(_actor: Authorised<'messages.configure'>): Promise<MessageRules> {
      const settings = await readSettings(db)
      return Object.fromEntries(ruleNames.map((name) => [name, settings[settingOf[name]]])) as MessageRules
    },

    /** Changes what differs. */
    change(actor: Authorised<'messages.configure'>, rules: MessageRules): Promise<void> {
      return inTransaction(db, async (tx) => {
        const before = await readSettings(tx)
        const changed = ruleNames.filter((name) => before[settingOf[name]] !== rules[name])
        for (const name of changed) await writeSetting(tx, settingOf[name], rules[name])
        if (changed.length > 0)
          await audit.append(tx, {
            at: clock(),
            actor: byStaff(actor.staffId),
            action: 'settings.change',
            subject: { kind: 'settings', id: null },
            details: { settings: changed.map((name) => settingOf[name]) },
          })
      })
    },
  }
}
