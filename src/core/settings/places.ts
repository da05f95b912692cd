import type { Permission } from '../staff/actors.ts'
import type { Settings } from './settings.ts'

/** A page on which settings are changed, and what that asks for. */
export interface SettingsPage {
  path: string
  permission: Permission
}

export const settingsPages = {
  general: { path: '/staff/settings', permission: 'settings.change' },
  messages: { path: '/staff/settings/messages', permission: 'messages.configure' },
  consents: { path: '/staff/settings/consents', permission: 'consents.publish' },
  cards: { path: '/staff/settings/cards', permission: 'cards.number' },
  provider: { path: '/staff/settings/provider', permission: 'providers.configure' },
  signIn: { path: '/staff/settings/sign-in', permission: 'staff.secure' },
  department: { path: '/staff/settings/department', permission: 'network.manage' },
  backup: { path: '/staff/settings/backup', permission: 'backups.manage' },
} as const satisfies Record<string, SettingsPage>
export type SettingsPlace = keyof typeof settingsPages

/** Where each setting is changed. `system`: it follows from what happens, nobody sets it. */
export const placeOf: Readonly<Record<keyof Settings, SettingsPlace | 'system'>> = {
  'region.name': 'general',
  'region.timeZone': 'general',
  'queue.undoSeconds': 'general',
  'queue.hoursLimit': 'general',
  'loans.days': 'general',
  'loans.most': 'general',
  'messages.libraryLanguage': 'messages',
  'sms.quietFrom': 'messages',
  'sms.quietTo': 'messages',
  'sms.partsPerMonth': 'messages',
  'consents.handoverFor': 'consents',
  'consents.from14': 'consents',
  'consents.graceDays': 'consents',
  'consents.destroyDays': 'consents',
  'readers.renewDays': 'consents',
  'cards.scheme': 'cards',
  'cards.lowStock': 'cards',
  'cards.validYears': 'cards',
  'cards.letters': 'system',
  'provider.mode': 'provider',
  'provider.name': 'provider',
  'provider.address': 'provider',
  'provider.appIos': 'provider',
  'provider.appAndroid': 'provider',
  'provider.instructions': 'provider',
  'provider.columns': 'provider',
  'provider.tell': 'provider',
  'staff.secondFactorRequired': 'signIn',
  'department.name': 'department',
  'department.phone': 'department',
  'department.email': 'department',
  'backup.nightly': 'backup',
  'backup.time': 'backup',
  'backup.keep': 'backup',
}
