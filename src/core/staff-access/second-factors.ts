import { readSettings } from '../settings/settings.ts'
import type { Database, Transaction } from '../shared/db.ts'
import { expected } from '../shared/errors.ts'
import type { Role } from '../staff/actors.ts'

/** The code, of the app or a recovery one, is wrong or was used before. */
export const wrongSecondCode = expected('staff_access.wrong_code', 422)
/** The first step of signing in is too long ago, or wasn't taken here. */
export const stepOver = expected('staff_access.step_over', 401)
/** No such passkey, or it has signed something else. */
export const passkeyRefused = expected('staff_access.passkey_refused', 401)
/** A passkey that couldn't be taken on record. */
export const passkeyNotAdded = expected('staff_access.passkey_not_added', 422)
/** Nothing is being set up: another page was faster. */
export const nothingPending = expected('staff_access.nothing_pending', 409)
/** It is required, and there would be none left. */
export const lastFactor = expected('staff_access.last_factor', 409)
/** The passkey, or the whole factor, isn't there. */
export const factorGone = expected('staff_access.factor_gone', 404)
/** The own second factor is changed on the own page, where the password is asked. */
export const ownFactor = expected('staff_access.own_factor', 409)

/** Whom the setting is about. */
const guarded: ReadonlySet<string> = new Set<Role>(['admin', 'operator'])

/** What of a second factor a staff member has. */
export interface HeldFactors {
  totp: boolean
  passkeys: number
}

export const hasFactor = ({ totp, passkeys }: HeldFactors): boolean => totp || passkeys > 0

export async function heldFactors(db: Database | Transaction, staffId: string): Promise<HeldFactors> {
  const totp = await db
    .selectFrom('staff_totp')
    .select('staff_id')
    .where('staff_id', '=', staffId)
    .where('sealed', 'is not', null)
    .executeTakeFirst()
  const { count } = await db
    .selectFrom('staff_passkeys')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('staff_id', '=', staffId)
    .executeTakeFirstOrThrow()
  return { totp: totp !== undefined, passkeys: count }
}

/** Whether this member must have one. */
export async function factorRequired(db: Database | Transaction, staffId: string): Promise<boolean> {
  if (!(await readSettings(db))['staff.secondFactorRequired']) return false
  const held = await db.selectFrom('staff_roles').select('role').where('staff_id', '=', staffId).execute()
  return held.some(({ role }) => guarded.has(role))
}

/** Changes of one member's factors wait for each other: none of them may leave him without one. */
export const lockMember = (tx: Transaction, staffId: string) =>
  tx.selectFrom('staff').select('id').where('id', '=', staffId).forUpdate().executeTakeFirst()
