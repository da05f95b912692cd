import * as texts from '#texts'
import type { BackupEntry } from '#core/backups/backups.queries.ts'

export const stateText: Record<BackupEntry['state'], () => string> = {
  running: texts.backups_state_running,
  done: texts.backups_state_done,
  failed: texts.backups_state_failed,
}

export const causeText: Record<BackupEntry['cause'], () => string> = {
  nightly: texts.backups_cause_nightly,
  page: texts.backups_cause_page,
  console: texts.backups_cause_console,
}

const faults: Record<string, () => string> = {
  no_space: texts.backups_fault_no_space,
  no_access: texts.backups_fault_no_access,
  interrupted: texts.backups_fault_interrupted,
  stopped: texts.backups_fault_stopped,
  exists: texts.backups_fault_exists,
}
export const faultText = (code: string): string => (faults[code] ?? texts.backups_fault_other)()
