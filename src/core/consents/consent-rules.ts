import { z } from 'zod'
import type { AuditLog } from '../audit/audit.ts'
import type { Settings } from '../settings/settings.ts'
import { changeSettings } from '../settings/changing.ts'
import { formOf, readSettings, settingsOf } from '../settings/settings.ts'
import type { Clock } from '../shared/clock.ts'
import type { Database } from '../shared/db.ts'
import { inTransaction } from '../shared/db.ts'
import { wholeField } from '../shared/form-fields.ts'
import type { Authorised } from '../staff/actors.ts'

const days = (least: number, most: number) => wholeField(least, most, 'days_wrong')

/** The settings of a region about consents and registrations, as one form. */
export const rulesSchema = z.object({
  handoverFor: z.enum(['none', 'provider', 'provider_and_sms']),
  from14: z.enum(['self', 'both']),
  graceDays: days(1, 365),
  destroyDays: days(1, 30),
  renewDays: days(30, 3660),
})
export type ConsentRules = z.infer<typeof rulesSchema>

const settingOf = {
  handoverFor: 'consents.handoverFor',
  from14: 'consents.from14',
  graceDays: 'consents.graceDays',
  destroyDays: 'consents.destroyDays',
  renewDays: 'readers.renewDays',
} as const satisfies Record<keyof ConsentRules, keyof Settings>

export function createConsentRules(deps: { db: Database; clock: Clock; audit: AuditLog }) {
  const { db } = deps
  return {
    async read(_actor: Authorised<'consents.read'>): Promise<ConsentRules> {
      return formOf(settingOf, await readSettings(db))
    },

    /** Changes what differs; what is left out stays. @returns the names of the changed settings */
    change(actor: Authorised<'consents.publish'>, rules: Partial<ConsentRules>): Promise<string[]> {
      return inTransaction(db, (tx) => changeSettings(tx, deps, actor, settingsOf(settingOf, rules)))
    },
  }
}
