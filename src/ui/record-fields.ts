import * as texts from '#texts'

const names: Record<string, () => string> = {
  full_name: texts.application_full_name,
  birth_date: texts.application_birth_date,
  email: texts.application_email,
  phone: texts.application_phone,
  library_id: texts.application_library,
}

/** What a column of a reader's record is called on screen. */
export const recordFieldText = (column: string): string => names[column]?.() ?? column
