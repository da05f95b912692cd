import { randomUUID } from 'node:crypto'
import type { AuditEntry, AuditLog } from '../audit/audit.ts'
import { byStaff, byStaffOrConsole } from '../audit/audit.ts'
import type { AttemptLimits, Bucket } from '../sessions/limits.ts'
import type { Clock } from '../shared/clock.ts'
import type { Database, Transaction } from '../shared/db.ts'
import { inTransaction } from '../shared/db.ts'
import { expected, isExpected, notFound } from '../shared/errors.ts'
import { addJob } from '../shared/jobs.ts'
import { hashPassword } from '../shared/passwords.ts'
import type { Sealer } from '../shared/sealing.ts'
import { tokenHash } from '../shared/token-hash.ts'
import type { Authorised, ConsoleActor, Role } from '../staff/actors.ts'
import type { LinkPurpose } from '../staff/links.ts'
import { linkAddress, makeLink, standingLink } from '../staff/links.ts'
import { refuseOwnName } from '../staff/own-name.ts'
import { firstLibrary, tell } from './invitations.commands.ts'
import { dismissed, endSessions, lockPerson } from './people.ts'

/** One answer for a link that was used, cancelled, replaced, has run out, or never was. */
export const wrongLink = expected('staff.wrong_link', 403)
/** With `minutes` to wait. */
export const tooManyLetters = expected('staff.too_many_letters', 429)

/** What whoever opens a link is shown. */
export interface OpenedLink {
  fullName: string
  email: string
  /** Who invites, and from where; undefined when he is gone, or the console did. */
  by: { fullName: string; libraryName: string } | undefined
  roles: { role: Role; libraryName: string }[]
  expiresAt: Date
}

/** Letters cost patience: three to one address at once, then one in two hours. */
const letterBuckets = (email: string, address: string): Bucket[] => [
  { key: `staff letter ${email}`, capacity: 3, perMinute: 1 / 120 },
  { key: `staff letter address ${address}`, capacity: 40, perMinute: 2 },
]

const letterOf = { invitation: 'staff.invitation', reset: 'staff.reset' } as const

