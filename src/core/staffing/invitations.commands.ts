import type { AuditLog } from '../audit/audit.ts'
import { byStaff } from '../audit/audit.ts'
import { queueMessages } from '../messages/messages.ts'
import type { Clock } from '../shared/clock.ts'
import type { Database, Transaction } from '../shared/db.ts'
import { inTransaction } from '../shared/db.ts'
import { expected } from '../shared/errors.ts'
import type { Sealer } from '../shared/sealing.ts'
import type { Authorised } from '../staff/actors.ts'
import { linkAddress, makeLink, standingLink } from '../staff/links.ts'
import { insertStaffMember } from '../staff/staff.commands.ts'
import { dismissed, firstLibrarian, lockPerson } from './people.ts'
import type { HeldRole, InviteInput, InviteLibrarianInput } from './staffing.schemas.ts'

/** The invitation was accepted, cancelled or has run out meanwhile. */
export const nothingWaits = expected('staff.nothing_waits', 409)
/** More librarians are the administrator's to invite. */
export const hasLibrarian = expected('network.has_librarian', 409)
export const libraryClosed = expected('network.closed', 409)

type Inviting = Authorised<'staff.manage' | 'network.manage'>

/** How somebody begins to work in the system: he gets a link and chooses a password. */
export function createInvitations(deps: {
  db: Database
  clock: Clock
  audit: AuditLog
  sealer: Sealer
  origin: string
  /** Whether letters can go out; else a link is shown and handed over by whoever invites. */
  mail: boolean
}) {
  const { db, clock, audit, sealer, origin, mail } = deps

  const note = (tx: Transaction, actor: Inviting, action: string, staffId: string, role?: HeldRole) =>
    audit.append(tx, {
      at: clock(),
      actor: byStaff(actor.staffId),
      action,
      subject: { kind: 'staff', id: staffId },
      libraryId: role?.libraryId ?? null,
      ...(role && { details: { roles: [role.role] } }),
    })

  /** Makes the person, the link and the letter. @throws emailTaken, libraryClosed */
  async function begin(
    tx: Transaction,
    actor: Inviting,
    person: { fullName: string; email: string; days: number },
    role: HeldRole,
    event: 'staff.invitation' | 'library.invitation' | undefined,
  ): Promise<string> {
    const now = clock()
    await refuseClosed(tx, role.libraryId)
    const staffId = await insertStaffMember(tx, { ...person, passwordHash: '', roles: [role] }, now)
    await makeLink(tx, sealer, now, {
      staffId,
      purpose: 'invitation',
      days: person.days,
      madeBy: actor.staffId,
    })
    if (event && mail) await tell(tx, now, { id: staffId, email: person.email }, event, role.libraryId)
    await note(tx, actor, 'staff.invite', staffId, role)
    return staffId
  }

  return {
    /** @throws emailTaken, libraryClosed, notFound */
    invite: (actor: Authorised<'staff.manage'>, input: InviteInput): Promise<{ staffId: string }> =>
      inTransaction(db, async (tx) => ({
        staffId: await begin(
          tx,
          actor,
          input,
          { role: input.role, libraryId: input.libraryId },
          'staff.invitation',
        ),
      })),

    /**
     * Invites the first librarian of a library; the letter with its papers goes along by e-mail, or on paper alone.
     * @throws hasLibrarian, emailTaken, libraryClosed, notFound
     */
    inviteLibrarian: (
      actor: Authorised<'network.manage'>,
      libraryId: string,
      input: InviteLibrarianInput,
    ): Promise<{ staffId: string }> =>
      inTransaction(db, async (tx) => {
        await refuseSecondLibrarian(tx, libraryId)
        const event = input.onPaper === 'paper' ? undefined : 'library.invitation'
        return { staffId: await begin(tx, actor, input, { role: 'librarian', libraryId }, event) }
      }),

    /**
     * A new link for somebody who hasn't accepted yet; the one before stops working.
     * @param libraryId the library whose letter goes along; left out, the plain invitation goes
     * @throws nothingWaits, notFound
     */
    again: (
      actor: Inviting,
      staffId: string,
      { days }: { days: number },
      libraryId?: string,
    ): Promise<void> =>
      inTransaction(db, async (tx) => {
        const now = clock()
        const person = await lockInvited(tx, staffId, libraryId)
        await makeLink(tx, sealer, now, { staffId, purpose: 'invitation', days, madeBy: actor.staffId })
        const event = libraryId ? 'library.invitation' : 'staff.invitation'
        if (mail) await tell(tx, now, person, event, libraryId ?? (await firstLibrary(tx, staffId)))
        await note(tx, actor, 'staff.invite-again', staffId)
      }),

    /** Takes an invitation back: nobody has ever signed in, so nothing of the person is left. @throws nothingWaits */
    cancel: (actor: Inviting, staffId: string, libraryId?: string): Promise<void> =>
      inTransaction(db, async (tx) => {
        await lockInvited(tx, staffId, libraryId)
        const { first_signed_in_at: known } = await tx
          .selectFrom('staff')
          .select('first_signed_in_at')
          .where('id', '=', staffId)
          .executeTakeFirstOrThrow()
        if (known) {
          // Somebody who was to come back: what he did stays his.
          await tx.updateTable('staff').set({ disabled_at: clock() }).where('id', '=', staffId).execute()
          await tx.deleteFrom('staff_links').where('staff_id', '=', staffId).execute()
        } else await tx.deleteFrom('staff').where('id', '=', staffId).execute()
        await note(tx, actor, 'staff.cancel-invitation', staffId)
      }),

    /** The link itself, for whoever hands it over. Each time is in the log. @throws nothingWaits, notFound */
    showLink: (actor: Authorised<'staff.manage'>, staffId: string): Promise<string> =>
      inTransaction(db, async (tx) => {
        await lockPerson(tx, staffId)
        const link = await standingLink(tx, clock(), staffId)
        if (!link) throw nothingWaits()
        await note(tx, actor, 'staff.show-link', staffId)
        return linkAddress(sealer, origin, link)
      }),
  }
}

