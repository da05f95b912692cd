import { z } from 'zod'
import type { AuditEntry, AuditLog } from '../audit/audit.ts'
import { byStaff } from '../audit/audit.ts'
import { tokenHash } from '../shared/token-hash.ts'
import { qrPath } from '../papers/codes.ts'
import type { Clock } from '../shared/clock.ts'
import type { Database, Transaction } from '../shared/db.ts'
import { inTransaction, violatedUnique } from '../shared/db.ts'
import type { Sealer } from '../shared/sealing.ts'
import type { StaffActor } from '../staff/actors.ts'
import type { ConfirmedStaff } from './password-again.ts'
import type { PasskeyAnswer, Passkeys } from './passkeys.ts'
import { replaceCodes } from './recovery-codes.ts'
import {
  factorGone,
  factorRequired,
  hasFactor,
  heldFactors,
  lastFactor,
  lockMember,
  nothingPending,
  passkeyNotAdded,
  wrongSecondCode,
} from './second-factors.ts'
import { beginSecret, pendingSecret, putInForce } from './stored-totp.ts'
import { spacedSecret, totpLink } from './totp.ts'

export const secondCodeSchema = z.object({
  code: z.string().trim().min(1, 'second_code_missing').max(60, 'second_code_missing'),
})
export const passkeyIdSchema = z.object({ id: z.uuid() })

/** A staff member's second factor as the own page shows it. */
export interface OwnFactors {
  email: string
  totp: boolean
  passkeys: { id: string; name: string; createdAt: Date; usedAt: Date | null }[]
  codesLeft: number
  required: boolean
}

/** What an authenticator app is to be given: by its camera, by hand, or by a tap on the same phone. */
export interface TotpToSetUp {
  qr: { path: string; side: number }
  secret: string
  link: string
}

/** Shown once: recovery codes, where they were made just now. */
export interface NewCodes {
  codes: string[] | undefined
}

