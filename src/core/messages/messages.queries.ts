import type { AuditLog } from '../audit/audit.ts'
import { byStaff } from '../audit/audit.ts'
import type { OpenedRecord } from '../readers/record.queries.ts'
import type { Clock } from '../shared/clock.ts'
import type { Database, Transaction } from '../shared/db.ts'
import { inTransaction } from '../shared/db.ts'
import type { Authorised } from '../staff/actors.ts'
import type { MessageFilter } from './messages.schemas.ts'
import { canBeTold, credentialEvents, unreached, unreachedBy } from './unreached.ts'
import { usageThisMonth } from './usage.ts'

const pageSize = 50
const shownOnRecord = 20

export interface ListedMessage {
  id: string
  channel: string
  event: string
  state: string
  fault: string | null
  createdAt: Date
  readerId: string | null
  readerName: string | null
  libraryName: string | null
  /** What it brings can still be told, and it wasn't sent once more yet. */
  canGoAgain: boolean
  /** It carried a password that can't be read any more. */
  passwordGone: boolean
  /** Nothing arrives where it was sent, and that is still the reader's contact. */
  addressRefused: boolean
  /** The phone or address that it went to; on the reader's record only. */
  recipient?: string
}

export function createMessageQueries(deps: { db: Database; clock: Clock; audit: AuditLog }) {
  const { db, clock, audit } = deps
  return {
    /** A page of messages, the newest first: an operator's all, a librarian's own readers'. Audited. */
    list(
      actor: Authorised<'messages.read'>,
      filter: MessageFilter,
    ): Promise<{ messages: ListedMessage[]; more: boolean }> {
      return inTransaction(db, async (tx) => {
        const rows = await listed(tx, clock(), actor, filter)
        const messages = rows.slice(0, pageSize)
        const readers = messages.flatMap(({ readerId }) => readerId ?? [])
        if (messages.length > 0)
          await audit.append(tx, {
            at: clock(),
            actor: byStaff(actor.staffId),
            action: 'messages.list',
            subject: { kind: 'reader', id: null },
            details: {
              ids: [...new Set(readers)],
              query: Object.entries(filter).flatMap(([name, value]) => (value ? `${name}=${value}` : [])),
            },
          })
        return { messages, more: rows.length > pageSize }
      })
    },

    /**
     * The newest messages to a reader whose record was opened, before them the one that waits for somebody to tell
     * him: it may be older than all of them. The list, narrowed to him, has the others.
     */
    async ofRecord({ readerId }: OpenedRecord): Promise<{ messages: ListedMessage[]; more: boolean }> {
      const waiting = (await unreachedBy(db, readerId)) ?? null
      const rows = await shown(db, clock())
        .select('m.recipient')
        .where('m.reader_id', '=', readerId)
        .where('m.event', 'like', 'reader.%')
        .orderBy((eb) => eb('m.id', 'is not distinct from', waiting), 'desc')
        .orderBy('m.created_at', 'desc')
        .orderBy('m.id', 'desc')
        .limit(shownOnRecord + 1)
        .execute()
      return { messages: rows.slice(0, shownOnRecord), more: rows.length > shownOnRecord }
    },

    /** How many readers no message reached; no personal data, so no audit. */
    async countUnreached(actor: Authorised<'messages.read'>): Promise<number> {
      let query = unreached(db).select((eb) => eb.fn.count<number>('m.reader_id').distinct().as('n'))
      if (actor.libraries !== 'all') query = query.where('r.library_id', 'in', [...actor.libraries])
      return Number((await query.executeTakeFirstOrThrow()).n)
    },

    /** The message that tells no reader, of one whose record was opened: beside it stands that he was told in person. */
    unreachedBy: ({ readerId }: { readerId: string }): Promise<string | undefined> =>
      unreachedBy(db, readerId),

    /** What of the month's SMS is used up; operators are warned before they end. */
    usage: (_actor: Authorised<'applications.decide' | 'messages.configure'>) => usageThisMonth(db, clock()),
  }
}

/** Messages with all that is shown of them, whosoever's they are. */
const shown = (db: Database | Transaction, now: Date) =>
  db
    .selectFrom('messages as m')
    .leftJoin('readers as r', 'r.id', 'm.reader_id')
    .leftJoin('libraries as l', (join) =>
      join.on((eb) => eb('l.id', '=', eb.fn.coalesce('r.library_id', 'm.library_id'))),
    )
    .select([
      'm.id',
      'm.channel',
      'm.event',
      'm.state',
      'm.fault',
      'm.created_at as createdAt',
      'm.reader_id as readerId',
      'r.full_name as readerName',
      'l.short_name as libraryName',
    ])
    .select((eb) => [
      eb
        .and([
          canBeTold(eb, now),
          eb('m.state', 'not in', ['queued', 'sending']),
          eb.not(eb.exists(eb.selectFrom('messages as o').whereRef('o.again_of', '=', 'm.id'))),
        ])
        .$castTo<boolean>()
        .as('canGoAgain'),
      eb
        .and([
          eb('m.event', 'in', credentialEvents),
          eb('m.state', 'in', ['failed', 'undelivered', 'uncertain']),
          eb.not(canBeTold(eb, now)),
        ])
        .$castTo<boolean>()
        .as('passwordGone'),
      eb
        .and([
          eb('m.reader_id', 'is not', null),
          eb.exists(
            eb
              .selectFrom('refused_addresses as a')
              .whereRef('a.channel', '=', 'm.channel')
              .whereRef('a.address', '=', 'm.recipient'),
          ),
        ])
        .$castTo<boolean>()
        .as('addressRefused'),
    ])

function listed(
  tx: Transaction,
  now: Date,
  actor: Authorised<'messages.read'>,
  filter: MessageFilter,
): Promise<ListedMessage[]> {
  let query = shown(tx, now)
  if (actor.libraries !== 'all')
    query = query.where('r.library_id', 'in', [...actor.libraries]).where('m.event', 'like', 'reader.%')
  if (filter.state === 'unreached') query = query.where('m.id', 'in', unreached(tx).select('m.id'))
  else if (filter.state) query = query.where('m.state', '=', filter.state)
  if (filter.channel) query = query.where('m.channel', '=', filter.channel)
  if (filter.library) query = query.where('l.id', '=', filter.library)
  if (filter.reader) query = query.where('m.reader_id', '=', filter.reader)
  const { after } = filter
  if (after)
    query = query.where((eb) =>
      eb(
        eb.refTuple('m.created_at', 'm.id'),
        '<',
        eb
          .selectFrom('messages as a')
          .select(['a.created_at', 'a.id'])
          .where('a.id', '=', after)
          .$asTuple('created_at', 'id'),
      ),
    )
  return query
    .orderBy('m.created_at', 'desc')
    .orderBy('m.id', 'desc')
    .limit(pageSize + 1)
    .execute()
}