/** What one-time links do: an invitation is accepted, a forgotten password is replaced. */
export function createStaffLinks(deps: {
  db: Database
  clock: Clock
  audit: AuditLog
  sealer: Sealer
  limits: AttemptLimits
  origin: string
  mail: boolean
}) {
  const { db, clock, audit, sealer, limits, origin, mail } = deps

  const note = (tx: Transaction, actor: AuditEntry['actor'], action: string, staffId: string) =>
    audit.append(tx, { at: clock(), actor, action, subject: { kind: 'staff', id: staffId } })

  /** The link that a key belongs to, while it works. */
  const linkOf = (from: Database | Transaction, key: string, purpose: LinkPurpose) =>
    from
      .selectFrom('staff_links as k')
      .innerJoin('staff as s', 's.id', 'k.staff_id')
      .select(['s.id', 's.full_name', 's.email', 'k.made_by', 'k.expires_at'])
      .where('k.token_hash', '=', tokenHash(key))
      .where('k.purpose', '=', purpose)
      .where('k.expires_at', '>', clock())
      .where('s.disabled_at', 'is', null)

  /** @throws dismissed, notFound */
  async function lockStanding(tx: Transaction, staffId: string) {
    const person = await lockPerson(tx, staffId)
    if (person.dismissed) throw dismissed()
    return { person, purpose: person.hasPassword ? ('reset' as const) : ('invitation' as const) }
  }

  return {
    /** @throws wrongLink */
    async openLink(purpose: LinkPurpose, key: string): Promise<OpenedLink> {
      const link = await linkOf(db, key, purpose).executeTakeFirst()
      if (!link) throw wrongLink()
      const [inviter] = link.made_by ? await rolesOf(db, link.made_by) : []
      return {
        fullName: link.full_name,
        email: link.email,
        by: inviter && { fullName: inviter.fullName, libraryName: inviter.libraryName },
        roles: await rolesOf(db, link.id),
        expiresAt: link.expires_at,
      }
    },

    /**
     * Chooses the password that the link is for; the link is used up, and old sessions end.
     * @returns the address with which he signs in now
     * @throws wrongLink, ownNameAsPassword
     */
    async useLink(purpose: LinkPurpose, key: string, password: string): Promise<{ email: string }> {
      const known = await linkOf(db, key, purpose).executeTakeFirst()
      if (!known) throw wrongLink()
      refuseOwnName(password, { email: known.email, fullName: known.full_name })
      const passwordHash = await hashPassword(password.normalize('NFC'))
      const now = clock()
      return inTransaction(db, async (tx) => {
        // Whatever is done to a person locks his row first.
        await tx.selectFrom('staff').select('id').where('id', '=', known.id).forUpdate().execute()
        const link = await linkOf(tx, key, purpose).executeTakeFirst()
        if (!link) throw wrongLink()
        await tx.updateTable('staff').set({ password_hash: passwordHash }).where('id', '=', link.id).execute()
        await endSessions(tx, link.id)
        await tx.deleteFrom('staff_links').where('staff_id', '=', link.id).execute()
        if (purpose === 'reset' && mail)
          await tell(tx, now, link, 'staff.password-changed', await firstLibrary(tx, link.id))
        const action = purpose === 'invitation' ? 'staff.accept' : 'staff.recover'
        await note(tx, byStaff(link.id), action, link.id)
        return { email: link.email }
      })
    },

    /**
     * Asks for a link to one's own address. Neither the answer nor its time tells whether anybody has it: the rest
     * is done by a job.
     * @throws tooManyLetters
     */
    async askLink(email: string, address: string): Promise<void> {
      await limits.book(letterBuckets(email, address)).catch((error: unknown) => {
        if (!isExpected(error)) throw error
        throw tooManyLetters({ minutes: Math.ceil(Number(error.values['seconds']) / 60) })
      })
      await inTransaction(db, async (tx) => {
        const person = await tx.selectFrom('staff').select('id').where('email', '=', email).executeTakeFirst()
        await addJob(tx, 'staff:send-link', { staffId: person?.id ?? randomUUID() })
      })
    },

    /** The job: makes the link and its letter where there is somebody to get it. Run twice, it sends anew. */
    async sendLink(staffId: string): Promise<void> {
      if (!mail) return
      try {
        await inTransaction(db, async (tx) => {
          const { person, purpose } = await lockStanding(tx, staffId)
          // Anybody may ask: that replaces no link that works, perhaps in a letter on paper, and invites nobody anew.
          if (!(await standingLink(tx, clock(), staffId))) {
            if (purpose === 'invitation') return
            await makeLink(tx, sealer, clock(), { staffId, purpose })
          }
          await tell(tx, clock(), person, letterOf[purpose], await firstLibrary(tx, staffId))
          await note(tx, { kind: 'system' }, 'staff.send-link', staffId)
        })
      } catch (error) {
        if (!isExpected(error)) throw error
      }
    },

    /**
     * A new password for somebody who can't have one by himself: by letter, or by the link that is given back where
     * no letters go.
     * @returns undefined when a letter goes
     * @throws dismissed, notFound
     */
    reset: (actor: Authorised<'staff.manage'>, staffId: string): Promise<string | undefined> =>
      inTransaction(db, async (tx) => {
        const { person, purpose } = await lockStanding(tx, staffId)
        const link = await makeLink(tx, sealer, clock(), { staffId, purpose, madeBy: actor.staffId })
        if (mail) await tell(tx, clock(), person, letterOf[purpose], await firstLibrary(tx, staffId))
        await note(tx, byStaff(actor.staffId), 'staff.reset', staffId)
        return mail ? undefined : linkAddress(sealer, origin, link)
      }),

    /** The same on the server, for an administrator who is shut out himself. @throws dismissed, notFound */
    resetAtConsole: (actor: ConsoleActor, email: string): Promise<{ link: string; expiresAt: Date }> =>
      inTransaction(db, async (tx) => {
        const found = await tx.selectFrom('staff').select('id').where('email', '=', email).executeTakeFirst()
        if (!found) throw notFound()
        const { purpose } = await lockStanding(tx, found.id)
        const link = await makeLink(tx, sealer, clock(), { staffId: found.id, purpose })
        await note(tx, byStaffOrConsole(actor), 'staff.reset', found.id)
        return { link: linkAddress(sealer, origin, link), expiresAt: link.expiresAt }
      }),
  }
}

/** A staff member's roles, the one he began with first. */
async function rolesOf(db: Database, staffId: string) {
  const rows = await db
    .selectFrom('staff_roles as r')
    .innerJoin('staff as s', 's.id', 'r.staff_id')
    .innerJoin('libraries as l', 'l.id', 'r.library_id')
    .select(['s.full_name as fullName', 'r.role', 'l.name as libraryName'])
    .where('r.staff_id', '=', staffId)
    .orderBy('r.since')
    .orderBy('r.library_id')
    .execute()
  return rows.map((row) => ({ ...row, role: row.role as Role }))
}
