import { smsAllowed } from '../consents/handover.ts'
import { openPasswords } from '../readers/readers.commands.ts'
import { openCode } from '../readers/recovery-codes.ts'
import { readSettings } from '../settings/settings.ts'
import type { Clock } from '../shared/clock.ts'
import type { Database } from '../shared/db.ts'
import { inTransaction, sql } from '../shared/db.ts'
import { reached } from '../shared/points.ts'
import type { Sealer } from '../shared/sealing.ts'
import type { Driver, OutgoingMessage } from './driver.ts'
import { DeliveryFault } from './driver.ts'
import type { Channel, MessageEvent } from './messages.ts'
import { attemptLimit } from './messages.ts'
import { readOutbox } from './outbox.driver.ts'
import type { MessageFacts } from './texts.ts'
import { writeMessage } from './texts.ts'

export type Messages = ReturnType<typeof createMessages>

interface Claimed {
  id: string
  channel: Channel
  event: MessageEvent
  recipient: string
  readerId: string | null
  applicationId: string | null
  libraryId: string | null
  createdAt: Date
  /** This one included. */
  attempts: number
  /** An earlier attempt ended in the dark: no answer of the gateway's was heard and noted. */
  interrupted: boolean
}

type State = 'queued' | 'sending' | 'sent' | 'failed' | 'uncertain'

/**
 * Sends queued messages. At every moment a crash leaves a state from which the next attempt goes on:
 * `queued` → `sending` (committed before the gateway hears of it) → `sent`.
 * @param drivers undefined for a channel that isn't set up
 */
export function createMessages(deps: {
  db: Database
  clock: Clock
  sealer: Sealer
  origin: string
  drivers: Record<Channel, Driver | undefined>
}) {
  const { clock, sealer, origin, drivers } = deps

  async function note(
    db: Database,
    id: string,
    state: State,
    rest: { fault?: string; gatewayId?: string | undefined } = {},
  ) {
    await db
      .updateTable('messages')
      .set({
        state,
        fault: rest.fault ?? null,
        ...(rest.gatewayId === undefined ? {} : { gateway_id: rest.gatewayId }),
        ...(state === 'sent' ? { sent_at: clock() } : {}),
      })
      .where('id', '=', id)
      .execute()
  }

  /** After an attempt in the dark: whether the message is to be handed over now. */
  async function mayHandOver(db: Database, driver: Driver, message: Claimed): Promise<boolean> {
    if (!message.interrupted || driver.repeatable) return true
    const trace = await driver.trace(message)
    if (trace === 'unknown') return true
    // An SMS isn't sent twice on a guess: the librarian is shown that nobody knows.
    await note(
      db,
      message.id,
      trace === 'accepted' ? 'sent' : 'uncertain',
      trace === 'accepted' ? {} : { fault: 'unconfirmed' },
    )
    return false
  }

  async function attempt(db: Database, messageId: string): Promise<void> {
    const message = await claim(db, messageId)
    if (!message) return
    reached(`${message.channel}:claimed`)
    const driver = drivers[message.channel]
    if (!driver) return note(db, messageId, 'failed', { fault: 'not_configured' })
    try {
      if (!(await mayHandOver(db, driver, message))) return
      if (!(await mayCarry(db, message))) return await note(db, messageId, 'failed', { fault: 'no_consent' })
      const { gatewayId } = await driver.send(await write(db, message))
      reached(`${message.channel}:accepted`)
      await note(db, messageId, 'sent', { gatewayId })
      reached(`${message.channel}:noted`)
    } catch (error) {
      if (!(error instanceof DeliveryFault)) throw error
      const state = stateAfter(error, driver, message)
      await note(db, messageId, state, { fault: error.code })
      if (state === 'queued' || state === 'sending') throw error
    }
  }

  return {
    /**
     * The job of one message. It may run any number of times, also at once.
     * @throws DeliveryFault when it is to be tried again later
     */
    send: (messageId: string): Promise<void> => alone(deps.db, messageId, (db) => attempt(db, messageId)),

    outbox: () => readOutbox(deps.db),
  }

  /** The complete message; the passwords come out of their seals here and go nowhere else. */
  async function write(db: Database, message: Claimed): Promise<OutgoingMessage> {
    const facts = await gatherFacts(db, message)
    return {
      id: message.id,
      recipient: message.recipient,
      ...writeMessage(message.channel, message.event, facts),
    }
  }

  async function gatherFacts(db: Database, message: Claimed): Promise<MessageFacts> {
    const settings = await readSettings(db)
    const library = message.libraryId
      ? await db
          .selectFrom('libraries')
          .select(['name', 'phone'])
          .where('id', '=', message.libraryId)
          .executeTakeFirst()
      : undefined
    const facts: MessageFacts = {
      origin,
      libraryName: library?.name ?? '',
      libraryPhone: library?.phone ?? '',
      readerName: '',
      cardNumber: '',
      cardKept: false,
      password: undefined,
      code: undefined,
      provider: undefined,
      applicationId: message.applicationId ?? undefined,
      overdue: {
        count: message.event === 'central.overdue' ? await overdueCount(db) : 0,
        hoursLimit: settings['queue.hoursLimit'],
      },
    }
    const { readerId } = message
    if (!readerId || !message.event.startsWith('reader.')) return facts
    const reader = await db
      .selectFrom('readers')
      .innerJoin('cards', (join) =>
        join.onRef('cards.reader_id', '=', 'readers.id').on('cards.state', '=', 'issued'),
      )
      .leftJoin('provider_accounts as p', 'p.reader_id', 'readers.id')
      .select([
        'readers.full_name',
        'cards.number',
        'cards.issued_at',
        'p.provider',
        'p.number as provider_number',
      ])
      .where('readers.id', '=', readerId)
      .executeTakeFirst()
    if (!reader) throw new DeliveryFault('no_valid_card', false)
    const { passwords, code } = await inTransaction(db, async (tx) => ({
      passwords: await openPasswords(tx, sealer, clock(), readerId),
      code: message.event === 'reader.code' ? await openCode(tx, sealer, clock(), readerId) : undefined,
    }))
    // Nobody is helped by a code that doesn't work any more.
    if (message.event === 'reader.code' && code === undefined) throw new DeliveryFault('code_expired', false)
    return {
      ...facts,
      readerName: reader.full_name,
      cardNumber: reader.number,
      cardKept: (reader.issued_at ?? clock()) < message.createdAt,
      password: passwords.initial,
      code,
      provider: reader.provider_number
        ? {
            name: reader.provider ?? '',
            address: settings['provider.address'],
            number: reader.provider_number,
            password: passwords.provider,
          }
        : undefined,
    }
  }
}

