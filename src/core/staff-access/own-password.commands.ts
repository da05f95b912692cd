import { z } from 'zod'
import type { AuditLog } from '../audit/audit.ts'
import { byStaff } from '../audit/audit.ts'
import { tokenHash } from '../shared/token-hash.ts'
import type { Clock } from '../shared/clock.ts'
import type { Database } from '../shared/db.ts'
import { inTransaction } from '../shared/db.ts'
import { hashPassword } from '../shared/passwords.ts'
import { refuseOwnName } from '../staff/own-name.ts'
import { chosenPasswordField } from '../staff/staff.schemas.ts'
import type { ConfirmedStaff } from './password-again.ts'

export const confirmSchema = z.object({ password: z.string().max(200) })
export const ownPasswordSchema = confirmSchema.extend({ newPassword: chosenPasswordField })

export function createOwnPassword(deps: { db: Database; clock: Clock; audit: AuditLog }) {
  const { db, clock, audit } = deps
  return {
    /** Another password from now on; every other session of the member ends. @throws ownNameAsPassword */
    async changePassword({ staffId, token }: ConfirmedStaff, newPassword: string): Promise<void> {
      const person = await db
        .selectFrom('staff')
        .select(['email', 'full_name as fullName'])
        .where('id', '=', staffId)
        .executeTakeFirstOrThrow()
      refuseOwnName(newPassword, person)
      const hash = await hashPassword(newPassword.normalize('NFC'))
      await inTransaction(db, async (tx) => {
        await tx.updateTable('staff').set({ password_hash: hash }).where('id', '=', staffId).execute()
        await tx
          .deleteFrom('sessions')
          .where('staff_id', '=', staffId)
          .where('token_hash', '<>', tokenHash(token))
          .execute()
        await audit.append(tx, {
          at: clock(),
          actor: byStaff(staffId),
          action: 'staff.change-password',
          subject: { kind: 'staff', id: staffId },
        })
      })
    },
  }
}
