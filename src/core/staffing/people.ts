import type { Transaction } from '../shared/db.ts'
import { expected, notFound } from '../shared/errors.ts'

/** He was dismissed: first he is to be taken back. */
export const dismissed = expected('staff.dismissed', 409)
export const lastAdmin = expected('staff.last_admin', 409)

export interface LockedPerson {
  id: string
  email: string
  fullName: string
  /** False while he waits for an invitation to be accepted. */
  hasPassword: boolean
  dismissed: boolean
}

/** A staff member's row, locked: who changes the same person at once waits. @throws notFound */
export async function lockPerson(tx: Transaction, id: string): Promise<LockedPerson> {
  const row = await tx
    .selectFrom('staff')
    .select(['id', 'email', 'full_name', 'password_hash', 'disabled_at'])
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst()
  if (!row) throw notFound()
  return {
    id: row.id,
    email: row.email,
    fullName: row.full_name,
    hasPassword: row.password_hash !== '',
    dismissed: row.disabled_at !== null,
  }
}

/**
 * Makes sure that an administrator who can sign in is left when this one goes. Of two who go at once the second
 * waits here for the first.
 * @throws lastAdmin
 */
export async function refuseLastAdmin(tx: Transaction, staffId: string): Promise<void> {
  const admins = await tx
    .selectFrom('staff_roles')
    .select('staff_id')
    .where('role', '=', 'admin')
    .orderBy('staff_id')
    .orderBy('library_id')
    .forUpdate()
    .execute()
  if (!admins.some((admin) => admin.staff_id === staffId)) return
  const left = await tx
    .selectFrom('staff')
    .innerJoin('staff_roles', 'staff_roles.staff_id', 'staff.id')
    .innerJoin('libraries', 'libraries.id', 'staff_roles.library_id')
    .select('staff.id')
    .where('role', '=', 'admin')
    .where('staff.id', '<>', staffId)
    .where('staff.disabled_at', 'is', null)
    .where('staff.password_hash', '<>', '')
    .where('libraries.closed_at', 'is', null)
    .limit(1)
    .executeTakeFirst()
  if (!left) throw lastAdmin()
}

/** Whoever was signed in as he is shut out, on every device and in every process. */
export const endSessions = (tx: Transaction, staffId: string) =>
  tx.deleteFrom('sessions').where('staff_id', '=', staffId).execute()
