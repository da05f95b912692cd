import type { Settings } from './settings.ts'

/** The department's contacts, a line each; '' while none are known. */
export const departmentContacts = (settings: Settings): string =>
  [settings['department.name'], settings['department.phone'], settings['department.email']]
    .filter(Boolean)
    .join('\n')
