import type { AuditLog } from '../audit/audit.ts'
import { byStaff } from '../audit/audit.ts'
import type { Clock } from '../shared/clock.ts'
import type { Database, Transaction } from '../shared/db.ts'
import { inTransaction, violatedUnique } from '../shared/db.ts'
import { expected } from '../shared/errors.ts'
import type { Sealer } from '../shared/sealing.ts'
import type { Authorised } from '../staff/actors.ts'
import { makeLink } from '../staff/links.ts'
import { emailTaken } from '../staff/staff.commands.ts'
import { firstLibrary, refuseClosed, tell } from './invitations.commands.ts'
import { dismissed, endSessions, lockPerson, refuseLastAdmin } from './people.ts'
import type { ChangePersonInput, HeldRole } from './staffing.schemas.ts'

/** Without a role nobody gets in: whoever has left is dismissed instead. */
export const lastRole = expected('staff.last_role', 409)

/** What becomes of staff members over the years: other names, other roles, leaving and coming back. */
export function createStaffChanges(deps: {
  db: Database
  clock: Clock
  audit: AuditLog
  sealer: Sealer
  mail: boolean
}) {
  const { db, clock, audit, sealer, mail } = deps

  const note = (
    tx: Transaction,
    actor: Authorised<'staff.manage'>,
    action: string,
    staffId: string,
    more: { libraryId?: string; details?: Record<string, readonly string[]> } = {},
  ) =>
    audit.append(tx, {
      at: clock(),
      actor: byStaff(actor.staffId),
      action,
      subject: { kind: 'staff', id: staffId },
      libraryId: more.libraryId ?? null,
      details: more.details ?? {},
    })

  return {
    /** @throws emailTaken, notFound */
    async change(
      actor: Authorised<'staff.manage'>,
      staffId: string,
      { fullName, email }: ChangePersonInput,
    ): Promise<void> {
      try {
        await inTransaction(db, async (tx) => {
          const before = await lockPerson(tx, staffId)
          const fields = [
            ...(before.fullName === fullName ? [] : ['fullName']),
            ...(before.email === email ? [] : ['email']),
          ]
          if (fields.length === 0) return
          await tx
            .updateTable('staff')
            .set({ full_name: fullName, email })
            .where('id', '=', staffId)
            .execute()
          // A link to the address before may lie in a stranger's mailbox.
          if (before.email !== email)
            await tx.deleteFrom('staff_links').where('staff_id', '=', staffId).execute()
          await note(tx, actor, 'staff.change', staffId, { details: { fields } })
        })
      } catch (error) {
        throw violatedUnique(error) === 'staff_email' ? emailTaken() : error
      }
    },

    /** @throws dismissed, libraryClosed, notFound */
    giveRole: (actor: Authorised<'staff.manage'>, staffId: string, held: HeldRole): Promise<void> =>
      inTransaction(db, async (tx) => {
        const person = await lockPerson(tx, staffId)
        if (person.dismissed) throw dismissed()
        await refuseClosed(tx, held.libraryId)
        const { numInsertedOrUpdatedRows } = await tx
          .insertInto('staff_roles')
          .values({ staff_id: staffId, library_id: held.libraryId, role: held.role, since: clock() })
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirstOrThrow()
        if (numInsertedOrUpdatedRows === 0n) return
        await note(tx, actor, 'staff.give-role', staffId, {
          libraryId: held.libraryId,
          details: { roles: [held.role] },
        })
      }),

    /** It counts from the next request on. @throws lastRole, lastAdmin, notFound */
    takeRole: (actor: Authorised<'staff.manage'>, staffId: string, held: HeldRole): Promise<void> =>
      inTransaction(db, async (tx) => {
        const person = await lockPerson(tx, staffId)
        const all = await tx
          .selectFrom('staff_roles')
          .select(['role', 'library_id as libraryId'])
          .where('staff_id', '=', staffId)
          .execute()
        const left = all.filter((each) => each.role !== held.role || each.libraryId !== held.libraryId)
        if (left.length === all.length) return
        if (left.length === 0) throw lastRole()
        if (held.role === 'admin' && !left.some(({ role }) => role === 'admin'))
          await refuseLastAdmin(tx, person)
        await tx
          .deleteFrom('staff_roles')
          .where('staff_id', '=', staffId)
          .where('library_id', '=', held.libraryId)
          .where('role', '=', held.role)
          .execute()
        await note(tx, actor, 'staff.take-role', staffId, {
          libraryId: held.libraryId,
          details: { roles: [held.role] },
        })
      }),

    /** Shuts him out at once, everywhere. What he did stays his. @throws lastAdmin, notFound */
    dismiss: (actor: Authorised<'staff.manage'>, staffId: string): Promise<void> =>
      inTransaction(db, async (tx) => {
        const person = await lockPerson(tx, staffId)
        if (person.dismissed) return
        await refuseLastAdmin(tx, person)
        await tx.updateTable('staff').set({ disabled_at: clock() }).where('id', '=', staffId).execute()
        await endSessions(tx, staffId)
        await tx.deleteFrom('staff_links').where('staff_id', '=', staffId).execute()
        await note(tx, actor, 'staff.dismiss', staffId)
      }),

    /** Takes somebody back: with the roles he had, and a password that he chooses anew. @throws notFound */
    reinstate: (actor: Authorised<'staff.manage'>, staffId: string): Promise<void> =>
      inTransaction(db, async (tx) => {
        const now = clock()
        const person = await lockPerson(tx, staffId)
        if (!person.dismissed) return
        await tx
          .updateTable('staff')
          .set({ disabled_at: null, password_hash: '' })
          .where('id', '=', staffId)
          .execute()
        await makeLink(tx, sealer, now, { staffId, purpose: 'invitation', madeBy: actor.staffId })
        if (mail) await tell(tx, now, person, 'staff.invitation', await firstLibrary(tx, staffId))
        await note(tx, actor, 'staff.reinstate', staffId)
      }),
  }
}
