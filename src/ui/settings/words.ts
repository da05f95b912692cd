import * as texts from '#texts'
import type { CardScheme } from '#protocols/card/scheme.ts'
import type { Column } from '#core/settings/provider.ts'
import type { SettingsPlace } from '#core/settings/places.ts'
import type { Settings } from '#core/settings/settings.ts'
import { zoneText } from '../zones.ts'

const places: Record<SettingsPlace, () => string> = {
  general: texts.settings_general,
  messages: texts.messages_settings,
  consents: texts.settings_consents,
  cards: texts.numbering_title,
  provider: texts.provider_settings,
  signIn: texts.access_rule,
  department: texts.department_title,
  backup: texts.backups_title,
}
export const placeText = (place: SettingsPlace): string => places[place]()

/** What a setting is called, and what it does. */
const settings: Record<keyof Settings, [name: () => string, what?: () => string]> = {
  'region.name': [texts.settings_region_name, texts.settings_region_name_what],
  'region.timeZone': [texts.setup_time_zone, texts.settings_time_zone_what],
  'queue.undoSeconds': [texts.settings_undo, texts.settings_undo_what],
  'queue.hoursLimit': [texts.settings_hours, texts.settings_hours_what],
  'loans.days': [texts.settings_loan_days, texts.settings_loan_days_what],
  'loans.most': [texts.settings_loans_most, texts.settings_loans_most_what],
  'messages.libraryLanguage': [texts.messages_library_language],
  'sms.quietFrom': [texts.settings_quiet_from, texts.settings_quiet_what],
  'sms.quietTo': [texts.settings_quiet_to],
  'sms.partsPerMonth': [texts.messages_parts_most, texts.settings_parts_what],
  'consents.handoverFor': [texts.consents_rule_handover],
  'consents.from14': [texts.consents_rule_from14],
  'consents.graceDays': [texts.consents_rule_grace, texts.consents_rule_grace_hint],
  'consents.destroyDays': [texts.consents_rule_destroy, texts.consents_rule_destroy_hint],
  'readers.renewDays': [texts.consents_rule_renew],
  'cards.scheme': [texts.settings_scheme, texts.numbering_lead],
  'cards.lowStock': [texts.numbering_low_stock],
  'cards.validYears': [texts.numbering_valid_years, texts.numbering_valid_years_hint],
  'cards.letters': [texts.settings_letters],
  'provider.mode': [texts.provider_mode],
  'provider.name': [texts.settings_provider_name],
  'provider.address': [texts.provider_address],
  'provider.appIos': [texts.provider_app_ios],
  'provider.appAndroid': [texts.provider_app_android],
  'provider.instructions': [texts.provider_instructions, texts.provider_instructions_hint],
  'provider.columns': [texts.provider_columns],
  'provider.tell': [texts.provider_tell, texts.provider_tell_hint],
  'staff.secondFactorRequired': [texts.access_rule_label, texts.access_rule_lead],
  'department.name': [texts.department_name, texts.department_lead],
  'department.phone': [texts.setup_library_phone],
  'department.email': [texts.application_email],
  'backup.nightly': [texts.backups_nightly],
  'backup.time': [texts.backups_time],
  'backup.keep': [texts.backups_keep, texts.backups_keep_hint],
}
const isSetting = (key: string): key is keyof Settings => key in settings

/** A key that is a setting no longer stands for itself. */
export function settingText(key: string): { name: string; what: string } {
  if (!isSetting(key)) return { name: key, what: '' }
  const [name, what] = settings[key]
  return { name: name(), what: what?.() ?? '' }
}

const choices: Partial<Record<keyof Settings, Readonly<Record<string, () => string>>>> = {
  'messages.libraryLanguage': { ru: texts.message_language_ru, en: texts.message_language_en },
  'consents.handoverFor': {
    none: texts.consents_rule_handover_none,
    provider: texts.consents_rule_handover_provider,
    provider_and_sms: texts.consents_rule_handover_provider_and_sms,
  },
  'consents.from14': { self: texts.consents_rule_from14_self, both: texts.consents_rule_from14_both },
  'provider.mode': {
    own: texts.provider_mode_own,
    both: texts.provider_mode_both,
    files: texts.provider_mode_files,
  },
  'provider.tell': {
    at_once: texts.provider_tell_at_once,
    with_number: texts.provider_tell_with_number,
  },
}

/** «2», the library's code, digits, the kind of check: a scheme in one line. */
const schemeText = ({ prefix, libraryCode, serialDigits, check }: CardScheme): string =>
  [
    prefix,
    libraryCode ? texts.settings_scheme_library() : '',
    texts.settings_scheme_digits({ count: serialDigits }),
    check === 'none' ? '' : check.toUpperCase(),
  ]
    .filter(Boolean)
    .join(' + ')

/** A value as people read it. */
export function valueText(key: string, value: unknown): string {
  if (value === '' || value === null || value === undefined) return texts.settings_none()
  if (typeof value === 'boolean') return value ? texts.settings_yes() : texts.settings_no()
  if (key === 'region.timeZone') return zoneText(String(value))
  if (key === 'cards.scheme') return schemeText(value as CardScheme)
  if (Array.isArray(value)) return (value as Column[]).map(({ title }) => title).join(', ')
  const text = String(value)
  return (isSetting(key) ? choices[key]?.[text]?.() : undefined) ?? text
}
