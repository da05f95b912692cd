import * as texts from '#texts'
import type { RowFault } from '#core/providers/providers.ts'
import type { ProviderState } from '#core/readers/provider-states.ts'
import type { ColumnField } from '#core/settings/provider.ts'

const states: Record<ProviderState, () => string> = {
  to_register: texts.provider_state_to_register,
  sent: texts.provider_state_sent,
  registered: texts.provider_state_registered,
  failed: texts.provider_state_failed,
  to_close: texts.provider_state_to_close,
  closed: texts.provider_state_closed,
}
export const providerStateText = (state: ProviderState): string => states[state]()

const rowFaults: Record<RowFault, () => string> = {
  key_unknown: texts.provider_row_key_unknown,
  key_twice: texts.provider_row_key_twice,
  number_missing: texts.provider_row_number_missing,
  password_missing: texts.provider_row_password_missing,
  too_long: texts.provider_row_too_long,
  number_twice: texts.provider_row_number_twice,
  number_taken: texts.provider_row_number_taken,
  other_number: texts.provider_row_other_number,
  other_person: texts.provider_row_other_person,
  withdrawn: texts.provider_row_withdrawn,
  closed_unclear: texts.provider_row_closed_unclear,
  not_to_close: texts.provider_row_not_to_close,
}
export const rowFaultText = (code: RowFault): string => rowFaults[code]()

const columns: Record<ColumnField, () => string> = {
  key: texts.provider_column_key,
  fullName: texts.provider_column_full_name,
  surname: texts.provider_column_surname,
  givenName: texts.provider_column_given_name,
  patronymic: texts.provider_column_patronymic,
  birthDate: texts.provider_column_birth_date,
  email: texts.provider_column_email,
  phone: texts.provider_column_phone,
  card: texts.provider_column_card,
  library: texts.provider_column_library,
  number: texts.provider_column_number,
  password: texts.provider_column_password,
  reason: texts.provider_column_reason,
}
export const columnText = (field: ColumnField): string => columns[field]()
export const columnFields = Object.keys(columns) as ColumnField[]
