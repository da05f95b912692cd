import { tokenHash } from '../shared/token-hash.ts'
import type { AttemptLimits } from '../sessions/limits.ts'
import { attemptBuckets, checkLimited } from '../sessions/limits.ts'
import type { Origin } from '../sessions/sessions.commands.ts'
import { wrongPassword } from '../sessions/sessions.commands.ts'
import type { Clock } from '../shared/clock.ts'
import { after, minutes } from '../shared/clock.ts'
import type { Database } from '../shared/db.ts'
import { expected } from '../shared/errors.ts'
import { verifyPassword } from '../shared/passwords.ts'
import type { StaffActor } from '../staff/actors.ts'

/** The password was typed too long ago for changing how one signs in. */
export const notConfirmed = expected('staff_access.not_confirmed', 403)

/** How long a typed password is enough. */
const confirmedFor = minutes(10)

declare const proof: unique symbol

/**
 * Proof that a staff member has just typed the password: whoever sits down at a desk that was left open can't
 * change how its owner signs in. Only `confirmed` makes one.
 */
export interface ConfirmedStaff {
  readonly [proof]: true
  readonly staffId: string
  /** Of the session that asks. */
  readonly token: string
}

export function createPasswordAgain(deps: { db: Database; clock: Clock; limits: AttemptLimits }) {
  const { db, clock, limits } = deps

  const isConfirmed = async ({ staffId }: StaffActor, token: string): Promise<boolean> => {
    const session = await db
      .selectFrom('sessions')
      .select('confirmed_at')
      .where('token_hash', '=', tokenHash(token))
      .where('staff_id', '=', staffId)
      .executeTakeFirst()
    const at = session?.confirmed_at
    return at !== undefined && at !== null && after(at, confirmedFor) > clock()
  }

  return {
    isConfirmed,

    /** @param token the session that asks @throws notConfirmed */
    async confirmed(actor: StaffActor, token: string): Promise<ConfirmedStaff> {
      if (!(await isConfirmed(actor, token))) throw notConfirmed()
      return { staffId: actor.staffId, token } as ConfirmedStaff
    },

    /** The password, typed once more. @throws wrongPassword, tooManyAttempts */
    async confirm({ staffId }: StaffActor, token: string, password: string, origin: Origin): Promise<void> {
      const right = await checkLimited(limits, attemptBuckets(`staff id ${staffId}`, origin.address), () =>
        hasPassword(db, staffId, password),
      )
      if (!right) throw wrongPassword()
      await db
        .updateTable('sessions')
        .set({ confirmed_at: clock() })
        .where('token_hash', '=', tokenHash(token))
        .where('staff_id', '=', staffId)
        .execute()
    },
  }
}

async function hasPassword(db: Database, staffId: string, password: string): Promise<true | undefined> {
  const staff = await db
    .selectFrom('staff')
    .select('password_hash')
    .where('id', '=', staffId)
    .executeTakeFirst()
  const right = staff && (await verifyPassword(staff.password_hash, password.normalize('NFC')))
  return right || undefined
}
