import { z } from 'zod'
import type { AuditLog } from '../audit/audit.ts'
import { releaseAllHeld } from '../readers/held-messages.ts'
import type { Column, ColumnField } from '../settings/provider.ts'
import { columnFields, neededFields, providerModes, tellsWithNumber } from '../settings/provider.ts'
import type { Settings } from '../settings/settings.ts'
import { changeSettings } from '../settings/changing.ts'
import { formOf, readSettings, settingsOf } from '../settings/settings.ts'
import { touched } from '../settings/touched.ts'
import type { Clock } from '../shared/clock.ts'
import type { Database } from '../shared/db.ts'
import { inTransaction } from '../shared/db.ts'
import { wholeField } from '../shared/form-fields.ts'
import type { Authorised } from '../staff/actors.ts'

/** An address that a link may have: of the web, nothing that a browser would run. */
const address = z
  .string()
  .trim()
  .max(200, 'provider_address')
  .refine((typed) => typed === '' || /^https?:\/\/[^\s/]+\.[^\s]+$/i.test(typed), 'provider_address')

const place = z.preprocess(
  (typed) => (typeof typed === 'string' && typed.trim() === '' ? undefined : typed),
  wholeField(1, 99, 'provider_place').optional(),
)
/** What each field's column is called and where it stands; without a place it isn't in the list. */
const columnShape = Object.fromEntries(
  columnFields.flatMap((field) => [
    [`${field}Title`, z.string().trim().max(100, 'provider_title_long').default('')],
    [`${field}Place`, place],
  ]),
) as Record<`${ColumnField}Title`, z.ZodDefault<z.ZodString>> & Record<`${ColumnField}Place`, typeof place>

/** The settings of a region about an outside service, as one form. */
export const providerSettingsSchema = z
  .object({
    mode: z.enum(providerModes),
    name: z.string().trim().max(200),
    address,
    appIos: address,
    appAndroid: address,
    instructions: z.string().trim().max(1000, 'provider_instructions_long'),
    tell: z.enum(['at_once', 'with_number']).default('at_once'),
    ...columnShape,
  })
  .superRefine((typed, context) => {
    const wrong = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message })
    if (typed.mode !== 'own' && typed.name === '') wrong('name', 'provider_name_missing')
    const titles = new Set<string>()
    for (const { field, title } of columnsOf(typed)) {
      if (title === '') wrong(`${field}Title`, 'provider_title_missing')
      else if (titles.has(title.toLowerCase())) wrong(`${field}Title`, 'provider_title_twice')
      titles.add(title.toLowerCase())
    }
    for (const field of neededFields)
      if (typed[`${field}Place`] === undefined) wrong(`${field}Place`, 'provider_column_needed')
  })
export type ProviderSettingsInput = z.output<typeof providerSettingsSchema>

/** What makes the columns of the lists. */
const columnNames = Object.keys(columnShape) as (keyof typeof columnShape)[]

/**
 * What of a form its sender has changed. Columns are one setting; where readers are sent has a name, the one that was
 * seen beside the choice.
 */
export function touchedService(
  form: ProviderSettingsInput & { shown: string },
): Partial<ProviderSettingsInput> {
  const changed = touched(providerSettingsSchema, form, columnNames)
  return changed.mode ? { ...changed, name: form.name } : changed
}

/** The columns in their order. */
const columnsOf = (
  typed: Record<`${ColumnField}Title`, string> & Partial<Record<`${ColumnField}Place`, number | undefined>>,
): Column[] =>
  columnFields
    .flatMap((field) => {
      const at = typed[`${field}Place`]
      return at === undefined ? [] : [{ field, title: typed[`${field}Title`], at }]
    })
    .toSorted((a, b) => a.at - b.at)
    .map(({ field, title }) => ({ field, title }))

const hasColumns = (
  input: Partial<ProviderSettingsInput>,
): input is Partial<ProviderSettingsInput> & Pick<ProviderSettingsInput, keyof typeof columnShape> =>
  columnNames.some((name) => name in input)

const settingOf = {
  mode: 'provider.mode',
  name: 'provider.name',
  address: 'provider.address',
  appIos: 'provider.appIos',
  appAndroid: 'provider.appAndroid',
  instructions: 'provider.instructions',
  tell: 'provider.tell',
} as const satisfies Record<string, keyof Settings>
type Plain = keyof typeof settingOf

export type ProviderSettings = Pick<ProviderSettingsInput, Plain> & { columns: Column[] }

export function createProviderSettings(deps: { db: Database; clock: Clock; audit: AuditLog }) {
  const { db } = deps
  return {
    async read(_actor: Authorised<'providers.configure'>): Promise<ProviderSettings> {
      const settings = await readSettings(db)
      return { ...formOf(settingOf, settings), columns: settings['provider.columns'] }
    },

    /** Changes what differs. Accounts that are there stay. Columns are given all together or not at all. */
    async change(
      actor: Authorised<'providers.configure'>,
      input: Partial<ProviderSettingsInput>,
    ): Promise<void> {
      const settings = {
        ...settingsOf(settingOf, input),
        ...(hasColumns(input) && { 'provider.columns': columnsOf(input) }),
      }
      await inTransaction(db, async (tx) => {
        if (!tellsWithNumber({ ...(await readSettings(tx)), ...settings })) await releaseAllHeld(tx)
        await changeSettings(tx, deps, actor, settings)
      })
    },
  }
}
