import type { AuditLog } from '../audit/audit.ts'
import { rolesText } from '../audit/actions.ts'
import { trailOf } from '../audit/trail.ts'
import { correctionsOf } from '../corrections/corrections.ts'
import { changesOf } from '../mending/mending.ts'
import type { AttemptLimits, Bucket } from '../sessions/limits.ts'
import type { Clock } from '../shared/clock.ts'
import type { Database, Transaction } from '../shared/db.ts'
import { inTransaction } from '../shared/db.ts'
import { notFound } from '../shared/errors.ts'
import type { ReaderActor } from '../staff/actors.ts'

export type PersonFiles = ReturnType<typeof createPersonFiles>
export type PersonFile = Awaited<ReturnType<typeof gather>>

/** Ten files at once, then one in ten minutes: gathering costs the server more than a page. */
const bucketOf = (readerId: string): Bucket => ({
  key: `person file ${readerId}`,
  capacity: 10,
  perMinute: 0.1,
})

/** All that the system knows about a reader, for himself (152-ФЗ art. 14). */
export function createPersonFiles(deps: {
  db: Database
  clock: Clock
  audit: AuditLog
  limits: AttemptLimits
}) {
  const { db, clock, audit, limits } = deps
  return {
    /** What the reader's own page shows of him. */
    profile: ({ readerId }: ReaderActor) =>
      db
        .selectFrom('readers as r')
        .innerJoin('libraries as l', 'l.id', 'r.library_id')
        .leftJoin('cards as c', (join) => join.onRef('c.reader_id', '=', 'r.id').on('c.state', '=', 'issued'))
        .select([
          'r.full_name as fullName',
          'r.birth_date as birthDate',
          'r.email',
          'r.phone',
          'r.language',
          'l.name as libraryName',
          'c.number as cardNumber',
        ])
        .where('r.id', '=', readerId)
        .executeTakeFirstOrThrow(() => notFound()),

    /** Everything, at most so often; the making is audited. @throws tooManyAttempts */
    async whole(actor: ReaderActor): Promise<PersonFile> {
      await limits.book([bucketOf(actor.readerId)])
      const now = clock()
      return inTransaction(db, async (tx) => {
        const file = await gather(tx, actor.readerId, now)
        await audit.append(tx, {
          at: now,
          actor: { kind: 'reader', id: actor.readerId },
          action: 'readers.export',
          subject: { kind: 'reader', id: actor.readerId },
        })
        return file
      })
    },
  }
}

async function gather(tx: Transaction, readerId: string, now: Date) {
  const applications = await applicationsOf(tx, readerId)
  const trail = await trailOf(tx, { readers: [readerId], applications: applications.map(({ id }) => id) })
  return {
    madeAt: now,
    reader: await recordOf(tx, readerId),
    cards: await tx
      .selectFrom('cards')
      .select(['number', 'state', 'issued_at as issuedAt', 'valid_until as validUntil'])
      .where('reader_id', '=', readerId)
      .orderBy('issued_at')
      .$narrowType<{ issuedAt: Date }>()
      .execute(),
    providerAccounts: await tx
      .selectFrom('provider_accounts')
      .select(['provider', 'number', 'created_at as createdAt'])
      .where('reader_id', '=', readerId)
      .execute(),
    providerRegistrations: await tx
      .selectFrom('provider_registrations')
      .select(['provider', 'state', 'asked_at as askedAt'])
      .where('reader_id', '=', readerId)
      .where('state', '<>', 'registered')
      .execute(),
    providerClosings: await tx
      .selectFrom('provider_closings')
      .select(['provider', 'number', 'asked_at as askedAt', 'closed_at as closedAt'])
      .where('reader_id', '=', readerId)
      .orderBy('asked_at')
      .execute(),
    applications,
    consents: await consentsWithNames(tx, readerId),
    loans: await loansOf(tx, readerId),
    positions: await positionsOf(tx, readerId),
    messages: await tx
      .selectFrom('messages')
      .select(['channel', 'event', 'recipient', 'state', 'created_at as createdAt', 'sent_at as sentAt'])
      .where('reader_id', '=', readerId)
      .where('event', 'like', 'reader.%')
      .orderBy('created_at')
      .execute(),
    corrections: (await correctionsOf(tx, readerId)).map(({ text, askedAt, answer, answeredAt }) => ({
      text,
      askedAt,
      answer,
      answeredAt,
    })),
    // Who of the staff it was is their own data: a role and a library say enough.
    changes: (await changesOf(tx, readerId)).map(({ fields, reason, at }) => ({ fields, reason, at })),
    devices: await tx
      .selectFrom('sessions')
      .select(['user_agent as userAgent', 'created_at as createdAt', 'seen_at as seenAt'])
      .where('reader_id', '=', readerId)
      .orderBy('created_at')
      .execute(),
    log: trail.map(({ at, action, actorKind, roles, libraries }) => ({
      at,
      action,
      by: actorKind === 'staff' ? rolesText(roles) : actorKind === 'reader' ? 'читатель' : 'система',
      libraries,
    })),
  }
}

