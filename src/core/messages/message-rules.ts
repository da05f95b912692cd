import type { AuditLog } from '../audit/audit.ts'
import type { Settings } from '../settings/settings.ts'
import { changeSettings } from '../settings/changing.ts'
import { formOf, readSettings, settingsOf } from '../settings/settings.ts'
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

/** When SMS rest, how many a month may cost, and what letters to libraries are written in. */
export function createMessageRules(deps: { db: Database; clock: Clock; audit: AuditLog }) {
  const { db } = deps
  return {
    async read(_actor: Authorised<'messages.configure'>): Promise<MessageRules> {
      return formOf(settingOf, await readSettings(db))
    },

    /** Changes what differs; what is left out stays. */
    async change(actor: Authorised<'messages.configure'>, rules: Partial<MessageRules>): Promise<void> {
      await inTransaction(db, (tx) => changeSettings(tx, deps, actor, settingsOf(settingOf, rules)))
    },
  }
}
