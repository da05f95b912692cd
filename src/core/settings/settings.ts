import { z } from 'zod'
import { isTimeZone } from '../shared/calendar.ts'
import type { Database, Transaction } from '../shared/db.ts'
import { cardSchemeSchema } from './card-scheme.ts'
import { columnsSchema, providerModes } from './provider.ts'

const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/)

/** Every setting of a region, with what holds until someone changes it. Where each is changed: `places.ts`. */
const settingSchemas = {
  'region.name': z.string().default('Смарт-библиотека'),
  /** IANA name; decides due dates, ages and quiet hours. */
  'region.timeZone': z.string().refine(isTimeZone).default('Europe/Moscow'),
  /** How long a decision can be taken back, and its messages wait; 0 leaves no time. */
  'queue.undoSeconds': z.int().min(0).max(300).default(20),
  /** A questionnaire that waits longer is overdue. */
  'queue.hoursLimit': z.int().min(1).max(1000).default(48),
  'loans.days': z.int().min(1).max(365).default(14),
  'loans.most': z.int().min(1).max(100).default(5),
  /** Whose fund is read: this system's own, an outside service's, or both. */
  'provider.mode': z.enum(providerModes).default('own'),
  /** The outside e-book service; empty when there is none. */
  'provider.name': z.string().default(''),
  'provider.address': z.string().default(''),
  /** Where its app is had for an iPhone, and for other phones. */
  'provider.appIos': z.string().default(''),
  'provider.appAndroid': z.string().default(''),
  /** What a reader is told besides. */
  'provider.instructions': z.string().max(1000).default(''),
  /** Of a work list, in their order. */
  'provider.columns': columnsSchema,
  /** With both funds: whether the first message waits for the provider's number. */
  'provider.tell': z.enum(['at_once', 'with_number']).default('at_once'),
  /** What needs the separate consent to handing data over. */
  'consents.handoverFor': z.enum(['none', 'provider', 'provider_and_sms']).default('provider'),
  /** Who signs from 14 to 18: the teenager alone, or together with a representative. */
  'consents.from14': z.enum(['self', 'both']).default('self'),
  /** How long a reader's own consent, or one to a new text, may wait before borrowing waits for it. */
  'consents.graceDays': z.int().min(1).max(365).default(30),
  /** Within how many days after a revocation the data are destroyed; the law allows 30 (152-ФЗ art. 21). */
  'consents.destroyDays': z.int().min(1).max(30).default(30),
  /** How the region numbers its cards. Numbers given before stay what they are. */
  'cards.scheme': cardSchemeSchema,
  /** Some numbers on record have letters: fields for numbers then don't call up a keyboard of digits. */
  'cards.letters': z.boolean().default(false),
  /** How many years a card is good from the day it is given or renewed; 0: without end. */
  'cards.validYears': z.int().min(0).max(50).default(0),
  /** A library with fewer free cards than that is to order more, unless it has a bound of its own. */
  'cards.lowStock': z.int().min(0).max(1000).default(20),
  /** SMS are silent from–to, `HH:MM` in the region's zone; both the same: never. */
  'sms.quietFrom': timeOfDay.default('00:00'),
  'sms.quietTo': timeOfDay.default('00:00'),
  /** How many parts of SMS a month may cost; 0: any number. */
  'sms.partsPerMonth': z.int().min(0).max(10_000_000).default(0),
  /** What letters to libraries and operators are written in. */
  'messages.libraryLanguage': z.enum(['ru', 'en']).default('ru'),
  /** Administrators and operators sign in with a second factor or not at all. */
  'staff.secondFactorRequired': z.boolean().default(false),
  /** Who answers the libraries' questions: the methodological department. */
  'department.name': z.string().max(200).default(''),
  'department.phone': z.string().max(100).default(''),
  'department.email': z.string().max(254).default(''),
  /** A year of being registered, after which one tap goes on with it. */
  'readers.renewDays': z.int().min(30).max(3660).default(365),
  /** A backup each night, at this time of the region's zone; so many are kept. */
  'backup.nightly': z.boolean().default(false),
  'backup.time': timeOfDay.default('03:00'),
  'backup.keep': z.int().min(1).max(365).default(7),
}

export type Settings = { [Key in keyof typeof settingSchemas]: z.output<(typeof settingSchemas)[Key]> }

export const settingKeys = Object.keys(settingSchemas) as (keyof Settings)[]

/** What holds until someone changes it. */
export const defaultSettings = (): Settings =>
  Object.fromEntries(settingKeys.map((key) => [key, settingSchemas[key].parse(undefined)])) as Settings

/** A form's fields, by the settings that they are. */
type FormOf<Of extends Record<string, keyof Settings>> = { [Name in keyof Of]: Settings[Of[Name]] }

export const formOf = <Of extends Record<string, keyof Settings>>(
  settingOf: Of,
  settings: Settings,
): FormOf<Of> =>
  Object.fromEntries(Object.entries(settingOf).map(([name, key]) => [name, settings[key]])) as FormOf<Of>

/** The settings that a form has fields of. */
export const settingsOf = <Of extends Record<string, keyof Settings>>(
  settingOf: Of,
  form: Partial<FormOf<Of>>,
): Partial<Settings> =>
  Object.fromEntries(
    Object.entries(settingOf).flatMap(([name, key]) => (name in form ? [[key, form[name]]] : [])),
  )

export async function readSettings(db: Database | Transaction): Promise<Settings> {
  const rows = await db.selectFrom('settings').select(['key', 'value']).execute()
  const stored = new Map(rows.map((row) => [row.key, row.value]))
  const entries = Object.entries(settingSchemas).map(([key, schema]) => [key, schema.parse(stored.get(key))])
  return Object.fromEntries(entries) as Settings
}

/** As it is kept. */
export const storedForm = <Key extends keyof Settings>(key: Key, value: Settings[Key]): string =>
  JSON.stringify(settingSchemas[key].parse(value))

export async function writeSetting<Key extends keyof Settings>(
  tx: Transaction,
  key: Key,
  value: Settings[Key],
) {
  const json = storedForm(key, value)
  await tx
    .insertInto('settings')
    .values({ key, value: json })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value: json }))
    .execute()
}
