import * as texts from '#texts'
import type { ExportColumn } from '#core/lists/exports.ts'
import type { ListField, ListKind, ListState } from '#core/lists/lists.ts'

export const fieldNames: Record<ListField, () => string> = {
  fullName: texts.application_full_name,
  surname: texts.list_field_surname,
  firstName: texts.list_field_first_name,
  patronymic: texts.list_field_patronymic,
  birthDate: texts.application_birth_date,
  email: texts.application_email,
  phone: texts.application_phone,
  cardNumber: texts.list_field_card,
  guardianName: texts.list_field_guardian,
  guardianRelation: texts.list_field_relation,
  libraryCode: texts.list_field_library_code,
}

export const kindNames: Record<ListKind, () => string> = {
  questionnaires: texts.list_kind_questionnaires,
  readers: texts.list_kind_readers,
}

export const stateNames: Record<ListState, () => string> = {
  mapping: texts.list_state_mapping,
  checking: texts.list_state_checking,
  checked: texts.list_state_checked,
  running: texts.list_state_running,
  stopped: texts.list_state_stopped,
  done: texts.list_state_done,
}

export const columnNames: Record<ExportColumn, () => string> = {
  cardNumber: texts.list_field_card,
  fullName: texts.application_full_name,
  birthDate: texts.application_birth_date,
  phone: texts.application_phone,
  email: texts.application_email,
  libraryCode: texts.list_field_library_code,
  library: texts.application_library,
  registeredOn: texts.export_registered_on,
  renewedOn: texts.export_renewed_on,
  state: texts.export_state,
  sentOn: texts.export_sent_on,
  decidedOn: texts.export_decided_on,
}

/** Fields of ИРБИС readers' records, as its own forms call them. */
const tagNames: Record<string, () => string> = {
  '10': texts.list_field_surname,
  '11': texts.list_field_first_name,
  '12': texts.list_field_patronymic,
  '17': texts.application_phone,
  '21': texts.application_birth_date,
  '30': texts.list_field_card,
  '32': texts.application_email,
}

/** What stands above a column: the file's own header, or the field of ИРБИС with its name. */
export const headerName = (text: string, place: number, irbis: boolean): string => {
  if (!irbis) return text || texts.list_column({ number: place + 1 })
  const name = tagNames[text]?.()
  return name ? `${text} · ${name}` : text
}
