import type { AuditLog } from '../audit/audit.ts'
import { byStaff } from '../audit/audit.ts'
import type { AttemptLimits, Bucket } from '../sessions/limits.ts'
import { attemptBuckets, checkLimited } from '../sessions/limits.ts'
import { openSession } from '../sessions/opening.ts'
import type { Origin, SignedIn } from '../sessions/sessions.commands.ts'
import type { Clock } from '../shared/clock.ts'
import { after, minutes } from '../shared/clock.ts'
import type { Database, Transaction } from '../shared/db.ts'
import { inTransaction } from '../shared/db.ts'
import { expected } from '../shared/errors.ts'
import { verifyNobody, verifyPassword } from '../shared/passwords.ts'
import type { Sealer } from '../shared/sealing.ts'
import type { PasskeyAnswer, Passkeys } from './passkeys.ts'
import { spendRecoveryCode } from './recovery-codes.ts'
import {
  factorRequired,
  hasFactor,
  heldFactors,
  passkeyRefused,
  stepOver,
  wrongSecondCode,
} from './second-factors.ts'
import { spendTotp } from './stored-totp.ts'

/** Of staff: they sign in with an address, where readers have a number. */
export const wrongStaffCredentials = expected('staff_access.wrong_credentials', 401)

/** How long the second step may take after the password. */
const stepLasts = minutes(10)

/** The password was right, and a second factor is asked for: what the browser keeps until then. */
export interface FirstStep {
  /** Sealed: whose password it was, and until when that counts. */
  step: string
  expiresAt: Date
}

/** A staff member, with the password that was right when he showed it. */
interface Known {
  id: string
  password_hash?: string
}

/** How somebody got in, for the log. */
type Way = 'password' | 'code' | 'recovery' | 'passkey'

/**
 * Second factors are tried from anywhere together: ten at once, then one in two minutes. Whoever gets here knows
 * the password; three codes of a million count at a time.
 */
const factorBuckets = (staffId: string): Bucket[] => [
  { key: `second factor ${staffId}`, capacity: 10, perMinute: 0.5 },
]

/** Each challenge that is asked for is a row, and anybody may ask: a class of staff behind one address gets in. */
const challengeBuckets = ({ address }: Origin): Bucket[] => [
  { key: `passkey challenge ${address}`, capacity: 100, perMinute: 20 },
]

