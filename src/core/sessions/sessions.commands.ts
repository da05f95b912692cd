import { z } from 'zod'
import type { AuditLog } from '../audit/audit.ts'
import { knownNumber } from '../cards/known-number.ts'
import { isOver } from '../cards/validity.ts'
import { foldGenerated } from '../readers/passwords.ts'
import { readSettings } from '../settings/settings.ts'
import { dateIn } from '../shared/calendar.ts'
import type { Clock } from '../shared/clock.ts'
import { after, minutes } from '../shared/clock.ts'
import type { Database, Transaction } from '../shared/db.ts'
import { inTransaction } from '../shared/db.ts'
import { expected } from '../shared/errors.ts'
import { verifyNobody, verifyPassword } from '../shared/passwords.ts'
import type { Actor, ReaderActor, Role } from '../staff/actors.ts'
import type { AttemptLimits } from './limits.ts'
import { attemptBuckets } from './limits.ts'
import type { SessionKind } from './sessions.ts'
import { newToken, sessionLength, tokenHash } from './sessions.ts'

/** One answer for an unknown number and a wrong password: it doesn't tell which cards exist. */
export const wrongCredentials = expected('sessions.wrong_credentials', 401)

/** The card's last day is over. Only who has the right password is told. */
export const cardEnded = expected('sessions.card_ended', 403)

/** The password typed again before something grave; it is no sign-in, so no 401. */
export const wrongPassword = expected('sessions.wrong_password', 422)

/** The session has ended already, or isn't the reader's. */
export const deviceGone = expected('sessions.device_gone', 404)

/** A place where a reader is signed in. */
export interface Device {
  id: string
  userAgent: string
  createdAt: Date
  seenAt: Date
  /** It is the one that asks. */
  here: boolean
}

export const deviceSchema = z.object({ device: z.uuid() })

/** Where an attempt comes from: the client's address as the server knows it, and what its browser says. */
export interface Origin {
  address: string
  userAgent: string
}

export interface SignedIn {
  token: string
  expiresAt: Date
}

export type Sessions = ReturnType<typeof createSessions>

