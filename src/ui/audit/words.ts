import * as texts from '#texts'
import type { LogEntry } from '#core/oversight/log.queries.ts'
import { columnNames } from '../lists/words.ts'
import { recordFieldText } from '../record-fields.ts'
import { roleText } from '../roles.ts'
import { settingText } from '../settings/words.ts'

/** «Иванова Анна, оператор». */
export function whoText({ actorKind, actorName, roles }: LogEntry): string {
  if (actorKind === 'reader') return texts.audit_by_reader()
  if (actorKind === 'system') return texts.audit_by_system()
  return [actorName ?? texts.audit_by_staff(), ...roles.map((role) => roleText(role as never))].join(', ')
}

const subjects: Record<string, () => string> = {
  reader: texts.audit_subject_reader,
  application: texts.audit_subject_application,
  draft: texts.audit_subject_draft,
  letter: texts.audit_subject_letter,
  library: texts.audit_subject_library,
  list: texts.audit_subject_list,
  staff: texts.audit_subject_staff,
  destruction: texts.audit_subject_destruction,
  publication: texts.audit_subject_publication,
  backup: texts.audit_subject_backup,
  mail: texts.audit_subject_mail,
  card: texts.audit_subject_card,
  card_batch: texts.audit_subject_card_batch,
  card_order: texts.audit_subject_card_order,
}

/** «анкета 3f2a91c0», by the end of its id; '' where it was about no single thing, or about whoever did it. */
export function aboutText({ subjectKind, subjectId, subjectName, actorId }: LogEntry): string {
  if (subjectId === null || (subjectKind === 'staff' && subjectId === actorId)) return ''
  const kind = subjects[subjectKind]?.() ?? subjectKind
  return `${kind} ${subjectName ?? subjectId.slice(-8)}`
}

const ways: Record<string, () => string> = {
  password: texts.audit_way_password,
  code: texts.audit_way_code,
  recovery: texts.audit_way_recovery,
  passkey: texts.audit_way_passkey,
}

const columns: Record<string, (() => string) | undefined> = columnNames
const fieldText = (field: string): string => columns[field]?.() ?? recordFieldText(field)

const worded: Record<string, (value: unknown) => string> = {
  ids: (value) => texts.audit_shown({ count: listed(value).length }),
  applications: (value) => `${texts.audit_subject_application()}: ${listed(value).length}`,
  fields: (value) => texts.audit_fields({ fields: listed(value).map(fieldText).join(', ') }),
  columns: (value) => texts.audit_fields({ fields: listed(value).map(fieldText).join(', ') }),
  query: (value) => texts.audit_query({ query: listed(value).join(', ') }),
  way: (value) => ways[String(value)]?.() ?? String(value),
  factor: (value) => (value === 'totp' ? texts.audit_factor_totp() : texts.audit_factor_passkey()),
  roles: (value) =>
    texts.audit_roles({
      roles: listed(value)
        .map((role) => roleText(role as never))
        .join(', '),
    }),
  settings: (value) =>
    texts.audit_settings({
      settings: listed(value)
        .map((key) => settingText(key).name)
        .join(', '),
    }),
  count: (value) => texts.audit_count({ count: String(value) }),
  entries: (value) => texts.audit_entries_given({ count: String(value) }),
  address: (value) => texts.audit_address({ address: String(value) }),
}

/** What an entry says besides, as far as it has words; each thing by itself. */
export const detailTexts = (entry: LogEntry): string[] =>
  present(entry).flatMap(([key, value]) => worded[key]?.(value) ?? [])

/** All that it says, for those who take the log apart. */
export const allDetailTexts = (entry: LogEntry): string[] =>
  present(entry).map(([key, value]) => worded[key]?.(value) ?? `${key}: ${listed(value).join(', ')}`)

const present = ({ details }: LogEntry) =>
  Object.entries(details).filter(([, value]) => value !== null && value !== '' && listed(value).length > 0)

const listed = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : [String(value)])