export function createStaffSignIn(deps: {
  db: Database
  clock: Clock
  limits: AttemptLimits
  audit: AuditLog
  sealer: Sealer
  passkeys: Passkeys
}) {
  const { db, clock, limits, audit, sealer, passkeys } = deps

  /** @throws wrongStaffCredentials or passkeyRefused when he is dismissed, or has got another password meanwhile */
  async function enter(tx: Transaction, staff: Known, way: Way, origin: Origin): Promise<SignedIn> {
    const now = clock()
    const staffId = staff.id
    if (!(await noteSignIn(tx, now, staff)))
      throw way === 'passkey' ? passkeyRefused() : wrongStaffCredentials()
    const factorMissing = way === 'password' && (await factorRequired(tx, staffId))
    const session = await openSession(tx, now, { kind: 'staff', id: staffId }, origin, { factorMissing })
    await audit.append(tx, {
      at: now,
      actor: byStaff(staffId),
      action: 'sessions.sign-in',
      subject: { kind: 'staff', id: staffId },
      details: { way, address: origin.address },
    })
    return session
  }

  /** A password that was replaced meanwhile is no first step any more. */
  const fingerprint = (passwordHash: string) => sealer.blind(`first step ${passwordHash}`).toString('base64')

  function sealStep(staff: { id: string; password_hash: string }): FirstStep {
    const expiresAt = after(clock(), stepLasts)
    const content = JSON.stringify([staff.id, expiresAt.getTime(), fingerprint(staff.password_hash)])
    return { step: sealer.seal(content, 'staff first step').toString('base64url'), expiresAt }
  }

  /** Whose first step this is, while it counts. @throws stepOver */
  async function standing(step: string): Promise<Known> {
    const [staffId, until, password] = unsealed(sealer, step)
    if (until <= clock().getTime()) throw stepOver()
    const staff = await db
      .selectFrom('staff')
      .select(['id', 'password_hash'])
      .where('id', '=', staffId)
      .where('disabled_at', 'is', null)
      .executeTakeFirst()
    if (!staff || fingerprint(staff.password_hash) !== password) throw stepOver()
    return staff
  }

  return {
    /** @throws wrongStaffCredentials, tooManyAttempts */
    async withPassword(
      typed: { email: string; password: string },
      origin: Origin,
    ): Promise<SignedIn | FirstStep> {
      const email = typed.email.trim().toLowerCase()
      const staff = await checkLimited(limits, attemptBuckets(`staff ${email}`, origin.address), () =>
        staffByPassword(db, email, typed.password),
      )
      if (!staff) throw wrongStaffCredentials()
      if (hasFactor(await heldFactors(db, staff.id))) return sealStep(staff)
      return inTransaction(db, (tx) => enter(tx, staff, 'password', origin))
    },

    /** What the second step may be done with. @throws stepOver */
    async secondStep(step: string): Promise<{ code: boolean; passkey: boolean }> {
      const { totp, passkeys: count } = await heldFactors(db, (await standing(step)).id)
      return { code: totp, passkey: count > 0 && passkeys.possible }
    },

    /** The second step with a code of the app, or a recovery code. @throws stepOver, wrongSecondCode, tooManyAttempts */
    async withCode(step: string, typed: string, origin: Origin): Promise<SignedIn> {
      const staff = await standing(step)
      const session = await checkLimited(limits, factorBuckets(staff.id), () =>
        inTransaction(db, async (tx) => {
          const way = await spendCode(tx, sealer, clock(), staff.id, typed)
          return way && enter(tx, staff, way, origin)
        }),
      )
      if (!session) throw wrongSecondCode()
      return session
    },

    /**
     * What a browser needs for asking its passkeys.
     * @param step of a sign-in whose password was right; without one the passkey is all that is asked for
     * @throws stepOver, tooManyAttempts
     */
    async passkeyOptions(step: string | undefined, origin: Origin) {
      await limits.book(challengeBuckets(origin))
      return passkeys.requestOptions(step === undefined ? undefined : (await standing(step)).id)
    },

    /** @param step as in `passkeyOptions` @throws stepOver, passkeyRefused */
    async withPasskey(step: string | undefined, answer: PasskeyAnswer, origin: Origin): Promise<SignedIn> {
      const staff = step === undefined ? undefined : await standing(step)
      // No limit of tries: neither a challenge nor a signature can be guessed, and challenges are limited.
      if (!(await passkeys.takeForUse(answer, staff?.id))) throw passkeyRefused()
      return inTransaction(db, async (tx) => {
        const owner = await passkeys.use(tx, answer, staff?.id)
        return enter(tx, staff ?? { id: owner }, 'passkey', origin)
      })
    },
  }
}

/** @throws stepOver */
function unsealed(sealer: Sealer, step: string): [staffId: string, until: number, password: string] {
  try {
    return JSON.parse(sealer.open(Buffer.from(step, 'base64url'), 'staff first step')) as never
  } catch {
    throw stepOver()
  }
}

/** Uses a code up: six digits are the app's, anything else a recovery code. */
async function spendCode(
  tx: Transaction,
  sealer: Sealer,
  now: Date,
  staffId: string,
  typed: string,
): Promise<'code' | 'recovery' | undefined> {
  if (await spendTotp(tx, sealer, now, staffId, typed)) return 'code'
  return (await spendRecoveryCode(tx, sealer, staffId, typed)) ? 'recovery' : undefined
}

async function staffByPassword(db: Database, email: string, password: string) {
  const staff = await db
    .selectFrom('staff')
    .select(['id', 'password_hash'])
    .where('email', '=', email)
    .where('disabled_at', 'is', null)
    // Nobody who is invited has one yet.
    .where('password_hash', '<>', '')
    .executeTakeFirst()
  if (!staff) return (await verifyNobody(password)) || undefined
  return (await verifyPassword(staff.password_hash, password.normalize('NFC'))) ? staff : undefined
}

/** @returns false when he is dismissed, or the password isn't his any more */
async function noteSignIn(
  tx: Transaction,
  now: Date,
  { id, password_hash: password }: Known,
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('staff')
    .set((eb) => ({
      first_signed_in_at: eb.fn.coalesce('first_signed_in_at', eb.val(now)),
      last_signed_in_at: now,
    }))
    .where('id', '=', id)
    .$if(password !== undefined, (query) => query.where('password_hash', '=', password ?? ''))
    .where('disabled_at', 'is', null)
    .executeTakeFirstOrThrow()
  return numUpdatedRows > 0n
}