export function createSessions(deps: { db: Database; clock: Clock; limits: AttemptLimits; audit: AuditLog }) {
  const { db, clock, limits, audit } = deps

  /** Runs a check between booking the attempt and giving it back; a failed check stays booked. */
  async function limited<Found>(name: string, origin: Origin, check: () => Promise<Found | undefined>) {
    const buckets = attemptBuckets(name, origin.address)
    await limits.book(buckets)
    const found = await check()
    if (!found) throw wrongCredentials()
    await limits.refund(buckets)
    return found
  }

  const today = async () => dateIn((await readSettings(db))['region.timeZone'], clock())

  async function open(tx: Transaction, kind: SessionKind, id: string, origin: Origin): Promise<SignedIn> {
    const token = newToken()
    const now = clock()
    const expiresAt = after(now, sessionLength[kind])
    await tx
      .insertInto('sessions')
      .values({
        token_hash: tokenHash(token),
        reader_id: kind === 'reader' ? id : null,
        staff_id: kind === 'staff' ? id : null,
        user_agent: origin.userAgent.slice(0, 300),
        created_at: now,
        seen_at: now,
        expires_at: expiresAt,
      })
      .execute()
    return { token, expiresAt }
  }

  return {
    /** @throws wrongCredentials, tooManyAttempts, cardEnded */
    async signInReader(typed: { cardNumber: string; password: string }, origin: Origin): Promise<SignedIn> {
      const number = await knownNumber(db, typed.cardNumber)
      const reader = await limited(`card ${number}`, origin, () =>
        readerByPassword(db, number, typed.password),
      )
      if (reader.valid_until && isOver(reader.valid_until, await today())) throw cardEnded()
      return inTransaction(db, async (tx) => {
        // Since the password was checked the registration may have been taken back, or the password replaced.
        const { numUpdatedRows } = await tx
          .updateTable('readers')
          .set((eb) => ({ first_signed_in_at: eb.fn.coalesce('first_signed_in_at', eb.val(clock())) }))
          .where('id', '=', reader.id)
          .where('password_hash', '=', reader.password_hash)
          .where('merged_into', 'is', null)
          .executeTakeFirstOrThrow()
        if (numUpdatedRows === 0n) throw wrongCredentials()
        // Asked with the row in hand: a revocation that was faster has blocked the card.
        const card = await tx
          .selectFrom('cards')
          .select('number')
          .where('number', '=', number)
          .where('reader_id', '=', reader.id)
          .where('state', '=', 'issued')
          .executeTakeFirst()
        if (!card) throw wrongCredentials()
        // The readable copy has done its work; the password itself goes on signing in.
        await tx
          .deleteFrom('sealed_passwords')
          .where('reader_id', '=', reader.id)
          .where('purpose', '=', 'initial')
          .execute()
        return open(tx, 'reader', reader.id, origin)
      })
    },

    /** @throws wrongCredentials, tooManyAttempts */
    async signInStaff(typed: { email: string; password: string }, origin: Origin): Promise<SignedIn> {
      const email = typed.email.trim().toLowerCase()
      const staff = await limited(`staff ${email}`, origin, () => staffByPassword(db, email, typed.password))
      return inTransaction(db, async (tx) => {
        await noteStaffSignIn(tx, clock(), staff)
        const session = await open(tx, 'staff', staff.id, origin)
        await audit.append(tx, {
          at: clock(),
          actor: { kind: 'staff', id: staff.id },
          action: 'sessions.sign-in',
          subject: { kind: 'staff', id: staff.id },
        })
        return session
      })
    },

    /** Whoever holds this token, or undefined. Slides the session on, at most every ten minutes. */
    async actor(token: string): Promise<Actor> {
      const now = clock()
      const hash = tokenHash(token)
      const session = await db
        .selectFrom('sessions')
        .leftJoin('readers', 'readers.id', 'sessions.reader_id')
        .select([
          'sessions.reader_id',
          'sessions.staff_id',
          'seen_at',
          'readers.full_name',
          'readers.birth_date',
        ])
        .where('token_hash', '=', hash)
        .where('expires_at', '>', now)
        .executeTakeFirst()
      if (!session) return undefined
      const kind: SessionKind = session.staff_id ? 'staff' : 'reader'
      if (after(session.seen_at, minutes(10)) < now) {
        await db
          .updateTable('sessions')
          .set({ seen_at: now, expires_at: after(now, sessionLength[kind]) })
          .where('token_hash', '=', hash)
          .execute()
      }
      if (session.staff_id) return staffActor(db, session.staff_id)
      if (!session.reader_id || !session.full_name || !session.birth_date) return undefined
      return {
        kind: 'reader',
        readerId: session.reader_id,
        fullName: session.full_name,
        birthDate: session.birth_date,
      }
    },

    /**
     * Makes sure that it is the reader himself who is about to do something grave.
     * @throws wrongPassword, tooManyAttempts
     */
    async confirmReader({ readerId }: ReaderActor, password: string, origin: Origin): Promise<void> {
      const buckets = attemptBuckets(`reader ${readerId}`, origin.address)
      await limits.book(buckets)
      const reader = await db
        .selectFrom('readers')
        .select(['password_hash', 'password_generated'])
        .where('id', '=', readerId)
        .executeTakeFirst()
      if (!reader || !(await fits(reader, password))) throw wrongPassword()
      await limits.refund(buckets)
    },

    /** Devices on which this reader is signed in, the latest used first. @param token the session that asks */
    async devices({ readerId }: ReaderActor, token: string): Promise<Device[]> {
      const rows = await db
        .selectFrom('sessions')
        .select(['id', 'token_hash', 'user_agent as userAgent', 'created_at as createdAt'])
        .select('seen_at as seenAt')
        .where('reader_id', '=', readerId)
        .where('expires_at', '>', clock())
        .orderBy('seen_at', 'desc')
        .execute()
      const own = tokenHash(token)
      return rows.map(({ token_hash: hash, ...device }) => ({ ...device, here: hash.equals(own) }))
    },

    /** Signs the reader out on one of his devices. @throws deviceGone */
    async signOutDevice({ readerId }: ReaderActor, id: string): Promise<void> {
      const { numDeletedRows } = await db
        .deleteFrom('sessions')
        .where('id', '=', id)
        .where('reader_id', '=', readerId)
        .executeTakeFirstOrThrow()
      if (numDeletedRows === 0n) throw deviceGone()
    },

    /** Signs the reader out everywhere but here. @param token the session that asks */
    async signOutOthers({ readerId }: ReaderActor, token: string): Promise<void> {
      await db
        .deleteFrom('sessions')
        .where('reader_id', '=', readerId)
        .where('token_hash', '<>', tokenHash(token))
        .execute()
    },

    async signOut(token: string): Promise<void> {
      await db.deleteFrom('sessions').where('token_hash', '=', tokenHash(token)).execute()
    },
  }
}

