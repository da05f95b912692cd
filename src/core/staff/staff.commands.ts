import type { AuditLog } from '../audit/audit.ts'
import type { Clock } from '../shared/clock.ts'
import type { Database, Transaction } from '../shared/db.ts'
import { inTransaction, violatedUnique } from '../shared/db.ts'
import { expected } from '../shared/errors.ts'
import { hashPassword } from '../shared/passwords.ts'
import type { ConsoleActor, Role } from './actors.ts'

export const emailTaken = expected('staff.email_taken', 409)

export interface NewStaffMember {
  email: string
  fullName: string
  roles: { role: Role; libraryId: string }[]
}

/**
 * Makes a staff member with roles.
 * @param member.passwordHash '' while he is only invited
 * @throws emailTaken
 */
export async function insertStaffMember(
  tx: Transaction,
  member: NewStaffMember & { passwordHash: string },
  now: Date,
): Promise<string> {
  try {
    const { id } = await tx
      .insertInto('staff')
      .values({
        email: member.email.trim().toLowerCase(),
        full_name: member.fullName,
        password_hash: member.passwordHash,
        created_at: now,
      })
      .returning('id')
      .executeTakeFirstOrThrow()
    await tx
      .insertInto('staff_roles')
      .values(
        member.roles.map(({ role, libraryId }) => ({
          staff_id: id,
          library_id: libraryId,
          role,
          since: now,
        })),
      )
      .execute()
    return id
  } catch (error) {
    throw violatedUnique(error) === 'staff_email' ? emailTaken() : error
  }
}

export function createStaff(deps: { db: Database; clock: Clock; audit: AuditLog }) {
  const { db, clock, audit } = deps
  return {
    /** Adds a staff member from the server's console; its id. @throws emailTaken */
    async add(_actor: ConsoleActor, member: NewStaffMember & { password: string }): Promise<string> {
      const passwordHash = await hashPassword(member.password.normalize('NFC'))
      return inTransaction(db, async (tx) => {
        const id = await insertStaffMember(tx, { ...member, passwordHash }, clock())
        await audit.append(tx, {
          at: clock(),
          actor: { kind: 'system' },
          action: 'staff.add',
          subject: { kind: 'staff', id },
          libraryId: member.roles[0]?.libraryId ?? null,
          details: { roles: member.roles.map(({ role }) => role) },
        })
        return id
      })
    },
  }
}
