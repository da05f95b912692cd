import type { Database, Transaction } from '../shared/db.ts'
import { violatedUnique } from '../shared/db.ts'
import { expected } from '../shared/errors.ts'
import { hashPassword } from '../shared/passwords.ts'
import type { Role } from './actors.ts'

export const emailTaken = expected('staff.email_taken', 409)

export interface NewStaffMember {
  email: string
  fullName: string
  password: string
  roles: { role: Role; libraryId: string }[]
}

/** Makes a staff member with roles. @throws emailTaken */
export async function createStaffMember(tx: Transaction | Database, member: NewStaffMember): Promise<string> {
  const password_hash = await hashPassword(member.password.normalize('NFC'))
  try {
    const { id } = await tx
      .insertInto('staff')
      .values({ email: member.email.trim().toLowerCase(), full_name: member.fullName, password_hash })
      .returning('id')
      .executeTakeFirstOrThrow()
    await tx
      .insertInto('staff_roles')
      .values(member.roles.map(({ role, libraryId }) => ({ staff_id: id, library_id: libraryId, role })))
      .execute()
    return id
  } catch (error) {
    throw violatedUnique(error) === 'staff_email' ? emailTaken() : error
  }
}