async function readerByPassword(db: Database, number: string, password: string) {
  const reader = await db
    .selectFrom('cards')
    .innerJoin('readers', 'readers.id', 'cards.reader_id')
    .select(['readers.id', 'readers.password_hash', 'readers.password_generated', 'cards.valid_until'])
    .where('cards.number', '=', number)
    .where('cards.state', '=', 'issued')
    .executeTakeFirst()
  if (!reader) return (await verifyNobody(password)) || undefined
  return (await fits(reader, password)) ? reader : undefined
}

function fits(reader: { password_hash: string; password_generated: boolean }, password: string) {
  const typed = reader.password_generated ? foldGenerated(password) : password.normalize('NFC')
  return verifyPassword(reader.password_hash, typed)
}

async function staffByPassword(db: Database, email: string, password: string) {
  const staff = await db
    .selectFrom('staff')
    .select(['id', 'password_hash'])
    .where('email', '=', email)
    .where('disabled_at', 'is', null)
    .where('password_hash', '<>', '')
    .executeTakeFirst()
  if (!staff) return (await verifyNobody(password)) || undefined
  return (await verifyPassword(staff.password_hash, password.normalize('NFC'))) ? staff : undefined
}

/**
 * Notes that a staff member has come in.
 * @throws wrongCredentials when he was dismissed or got another password since his own was checked
 */
async function noteStaffSignIn(
  tx: Transaction,
  now: Date,
  staff: { id: string; password_hash: string },
): Promise<void> {
  const { numUpdatedRows } = await tx
    .updateTable('staff')
    .set((eb) => ({
      first_signed_in_at: eb.fn.coalesce('first_signed_in_at', eb.val(now)),
      last_signed_in_at: now,
    }))
    .where('id', '=', staff.id)
    .where('password_hash', '=', staff.password_hash)
    .where('disabled_at', 'is', null)
    .executeTakeFirstOrThrow()
  if (numUpdatedRows === 0n) throw wrongCredentials()
}

/** A staff member as he is now; undefined when he is dismissed or has no role left in a library that is open. */
export async function staffActor(db: Database, staffId: string): Promise<Actor> {
  const rows = await db
    .selectFrom('staff')
    .innerJoin('staff_roles', 'staff_roles.staff_id', 'staff.id')
    .innerJoin('libraries', 'libraries.id', 'staff_roles.library_id')
    .select(['staff.full_name', 'role', 'library_id', 'libraries.short_name'])
    .where('staff.id', '=', staffId)
    .where('disabled_at', 'is', null)
    .where('libraries.closed_at', 'is', null)
    .execute()
  const [first] = rows
  if (!first) return undefined
  return {
    kind: 'staff',
    staffId,
    fullName: first.full_name,
    roles: rows.map((row) => ({
      role: row.role as Role,
      libraryId: row.library_id,
      libraryName: row.short_name,
    })),
  }
}
