import { z } from 'zod'
import type { Database } from '../shared/db.ts'
import { wholeNumber } from '../shared/form-fields.ts'
import type { Authorised } from '../staff/actors.ts'
import type { SettingsPlace } from './places.ts'
import { placeOf, settingsPages } from './places.ts'
import type { Settings } from './settings.ts'
import { defaultSettings, readSettings, settingKeys } from './settings.ts'

/** As it goes to a page: text, number, yes or no, or what has a form of its own. */
export type SettingValue = Settings[keyof Settings]

export interface SettingsGroup {
  place: SettingsPlace
  path: string
  settings: { key: keyof Settings; value: SettingValue; usual: SettingValue; changed: boolean }[]
}

export interface SettingChange {
  id: number
  at: Date
  by: string
  /** A setting may be gone that a line of the history is about. */
  key: string
  was: unknown
  became: unknown
}

/** From which line of the history it goes on; nonsense begins at the newest. */
export const historySchema = z.object({
  before: wholeNumber.optional().catch(undefined),
})

const linesAtOnce = 50

export const createSettingsOverview = ({ db }: { db: Database }) => ({
  /** Every setting that somebody sets, by the page where that is done. */
  async overview(_actor: Authorised<'settings.change'>): Promise<SettingsGroup[]> {
    const [settings, usual] = [await readSettings(db), defaultSettings()]
    return (Object.keys(settingsPages) as SettingsPlace[]).map((place) => ({
      place,
      path: settingsPages[place].path,
      settings: settingKeys
        .filter((key) => placeOf[key] === place)
        .map((key) => ({
          key,
          value: settings[key],
          usual: usual[key],
          changed: JSON.stringify(settings[key]) !== JSON.stringify(usual[key]),
        })),
    }))
  },

  /** Who changed what, newest first. @returns `next`: from where it goes on, when there is more */
  async history(
    _actor: Authorised<'settings.change'>,
    before: number | undefined,
  ): Promise<{ changes: SettingChange[]; next: number | undefined }> {
    const rows = await db
      .selectFrom('setting_changes as c')
      .innerJoin('staff as s', 's.id', 'c.staff_id')
      .select(['c.id', 'c.at', 's.full_name', 'c.key', 'c.was', 'c.became'])
      .$if(before !== undefined, (query) => query.where('c.id', '<', before ?? 0))
      .orderBy('c.id', 'desc')
      .limit(linesAtOnce + 1)
      .execute()
    const changes = rows.slice(0, linesAtOnce).map(({ full_name: by, ...change }) => ({ ...change, by }))
    return { changes, next: rows.length > linesAtOnce ? changes.at(-1)?.id : undefined }
  },
})