const recordOf = (tx: Transaction, readerId: string) =>
  tx
    .selectFrom('readers as r')
    .innerJoin('libraries as l', 'l.id', 'r.library_id')
    .select([
      'r.full_name as fullName',
      'r.birth_date as birthDate',
      'r.email',
      'r.phone',
      'r.language',
      'l.name as library',
      'r.created_at as registeredAt',
      'r.renewed_at as renewedAt',
      'r.first_signed_in_at as firstSignedInAt',
    ])
    .where('r.id', '=', readerId)
    .executeTakeFirstOrThrow(() => notFound())

const applicationsOf = (tx: Transaction, readerId: string) =>
  tx
    .selectFrom('applications as a')
    .innerJoin('libraries as l', 'l.id', 'a.library_id')
    .select([
      'a.id',
      'a.full_name as fullName',
      'a.birth_date as birthDate',
      'a.email',
      'a.phone',
      'a.state',
      'a.sent_at as sentAt',
      'a.decided_at as decidedAt',
      (eb) => eb('a.letter_id', 'is not', null).as('byMail'),
      'l.name as library',
    ])
    .where('a.reader_id', '=', readerId)
    .orderBy('a.sent_at')
    .execute()

const consentsWithNames = (tx: Transaction, readerId: string) =>
  tx
    .selectFrom('consents as c')
    .innerJoin('consent_texts as t', 't.version', 'c.text_version')
    .select([
      'c.kind',
      'c.text_version as version',
      'c.basis',
      'c.channel',
      'c.guardian_name as guardianName',
      'c.guardian_relation as guardianRelation',
      'c.taken_at as takenAt',
      'c.revoked_at as revokedAt',
      't.body as text',
    ])
    .where('c.reader_id', '=', readerId)
    .orderBy('c.taken_at')
    .execute()

const loansOf = (tx: Transaction, readerId: string) =>
  tx
    .selectFrom('loans')
    .innerJoin('publications as p', 'p.id', 'loans.publication_id')
    .select([
      'p.title',
      'p.authors',
      'loans.borrowed_at as borrowedAt',
      'loans.due_at as dueAt',
      'loans.ended_at as endedAt',
    ])
    .where('loans.reader_id', '=', readerId)
    .orderBy('loans.borrowed_at')
    .execute()

const positionsOf = (tx: Transaction, readerId: string) =>
  tx
    .selectFrom('reading_positions as r')
    .innerJoin('publications as p', 'p.id', 'r.publication_id')
    .select(['p.title', 'r.fraction', 'r.locator', 'r.saved_at as savedAt'])
    .where('r.reader_id', '=', readerId)
    .orderBy('r.saved_at')
    .execute()