/** How many of those that were found to wait too long still wait. */
async function overdueCount(db: Database): Promise<number> {
  const { count } = await db
    .selectFrom('applications')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('state', '=', 'sent')
    .where('overdue_told_at', 'is not', null)
    .executeTakeFirstOrThrow()
  return Number(count)
}

/** A gateway gets a reader's number only where the reader has consented to that, or the region needs no consent. */
async function mayCarry(db: Database, { channel, readerId }: Claimed): Promise<boolean> {
  return channel !== 'sms' || readerId === null || smsAllowed(db, { readerId })
}

/** A refusal that we heard leaves no doubt, so the next attempt needs no question; silence does. */
function stateAfter(fault: DeliveryFault, driver: Driver, message: Claimed): State {
  if (!fault.temporary) return 'failed'
  const doubtful = fault.inTheDark && !driver.repeatable
  if (message.attempts >= attemptLimit) return doubtful ? 'uncertain' : 'failed'
  return doubtful ? 'sending' : 'queued'
}

/**
 * Keeps other attempts at the same message away meanwhile, those of other processes too. PostgreSQL gives
 * the lock back when the process that holds it dies.
 * @param work gets the connection that holds the lock: an attempt needs no second one
 * @throws DeliveryFault when another attempt is under way
 */
function alone(db: Database, messageId: string, work: (db: Database) => Promise<void>): Promise<void> {
  const key = sql`hashtextextended(${`messages:send ${messageId}`}, 0)`
  return db.connection().execute(async (connection) => {
    const { rows } = await sql<{ taken: boolean }>`select pg_try_advisory_lock(${key}) as taken`.execute(
      connection,
    )
    if (!rows[0]?.taken) throw new DeliveryFault('under_way', true)
    try {
      await work(connection)
    } finally {
      await sql`select pg_advisory_unlock(${key})`.execute(connection)
    }
  })
}

/** Takes a message for an attempt, or nothing when there is nothing left to do. */
function claim(db: Database, messageId: string): Promise<Claimed | undefined> {
  return inTransaction(db, async (tx) => {
    const row = await tx
      .selectFrom('messages')
      .select([
        'id',
        'channel',
        'event',
        'recipient',
        'reader_id',
        'application_id',
        'library_id',
        'created_at',
        'state',
      ])
      .where('id', '=', messageId)
      .forUpdate()
      .executeTakeFirst()
    if (!row || (row.state !== 'queued' && row.state !== 'sending')) return undefined
    const { attempts } = await tx
      .updateTable('messages')
      .set((eb) => ({ state: 'sending', attempts: eb('attempts', '+', 1) }))
      .where('id', '=', messageId)
      .returning('attempts')
      .executeTakeFirstOrThrow()
    return {
      id: row.id,
      channel: row.channel as Channel,
      event: row.event as MessageEvent,
      recipient: row.recipient,
      readerId: row.reader_id,
      applicationId: row.application_id,
      libraryId: row.library_id,
      createdAt: row.created_at,
      attempts,
      interrupted: row.state === 'sending',
    }
  })
}
