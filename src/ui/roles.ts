import * as texts from '#texts'
import type { Role } from '#core/staff/actors.ts'

const names: Record<Role, () => string> = {
  librarian: texts.staff_role_librarian,
  operator: texts.staff_role_operator,
  curator: texts.staff_role_curator,
  methodologist: texts.staff_role_methodologist,
  admin: texts.staff_role_admin,
}

export const roleText = (role: Role): string => names[role]()
