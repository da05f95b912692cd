import { z } from 'zod'
import type { AuditLog } from '../audit/audit.ts'
import { isTimeZone } from '../shared/calendar.ts'
import type { Clock } from '../shared/clock.ts'
import type { Database } from '../shared/db.ts'
import { inTransaction } from '../shared/db.ts'
import { wholeField } from '../shared/form-fields.ts'
import type { Authorised } from '../staff/actors.ts'
import { changeSettings } from './changing.ts'
import type { Settings } from './settings.ts'
import { formOf, readSettings, settingsOf } from './settings.ts'

const whole = (least: number, most: number) => wholeField(least, most, 'setting_range')

/** The settings that have no page of their own, as one form. */
export const generalSettingsSchema = z.object({
  regionName: z.string().trim().min(1, 'required').max(200, 'name_long'),
  timeZone: z.string().refine(isTimeZone, 'time_zone_unknown'),
  undoSeconds: whole(0, 300),
  hoursLimit: whole(1, 1000),
  loanDays: whole(1, 365),
  loansMost: whole(1, 100),
})
export type GeneralSettings = z.output<typeof generalSettingsSchema>

const settingOf = {
  regionName: 'region.name',
  timeZone: 'region.timeZone',
  undoSeconds: 'queue.undoSeconds',
  hoursLimit: 'queue.hoursLimit',
  loanDays: 'loans.days',
  loansMost: 'loans.most',
} as const satisfies Record<keyof GeneralSettings, keyof Settings>

export function createGeneralSettings(deps: { db: Database; clock: Clock; audit: AuditLog }) {
  const { db } = deps
  return {
    async general(_actor: Authorised<'settings.change'>): Promise<GeneralSettings> {
      return formOf(settingOf, await readSettings(db))
    },

    /** Changes what differs; what is left out stays. */
    async changeGeneral(actor: Authorised<'settings.change'>, form: Partial<GeneralSettings>): Promise<void> {
      await inTransaction(db, (tx) => changeSettings(tx, deps, actor, settingsOf(settingOf, form)))
    },
  }
}
