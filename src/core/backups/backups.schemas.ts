import { z } from 'zod'
import type { Settings } from '../settings/settings.ts'
import { checkbox, wholeField } from '../shared/form-fields.ts'

/** The settings of a region about its backups, as one form. */
export const backupRulesSchema = z.object({
  nightly: checkbox,
  time: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'time_wrong'),
  keep: wholeField(1, 365, 'backups_keep'),
})
export type BackupRules = z.output<typeof backupRulesSchema>

export const settingOf = {
  nightly: 'backup.nightly',
  time: 'backup.time',
  keep: 'backup.keep',
} as const satisfies Record<keyof BackupRules, keyof Settings>
