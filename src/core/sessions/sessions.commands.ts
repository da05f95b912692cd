import type { ExpressionBuilder } from 'kysely'
import { z } from 'zod'
import { knownNumber } from '../cards/known-number.ts'
import { isOver } from '../cards/validity.ts'
import { settleCardReplaced } from '../messages/unreached.ts'
import { foldGenerated } from '../readers/passwords.ts'
import { readSettings } from '../settings/settings.ts'
import { dateIn } from '../shared/calendar.ts'
import type { Clock } from '../shared/clock.ts'
import { after, minutes } from '../shared/clock.ts'
import type { Database } from '../shared/db.ts'
import { inTransaction } from '../shared/db.ts'
import type { DB } from '../shared/db.types.ts'
import { expected } from '../shared/errors.ts'
import { verifyNobody, verifyPassword } from '../shared/passwords.ts'
import type { Actor, ReaderActor, Role, StaffActor } from '../staff/actors.ts'
import type { AttemptLimits } from './limits.ts'
import { attemptBuckets, checkLimited } from './limits.ts'
import { openSession } from './opening.ts'
import type { SessionKind } from './sessions.ts'
import { tokenHash } from '../shared/token-hash.ts'
import { endOf } from './sessions.ts'

/** One answer for an unknown number and a wrong password: it doesn't tell which cards exist. */
export const wrongCredentials = expected('sessions.wrong_credentials', 401)

/** The card's last day is over. Only who has the right password is told. */
export const cardEnded = expected('sessions.card_ended', 403)

/** The password typed again before something grave; it is no sign-in, so no 401. */
export const wrongPassword = expected('sessions.wrong_password', 422)

/** The session has ended already, or is somebody else's. */
export const deviceGone = expected('sessions.device_gone', 404)

/** A place where somebody is signed in. */
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
  /** When the browser may forget it. Unused it ends earlier, which the database knows. */
  expiresAt: Date
}

type Person = ReaderActor | StaffActor

export type Sessions = ReturnType<typeof createSessions>

export function createSessions(deps: { db: Database; clock: Clock; limits: AttemptLimits }) {
  const { db, clock, limits } = deps

  const today = async () => dateIn((await readSettings(db))['region.timeZone'], clock())

  return {
    /** @throws wrongCredentials, tooManyAttempts, cardEnded */
    async signInReader(typed: { cardNumber: string; password: string }, origin: Origin): Promise<SignedIn> {
      const number = await knownNumber(db, typed.cardNumber)
      const reader = await checkLimited(limits, attemptBuckets(`card ${number}`, origin.address), () =>
        readerByPassword(db, number, typed.password),
      )
      if (!reader) throw wrongCredentials()
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
        await settleCardReplaced(tx, clock(), reader.id)
        return openSession(tx, clock(), { kind: 'reader', id: reader.id }, origin)
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
          'sessions.created_at',
          'seen_at',
          'factor_missing',
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
          .set({ seen_at: now, expires_at: endOf(kind, session.created_at, now) })
          .where('token_hash', '=', hash)
          .execute()
        if (session.reader_id) await settleCardReplaced(db, now, session.reader_id)
      }
      if (session.staff_id) {
        const staff = await staffActor(db, session.staff_id)
        // Without roles nothing can be authorised: whoever lacks the second factor gets nowhere by any way.
        return staff && session.factor_missing ? { ...staff, roles: [], factorMissing: true } : staff
      }
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

    /** Devices on which this person is signed in, the latest used first. @param token the session that asks */
    async devices(person: Person, token: string): Promise<Device[]> {
      const rows = await db
        .selectFrom('sessions')
        .select(['id', 'token_hash', 'user_agent as userAgent', 'created_at as createdAt'])
        .select('seen_at as seenAt')
        .where(ownedBy(person))
        .where('expires_at', '>', clock())
        .orderBy('seen_at', 'desc')
        .execute()
      const own = tokenHash(token)
      return rows.map(({ token_hash: hash, ...device }) => ({ ...device, here: hash.equals(own) }))
    },

    /** Signs the person out on one of the own devices. @throws deviceGone */
    async signOutDevice(person: Person, id: string): Promise<void> {
      const { numDeletedRows } = await db
        .deleteFrom('sessions')
        .where('id', '=', id)
        .where(ownedBy(person))
        .executeTakeFirstOrThrow()
      if (numDeletedRows === 0n) throw deviceGone()
    },

    /** Signs the person out everywhere but here. @param token the session that asks */
    async signOutOthers(person: Person, token: string): Promise<void> {
      await db
        .deleteFrom('sessions')
        .where(ownedBy(person))
        .where('token_hash', '<>', tokenHash(token))
        .execute()
    },

    async signOut(token: string): Promise<void> {
      await db.deleteFrom('sessions').where('token_hash', '=', tokenHash(token)).execute()
    },
  }
}

/** Whose sessions they are. */
const ownedBy = (person: Person) => (eb: ExpressionBuilder<DB, 'sessions'>) =>
  person.kind === 'reader' ? eb('reader_id', '=', person.readerId) : eb('staff_id', '=', person.staffId)

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

/** A staff member as he is now; undefined when he is dismissed or has no role left in a library that is open. */
export async function staffActor(db: Database, staffId: string): Promise<StaffActor | undefined> {
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
