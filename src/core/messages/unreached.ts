import type { ExpressionBuilder } from 'kysely'
import type { Database, Transaction } from '../shared/db.ts'
import { sql } from '../shared/db.ts'
import type { DB } from '../shared/db.types.ts'

/** Events that bring a reader number and password. */
export const credentialEvents = [
  'reader.registered',
  'reader.credentials',
  'reader.new-password',
  'reader.provider',
] as const

const cardReplaced = 'reader.card-replaced'

/** Events without which a reader can't sign in: whom none of them reaches, the librarian tells himself. */
export const tellingEvents = [...credentialEvents, cardReplaced] as const

const hopeless = ['failed', 'undelivered', 'uncertain'] as const
const hopeful = ['queued', 'sending', 'sent', 'delivered'] as const

type OfMessage = ExpressionBuilder<DB & { m: DB['messages'] }, 'm'>

/** Whether the readable password that a message carries lies there. @param until it is to be kept beyond this moment */
const passwordKept = (eb: OfMessage, until = new Date(0)) =>
  eb.exists(
    eb
      .selectFrom('sealed_passwords as s')
      .whereRef('s.reader_id', '=', 'm.reader_id')
      .where(
        's.purpose',
        '=',
        sql<string>`case m.event when 'reader.provider' then 'provider' else 'initial' end`,
      )
      .where('s.expires_at', '>', until),
  )

/** Whether what a message brings can still be told: it carries no password, or one that can be read. */
export const canBeTold = (eb: OfMessage, now: Date) =>
  eb
    .or([
      eb('m.event', '=', cardReplaced),
      eb.and([eb('m.event', 'in', credentialEvents), passwordKept(eb, now)]),
    ])
    .$castTo<boolean>()

/**
 * Messages by whose failing a reader has nothing in hand: neither channel carried the newest telling, nobody
 * has told him otherwise, and he hasn't been here since. Of a password that shows by its readable copy; of a card
 * that took another's place his being here settles the message.
 */
export const unreached = (db: Database | Transaction) =>
  db
    .selectFrom('messages as m')
    .innerJoin('readers as r', 'r.id', 'm.reader_id')
    .where('m.state', 'in', hopeless)
    .where('m.settled_at', 'is', null)
    .where('m.event', 'in', tellingEvents)
    .where('r.merged_into', 'is', null)
    .where((eb) =>
      eb.or([
        eb.and([
          eb('m.event', 'in', credentialEvents),
          eb.or([eb('m.event', '!=', 'reader.provider'), eb('r.first_signed_in_at', 'is', null)]),
          passwordKept(eb),
        ]),
        eb('m.event', '=', cardReplaced),
      ]),
    )
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('messages as o')
            .whereRef('o.reader_id', '=', 'm.reader_id')
            .where('o.event', 'in', tellingEvents)
            .where((other) =>
              other.or([
                other.and([
                  other('o.created_at', '>', other.ref('m.created_at')),
                  // A card alone tells no password.
                  other.or([other('o.event', '!=', cardReplaced), other('m.event', '=', cardReplaced)]),
                ]),
                other.and([other('o.telling', '=', other.ref('m.telling')), other('o.state', 'in', hopeful)]),
              ]),
            ),
        ),
      ),
    )

/** The reader is here: he has signed in with the new number, or a device of his shows it. */
export async function settleCardReplaced(
  db: Database | Transaction,
  now: Date,
  readerId: string,
): Promise<void> {
  await db
    .updateTable('messages')
    .set({ settled_at: now })
    .where('reader_id', '=', readerId)
    .where('event', '=', cardReplaced)
    .where('settled_at', 'is', null)
    .execute()
}

/** The newest message by whose failing a reader is to be told by his library; undefined where one reached him. */
export async function unreachedBy(db: Database | Transaction, readerId: string): Promise<string | undefined> {
  const row = await unreached(db)
    .select('m.id')
    .where('m.reader_id', '=', readerId)
    .orderBy('m.created_at', 'desc')
    .orderBy('m.id', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row?.id
}

export const isUnreached = async (db: Database | Transaction, readerId: string): Promise<boolean> =>
  (await unreachedBy(db, readerId)) !== undefined
