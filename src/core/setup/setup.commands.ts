import { timingSafeEqual } from 'node:crypto'
import type { AuditLog } from '../audit/audit.ts'
import { ensureConsentText } from '../consents/consent-text.ts'
import { addLibrary } from '../network/network.ts'
import { writeSetting } from '../settings/settings.ts'
import type { Clock } from '../shared/clock.ts'
import type { Database, Transaction } from '../shared/db.ts'
import { inTransaction, violatedUnique } from '../shared/db.ts'
import { expected } from '../shared/errors.ts'
import { hashPassword } from '../shared/passwords.ts'
import type { Sealer } from '../shared/sealing.ts'
import type { Role } from '../staff/actors.ts'
import { refuseOwnName } from '../staff/own-name.ts'
import { insertStaffMember } from '../staff/staff.commands.ts'
import { centralOf } from './setup.ts'
import type { SetupInput } from './setup.schemas.ts'

export const wrongSetupLink = expected('setup.wrong_link', 403)
export const alreadySetUp = expected('setup.already_done', 409)

export type Setup = ReturnType<typeof createSetup>

/** The first start of an empty installation. */
export function createSetup(deps: { db: Database; clock: Clock; audit: AuditLog; sealer: Sealer }) {
  const { db, clock, audit, sealer } = deps

  /**
   * What the console's link carries. It comes from the installation's key, so every web process knows it
   * and nothing is stored; it opens one page, and that only until the region is there.
   */
  const linkKey = () => sealer.blind('setup link').toString('base64url').slice(0, 32)

  /** Once a region is there it stays, and each page of readers asks. */
  let done = false
  async function needed(): Promise<boolean> {
    done ||= (await db.selectFrom('libraries').select('id').limit(1).executeTakeFirst()) !== undefined
    return !done
  }

  return {
    needed,
    linkKey,

    /** @throws wrongSetupLink, alreadySetUp */
    async check(key: string): Promise<void> {
      if (!sameText(key, linkKey())) throw wrongSetupLink()
      if (!(await needed())) throw alreadySetUp()
    },

    /**
     * Makes the region: its central library, settings, consent text and the first administrator, all or nothing.
     * @throws wrongSetupLink, ownNameAsPassword; alreadySetUp, also for the slower of two who press the button at once
     */
    async run(key: string, input: SetupInput): Promise<void> {
      await this.check(key)
      refuseOwnName(input.password, input)
      const passwordHash = await hashPassword(input.password.normalize('NFC'))
      try {
        await inTransaction(db, (tx) => makeRegion(tx, input, passwordHash))
      } catch (error) {
        throw violatedUnique(error)?.startsWith('libraries_') ? alreadySetUp() : error
      }
    },
  }

  async function makeRegion(tx: Transaction, input: SetupInput, passwordHash: string): Promise<void> {
    const centralId = await addLibrary(
      tx,
      centralOf({
        name: input.libraryName,
        address: input.libraryAddress,
        phone: input.libraryPhone,
        email: input.libraryEmail,
      }),
    )
    await writeSetting(tx, 'region.name', input.regionName)
    await writeSetting(tx, 'region.timeZone', input.timeZone)
    await ensureConsentText(tx)
    const roles: Role[] = [
      'admin',
      ...(input.operator ? (['operator'] as const) : []),
      ...(input.curator ? (['curator'] as const) : []),
    ]
    const staffId = await insertStaffMember(
      tx,
      {
        email: input.email,
        fullName: input.fullName,
        passwordHash,
        roles: roles.map((role) => ({ role, libraryId: centralId })),
      },
      clock(),
    )
    await audit.append(tx, {
      at: clock(),
      actor: { kind: 'system' },
      action: 'setup.run',
      subject: { kind: 'staff', id: staffId },
      libraryId: centralId,
      details: { roles },
    })
  }
}

function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}
