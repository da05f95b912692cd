import * as texts from '#texts'
import type { MissingPart } from '#core/setup/missing.queries.ts'
import type { LibraryFault } from '#core/setup/setup.ts'

const faults: Record<LibraryFault, () => string> = {
  name_missing: texts.setup_row_name_missing,
  too_long: texts.setup_row_too_long,
  email: texts.setup_row_email,
  twice: texts.setup_row_twice,
  known: texts.setup_row_known,
}
export const libraryFaultText = (fault: LibraryFault): string => faults[fault]()

/** Where it is done; what is written into the environment has no page. */
export const missingParts: Record<MissingPart, { text: () => string; path?: string }> = {
  districts: { text: texts.missing_districts, path: '/staff/setup/libraries' },
  librarian: { text: texts.missing_librarian, path: '/staff/staff' },
  operator: { text: texts.missing_operator, path: '/staff/staff' },
  address: { text: texts.missing_address, path: '/staff/network' },
  channel: { text: texts.missing_channel, path: '/staff/setup/messages' },
  channel_test: { text: texts.missing_channel_test, path: '/staff/setup/messages' },
  origin: { text: texts.missing_origin },
}
