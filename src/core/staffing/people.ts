import type { Database, Transaction } from '../shared/db.ts'
import { sql } from '../shared/db.ts'
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
export async function refuseLastAdmin(
  tx: Transaction,
  { id: staffId, hasPassword }: LockedPerson,
): Promise<void> {
  const admins = await tx
    .selectFrom('staff_roles')
    .select('staff_id')
    .where('role', '=', 'admin')
    .orderBy('staff_id')
    .orderBy('library_id')
    .forUpdate()
    .execute()
  // Who hasn't come in yet leaves nobody behind.
  if (!hasPassword || !admins.some((admin) => admin.staff_id === staffId)) return
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

/**
 * Whom the department has invited into a library: a librarian of it and nothing else, who hasn't come in yet, while
 * no librarian works there. Whoever manages the network reaches nobody else's way in.
 */
export async function firstLibrarian(
  db: Database | Transaction,
  libraryId: string,
): Promise<string | undefined> {
  const { rows } = await sql<{ id: string; waits: boolean; alone: boolean }>`
    select s.id, s.password_hash = '' as waits, not exists (
      select from staff_roles o where o.staff_id = s.id and (o.library_id <> r.library_id or o.role <> 'librarian')
    ) as alone
    from staff_roles r join staff s on s.id = r.staff_id
    where r.library_id = ${libraryId} and r.role = 'librarian' and s.disabled_at is null
    order by r.since, s.id`.execute(db)
  if (rows.some(({ waits }) => !waits)) return undefined
  return rows.find(({ alone }) => alone)?.id
}

/** Whoever was signed in as he is shut out, on every device and in every process. */
export const endSessions = (tx: Transaction, staffId: string) =>
  tx.deleteFrom('sessions').where('staff_id', '=', staffId).execute()