export async function tell(
  tx: Transaction,
  now: Date,
  person: { id: string; email: string },
  event: 'staff.invitation' | 'library.invitation' | 'staff.reset' | 'staff.password-changed',
  libraryId: string,
): Promise<void> {
  await queueMessages(tx, now, [
    { channel: 'email', event, recipient: person.email, staffId: person.id, libraryId },
  ])
}

/** The library whose name stands in letters to somebody: the one where he began. */
export async function firstLibrary(tx: Transaction, staffId: string): Promise<string> {
  const { library_id: libraryId } = await tx
    .selectFrom('staff_roles')
    .select('library_id')
    .where('staff_id', '=', staffId)
    .orderBy('since')
    .orderBy('library_id')
    .limit(1)
    .executeTakeFirstOrThrow()
  return libraryId
}

/** @param libraryId he must be the first librarian there @throws nothingWaits, notFound, dismissed */
async function lockInvited(tx: Transaction, staffId: string, libraryId?: string) {
  const person = await lockPerson(tx, staffId)
  if (person.dismissed) throw dismissed()
  if (person.hasPassword) throw nothingWaits()
  if (libraryId && (await firstLibrarian(tx, libraryId)) !== staffId) throw nothingWaits()
  return person
}

/** Of two who invite at once the second waits for the library's row. */
async function refuseSecondLibrarian(tx: Transaction, libraryId: string): Promise<void> {
  await tx.selectFrom('libraries').select('id').where('id', '=', libraryId).forUpdate().execute()
  const librarian = await tx
    .selectFrom('staff_roles')
    .innerJoin('staff', 'staff.id', 'staff_roles.staff_id')
    .select('staff.id')
    .where('library_id', '=', libraryId)
    .where('role', '=', 'librarian')
    .where('disabled_at', 'is', null)
    .limit(1)
    .executeTakeFirst()
  if (librarian) throw hasLibrarian()
}

/** @throws libraryClosed, also when there is no such library */
export async function refuseClosed(tx: Transaction, libraryId: string): Promise<void> {
  const open = await tx
    .selectFrom('libraries')
    .select('id')
    .where('id', '=', libraryId)
    .where('closed_at', 'is', null)
    .executeTakeFirst()
  if (!open) throw libraryClosed()
}
