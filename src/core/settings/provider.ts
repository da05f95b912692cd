import { z } from 'zod'
import type { Settings } from './settings.ts'

/** Whose fund a region's readers read: its own, an outside service's, or both. */
export const providerModes = ['own', 'both', 'files'] as const
export type ProviderMode = (typeof providerModes)[number]

/** What a column of a work list may hold. */
export const columnFields = [
  'key',
  'fullName',
  'surname',
  'givenName',
  'patronymic',
  'birthDate',
  'email',
  'phone',
  'card',
  'library',
  'number',
  'password',
  'reason',
] as const
export type ColumnField = (typeof columnFields)[number]
export interface Column {
  field: ColumnField
  title: string
}

/** Without these a filled-in list can't be taken back. */
export const neededFields: readonly ColumnField[] = ['key', 'number', 'password']

const usual: Column[] = [
  { field: 'key', title: 'Ключ строки (не менять)' },
  { field: 'fullName', title: 'ФИО' },
  { field: 'email', title: 'Электронная почта' },
  { field: 'birthDate', title: 'Дата рождения' },
  { field: 'phone', title: 'Контактный телефон' },
  { field: 'number', title: 'Номер читательского билета' },
  { field: 'password', title: 'Пароль' },
  { field: 'reason', title: 'Причина отказа' },
]

export const columnsSchema = z
  .array(z.object({ field: z.enum(columnFields), title: z.string().min(1).max(100) }))
  .refine((columns) => neededFields.every((needed) => columns.some(({ field }) => field === needed)))
  .default(usual)

type Part = Pick<Settings, 'provider.mode' | 'provider.name' | 'provider.tell'>

/** Readers get accounts at an outside service. */
export const usesProvider = (settings: Part): boolean =>
  settings['provider.mode'] !== 'own' && settings['provider.name'] !== ''

/** The catalogue, the shelf and the reader's page of this system are in use. */
export const ownFund = (settings: Pick<Settings, 'provider.mode'>): boolean =>
  settings['provider.mode'] !== 'files'

/** A reader is told only once the provider's number is there. */
export const tellsWithNumber = (settings: Part): boolean =>
  !ownFund(settings) || (usesProvider(settings) && settings['provider.tell'] === 'with_number')

/** Where readers of the provider's books go. */
export interface WhereToGo {
  address: string
  /** Where its app is had, a line each. */
  apps: string[]
  instructions: string
}

export const whereToGo = (settings: Settings): WhereToGo => ({
  address: settings['provider.address'],
  apps: [
    ...(settings['provider.appIos'] ? [`iPhone: ${settings['provider.appIos']}`] : []),
    ...(settings['provider.appAndroid'] ? [`Android: ${settings['provider.appAndroid']}`] : []),
  ],
  instructions: settings['provider.instructions'],
})
