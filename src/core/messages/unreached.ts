import type { Database, Transaction } from '../shared/db.ts'

/** Events that bring a reader number and password: whom none of them reaches, the librarian tells himself. */
export const credentialEvents = [
  'reader.registered',
  'reader.credentials',
  'reader.new-password',
  'reader.provider',
] as const

const hopeless = ['failed', 'undelivered', 'uncertain'] as const
const hopeful = ['queued', 'sending', 'sent', 'delivered'] as const

/**
 * Messages by whose failing a reader has nothing in hand: neither channel carried the newest telling, nobody
 * has told him otherwise, and his readable password still lies there, so he hasn't signed in either.
 */
export const unreached = (db: Database | Transaction) =>
  db
    .selectFrom('messages as m')
    .innerJoin('readers as r', 'r.id', 'm.reader_id')
    .innerJoin('sealed_passwords as s', (join) =>
      join.onRef('s.reader_id', '=', 'r.id').on('s.purpose', '=', 'initial'),
    )
    .where('m.state', 'in', hopeless)
    .where('m.settled_at', 'is', null)
    .where('m.event', 'in', credentialEvents)
    .where('r.merged_into', 'is', null)
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('messages as o')
            .whereRef('o.reader_id', '=', 'm.reader_id')
            .where('o.event', 'in', credentialEvents)
            .where((other) =>
              other.or([
                other('o.created_at', '>', other.ref('m.created_at')),
                other.and([other('o.telling', '=', other.ref('m.telling')), other('o.state', 'in', hopeful)]),
              ]),
            ),
        ),
      ),
    )

/** Whether a reader is to be told by his library, as no message reached him. */
export async function isUnreached(db: Database | Transaction, readerId: string): Promise<boolean> {
  const row = await unreached(db)
    .select('m.id')
    .where('m.reader_id', '=', readerId)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}