export function createSettingUp(deps: {
  db: Database
  clock: Clock
  audit: AuditLog
  sealer: Sealer
  passkeys: Passkeys
  /** Where people reach the system: apps show it beside the codes. */
  origin: string
}) {
  const { db, clock, audit, sealer, passkeys, origin } = deps

  const entry = (staffId: string, action: string, details: AuditEntry['details'] = {}): AuditEntry => ({
    at: clock(),
    actor: byStaff(staffId),
    action,
    subject: { kind: 'staff', id: staffId },
    details,
  })

  const signInName = (staffId: string) =>
    db
      .selectFrom('staff')
      .select(['email', 'full_name as fullName'])
      .where('id', '=', staffId)
      .executeTakeFirstOrThrow()

  /** What follows from a new factor: recovery codes with the first one, and a session that was held back goes on. */
  async function added(
    tx: Transaction,
    { staffId, token }: ConfirmedStaff,
    factor: 'totp' | 'passkey',
  ): Promise<NewCodes> {
    const { codesLeft } = await countCodes(tx, staffId)
    const codes = codesLeft === 0 ? await replaceCodes(tx, sealer, staffId) : undefined
    await tx
      .updateTable('sessions')
      .set({ factor_missing: false })
      .where('token_hash', '=', tokenHash(token))
      .execute()
    await audit.append(tx, entry(staffId, 'staff.set-up-factor', { factor }))
    return { codes }
  }

  /** What follows where one was taken away. @throws lastFactor */
  async function removed(tx: Transaction, staffId: string, factor: 'totp' | 'passkey'): Promise<void> {
    if (!hasFactor(await heldFactors(tx, staffId))) {
      if (await factorRequired(tx, staffId)) throw lastFactor()
      await tx.deleteFrom('staff_recovery_codes').where('staff_id', '=', staffId).execute()
    }
    await audit.append(tx, entry(staffId, 'staff.remove-factor', { factor }))
  }

  return {
    passkeysPossible: passkeys.possible,

    async own({ staffId }: StaffActor): Promise<OwnFactors> {
      const { email } = await signInName(staffId)
      return {
        email,
        totp: (await heldFactors(db, staffId)).totp,
        passkeys: await db
          .selectFrom('staff_passkeys')
          .select(['id', 'name', 'created_at as createdAt', 'used_at as usedAt'])
          .where('staff_id', '=', staffId)
          .orderBy('id')
          .execute(),
        ...(await countCodes(db, staffId)),
        required: await factorRequired(db, staffId),
      }
    },

    /** Begins to set codes up; those of an app that is in use count until then. */
    async beginTotp({ staffId }: ConfirmedStaff): Promise<void> {
      await inTransaction(db, async (tx) => {
        await lockMember(tx, staffId)
        await beginSecret(tx, sealer, staffId)
      })
    },

    /** What was begun; undefined when nothing was, or when it is done. */
    async totpToSetUp({ staffId }: ConfirmedStaff): Promise<TotpToSetUp | undefined> {
      const secret = await pendingSecret(db, sealer, staffId)
      if (secret === undefined) return undefined
      const { email: account } = await signInName(staffId)
      // Short, so that the QR code is coarse enough for any camera.
      const link = totpLink(secret, { issuer: new URL(origin).host, account })
      return { secret: spacedSecret(secret), link, qr: qrPath(link) }
    },

    /** Codes count from now on, as the app has given a right one. @throws nothingPending, wrongSecondCode */
    async confirmTotp(member: ConfirmedStaff, typed: string): Promise<NewCodes> {
      return inTransaction(db, async (tx) => {
        await lockMember(tx, member.staffId)
        const fits = await putInForce(tx, sealer, clock(), member.staffId, typed)
        if (fits === undefined) throw nothingPending()
        if (!fits) throw wrongSecondCode()
        return added(tx, member, 'totp')
      })
    },

    /** @throws factorGone, lastFactor */
    async removeTotp({ staffId }: ConfirmedStaff): Promise<void> {
      await inTransaction(db, async (tx) => {
        await lockMember(tx, staffId)
        const { numDeletedRows } = await tx
          .deleteFrom('staff_totp')
          .where('staff_id', '=', staffId)
          .where('sealed', 'is not', null)
          .executeTakeFirstOrThrow()
        if (numDeletedRows === 0n) throw factorGone()
        await removed(tx, staffId, 'totp')
      })
    },

    /** What the browser's script needs for making a passkey. */
    async passkeyToSetUp({ staffId }: ConfirmedStaff) {
      const { email, fullName } = await signInName(staffId)
      return passkeys.creationOptions({ staffId, email, fullName })
    },

    /** @throws passkeyNotAdded */
    async addPasskey(member: ConfirmedStaff, input: { passkey: PasskeyAnswer; name: string }) {
      const { staffId } = member
      const { id, publicKey, counter, transports } = await passkeys.created(staffId, input.passkey)
      try {
        return await inTransaction(db, async (tx) => {
          await lockMember(tx, staffId)
          await tx
            .insertInto('staff_passkeys')
            .values({
              staff_id: staffId,
              credential_id: id,
              public_key: Buffer.from(publicKey),
              counter,
              transports: transports ?? [],
              name: input.name,
              created_at: clock(),
            })
            .execute()
          return added(tx, member, 'passkey')
        })
      } catch (error) {
        throw violatedUnique(error) ? passkeyNotAdded() : error
      }
    },

    /** @throws factorGone, lastFactor */
    async removePasskey({ staffId }: ConfirmedStaff, id: string): Promise<void> {
      await inTransaction(db, async (tx) => {
        await lockMember(tx, staffId)
        const { numDeletedRows } = await tx
          .deleteFrom('staff_passkeys')
          .where('id', '=', id)
          .where('staff_id', '=', staffId)
          .executeTakeFirstOrThrow()
        if (numDeletedRows === 0n) throw factorGone()
        await removed(tx, staffId, 'passkey')
      })
    },

    /** Ten new recovery codes; those before count no more. @throws factorGone */
    async newCodes({ staffId }: ConfirmedStaff): Promise<NewCodes> {
      return inTransaction(db, async (tx) => {
        await lockMember(tx, staffId)
        if (!hasFactor(await heldFactors(tx, staffId))) throw factorGone()
        const codes = await replaceCodes(tx, sealer, staffId)
        await audit.append(tx, entry(staffId, 'staff.new-recovery-codes'))
        return { codes }
      })
    },
  }
}

async function countCodes(db: Database | Transaction, staffId: string): Promise<{ codesLeft: number }> {
  const { count } = await db
    .selectFrom('staff_recovery_codes')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('staff_id', '=', staffId)
    .executeTakeFirstOrThrow()
  return { codesLeft: count }
}
