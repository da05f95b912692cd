import * as texts from '#texts'
import type { Role } from '#core/staff/actors.ts'
import type { Person } from '#core/staffing/staffing.queries.ts'
import { fullDate } from '../dates.ts'

const duties: Record<Role, () => string> = {
  librarian: texts.people_duty_librarian,
  operator: texts.people_duty_operator,
  curator: texts.people_duty_curator,
  methodologist: texts.people_duty_methodologist,
  admin: texts.people_duty_admin,
}
/** What a role does, in a line. */
export const dutyText = (role: Role): string => duties[role]()

/** Where somebody stands on his way in: «ждёт до 01.12.2026», «входил 24.11.2026». */
export function standingText({ dismissedAt, waits, link, lastSignedInAt }: Omit<Person, 'letter'>): string {
  if (dismissedAt) return texts.people_dismissed_on({ date: fullDate(dismissedAt) })
  if (waits && link && !link.expired) return texts.people_waits_until({ date: fullDate(link.expiresAt) })
  if (waits) return texts.people_invitation_over()
  return lastSignedInAt
    ? texts.people_signed_in({ date: fullDate(lastSignedInAt) })
    : texts.people_never_signed_in()
}
