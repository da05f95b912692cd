import { expected } from '../shared/errors.ts'

/** Nobody waits for a list of that kind. */
export const nothingToList = expected('providers.nothing_to_list', 409)
/** The account is there already, the reader has revoked his consent, or his data are destroyed. */
export const registrationOver = expected('providers.registration_over', 409)
/** Another reader has this number. */
export const numberTaken = expected('providers.number_taken', 409)
/** The reader hasn't consented to handing over, or the region uses no provider. */
export const notAllowedThere = expected('providers.not_allowed_there', 409)

/** Why a filled-in file isn't taken at all. */
export const fileFaults = {
  unknown_format: expected('providers.file_unknown_format', 422),
  too_large: expected('providers.file_too_large', 422),
  encrypted: expected('providers.file_encrypted', 422),
  bomb: expected('providers.file_damaged', 422),
  damaged: expected('providers.file_damaged', 422),
  empty: expected('providers.file_empty', 422),
} as const
/** With the `columns` that it lacks. */
export const fileColumns = expected('providers.file_columns', 422)

/** What may be wrong with one row of it. */
export const rowFaults = [
  'key_unknown',
  'key_twice',
  'number_missing',
  'password_missing',
  'too_long',
  'number_twice',
  'number_taken',
  'other_number',
  'other_person',
  'withdrawn',
  'closed_unclear',
  'not_to_close',
] as const
export type RowFault = (typeof rowFaults)[number]

/** The longest number and password that a provider may give. */
export const longest = { number: 100, password: 200, reason: 300 } as const
