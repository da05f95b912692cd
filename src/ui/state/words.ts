import * as texts from '#texts'
import { getLocale } from '#texts/runtime.js'
import type { Finding, FindingCode } from '#core/watching/findings.ts'
import { fullDate } from '../dates.ts'
import { mailFaultText, mailFaultTodo, messageFaultText } from '../messages/words.ts'

/** Each asks for values of its own; the finding has those. */
type Sentence = (values: never) => string

/** What is wrong, and what to do about it. */
const sentences: Record<FindingCode, readonly [what: Sentence, todo: Sentence]> = {
  storage_away: [texts.state_storage_away, texts.state_storage_away_what],
  worker_silent: [texts.state_worker_silent, texts.state_worker_silent_what],
  worker_lost: [texts.state_worker_lost, texts.state_worker_lost_what],
  queue_stuck: [texts.state_queue_stuck, texts.state_queue_stuck_what],
  jobs_late: [texts.state_jobs_late, texts.state_jobs_late_what],
  disk_full_soon: [texts.state_disk_full_soon, texts.state_disk_full_soon_what],
  uploads_full_soon: [texts.state_uploads_full_soon, texts.state_uploads_full_soon_what],
  backups_full_soon: [texts.state_backups_full_soon, texts.state_backups_full_soon_what],
  email_refused: [texts.state_email_refused, texts.state_email_refused_what],
  sms_refused: [texts.state_sms_refused, texts.state_sms_refused_what],
  mailbox_unread: [texts.state_mailbox_unread, texts.state_mailbox_unread_what],
  questionnaires_late: [texts.state_questionnaires_late, texts.state_questionnaires_late_what],
  messages_uncertain: [texts.state_messages_uncertain, texts.state_messages_uncertain_what],
  backup_failed: [texts.state_backup_failed, texts.state_backup_failed_what],
  backup_missing: [texts.state_backup_missing, texts.state_backup_missing_what],
  backup_old: [texts.state_backup_old, texts.state_backup_old_what],
  audit_broken: [texts.state_audit_broken, texts.state_audit_broken_what],
  certificate_ending: [texts.state_certificate_ending, texts.state_certificate_ending_what],
  certificate_untrusted: [texts.state_certificate_untrusted, texts.state_certificate_untrusted_what],
  certificate_unseen: [texts.state_certificate_unseen, texts.state_certificate_unseen_what],
  plain_http: [texts.state_plain_http, texts.state_plain_http_what],
  clock_skew: [texts.state_clock_skew, texts.state_clock_skew_what],
  database_newer: [texts.state_database_newer, texts.state_database_newer_what],
}

/** The page on which it is mended, or tried again. */
const places: Partial<Record<FindingCode, readonly [path: string, name: () => string]>> = {
  backup_failed: ['/staff/settings/backup', texts.backups_title],
  backup_missing: ['/staff/settings/backup', texts.backups_title],
  backup_old: ['/staff/settings/backup', texts.backups_title],
  backups_full_soon: ['/staff/settings/backup', texts.backups_title],
  sms_refused: ['/staff/settings/messages', texts.messages_settings],
  email_refused: ['/staff/setup/messages', texts.setup_messages],
}
export function placeOf(code: FindingCode): { path: string; name: string } | undefined {
  const place = places[code]
  return place && { path: place[0], name: place[1]() }
}

/** Bytes as people read them: «2,4 ГБ». */
const size = (bytes: number): string =>
  new Intl.NumberFormat(getLocale(), {
    style: 'unit',
    unit: bytes < 1024 ** 3 ? 'megabyte' : 'gigabyte',
    maximumFractionDigits: 1,
  }).format(bytes < 1024 ** 3 ? bytes / 1024 ** 2 : bytes / 1024 ** 3)

/** What kind of fault a finding tells of; the others' stand for themselves. */
const faultTexts: Partial<Record<FindingCode, (fault: string) => string>> = {
  email_refused: mailFaultText,
  sms_refused: messageFaultText,
}

const shown = (code: FindingCode, name: string, value: string | number): string => {
  if (name === 'free' || name === 'total') return size(Number(value))
  if (name === 'fault') return faultTexts[code]?.(String(value)) ?? String(value)
  return name === 'until' ? fullDate(new Date(value)) : String(value)
}

export function findingText({ code, values }: Finding): { what: string; todo: string } {
  const [what, todo] = sentences[code]
  const given = Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, shown(code, name, value)]),
  )
  const exactly = code === 'email_refused' ? mailFaultTodo(String(values['fault'])) : undefined
  return { what: what(given as never), todo: exactly ?? todo(given as never) }
}
