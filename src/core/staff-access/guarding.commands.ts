import { z } from 'zod'
import type { AuditLog } from '../audit/audit.ts'
import { byStaffOrConsole } from '../audit/audit.ts'
import { changeSettings } from '../settings/changing.ts'
import { formOf, readSettings, settingsOf } from '../settings/settings.ts'
import type { Clock } from '../shared/clock.ts'
import type { Database } from '../shared/db.ts'
import { inTransaction } from '../shared/db.ts'
import { checkbox } from '../shared/form-fields.ts'
import type { Authorised, ConsoleActor } from '../staff/actors.ts'
import type { HeldFactors } from './second-factors.ts'
import { factorGone, hasFactor, heldFactors, lockMember, ownFactor } from './second-factors.ts'

export const guardingSchema = z.object({ secondFactorRequired: checkbox })

const settingOf = { secondFactorRequired: 'staff.secondFactorRequired' } as const

type Guard = Authorised<'staff.secure'> | ConsoleActor

/** What administrators do about everybody's second factor. */
export function createGuarding(deps: { db: Database; clock: Clock; audit: AuditLog }) {
  const { db, clock, audit } = deps
  return {
    async rule(_actor: Authorised<'staff.secure'>): Promise<z.output<typeof guardingSchema>> {
      return formOf(settingOf, await readSettings(db))
    },

    /** Counts from everybody's next sign-in. */
    async changeRule(
      actor: Authorised<'staff.secure'>,
      rule: Partial<z.output<typeof guardingSchema>>,
    ): Promise<void> {
      await inTransaction(db, (tx) => changeSettings(tx, deps, actor, settingsOf(settingOf, rule)))
    },

    /** What another member has: for the page that shows him. */
    held: (_actor: Authorised<'staff.secure'>, staffId: string): Promise<HeldFactors> =>
      heldFactors(db, staffId),

    /** The id of whoever signs in with this address, for the console. */
    async byEmail(_actor: ConsoleActor, email: string): Promise<string | undefined> {
      const row = await db
        .selectFrom('staff')
        .select('id')
        .where('email', '=', email.trim().toLowerCase())
        .executeTakeFirst()
      return row?.id
    },

    /**
     * Takes every second factor from somebody who has lost it, and ends his sessions: until he sets up another,
     * the password alone lets him in, or, where one is required, as far as to setting it up.
     * @throws ownFactor, factorGone
     */
    async reset(actor: Guard, staffId: string): Promise<void> {
      if ('staffId' in actor && actor.staffId === staffId) throw ownFactor()
      await inTransaction(db, async (tx) => {
        await lockMember(tx, staffId)
        if (!hasFactor(await heldFactors(tx, staffId))) throw factorGone()
        for (const table of ['staff_totp', 'staff_passkeys', 'staff_recovery_codes', 'sessions'] as const)
          await tx.deleteFrom(table).where('staff_id', '=', staffId).execute()
        await audit.append(tx, {
          at: clock(),
          actor: byStaffOrConsole(actor),
          action: 'staff.reset-factor',
          subject: { kind: 'staff', id: staffId },
        })
      })
    },
  }
}
