import { openPasswords } from '../readers/readers.commands.ts'
import { readSettings } from '../settings/settings.ts'
import type { Clock } from '../shared/clock.ts'
import type { Database } from '../shared/db.ts'
import { inTransaction } from '../shared/db.ts'
import { reached } from '../shared/points.ts'
import type { Sealer } from '../shared/sealing.ts'
import type { Driver, OutgoingMessage } from './driver.ts'
import { DeliveryFault } from './driver.ts'
import type { Channel, MessageEvent } from './messages.ts'
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
  /** An earlier attempt ended in the dark: we died between the gateway's answer and our note of it. */
  interrupted: boolean
}

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
  const { db, clock, sealer, origin, drivers } = deps

  async function note(
    id: string,
    state: 'queued' | 'sent' | 'failed' | 'uncertain',
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

  /** After a crash in the dark: whether the message is to be handed over now. */
  async function mayHandOver(driver: Driver, message: Claimed): Promise<boolean> {
    if (!message.interrupted || driver.repeatable) return true
    const trace = await driver.trace(message)
    if (trace === 'unknown') return true
    // An SMS isn't sent twice on a guess: the librarian is shown that nobody knows.
    await note(
      message.id,
      trace === 'accepted' ? 'sent' : 'uncertain',
      trace === 'accepted' ? {} : { fault: 'unconfirmed' },
    )
    return false
  }

  return {
    /**
     * The job of one message. It may run any number of times.
     * @throws DeliveryFault when the gateway is to be tried again later
     */
    async send(messageId: string): Promise<void> {
      const message = await claim(db, messageId)
      if (!message) return
      reached('send:claimed')
      const driver = drivers[message.channel]
      if (!driver) {
        await note(messageId, 'failed', { fault: 'not_configured' })
        return
      }
      try {
        if (!(await mayHandOver(driver, message))) return
        const { gatewayId } = await driver.send(await write(message))
        reached('send:accepted')
        await note(messageId, 'sent', { gatewayId })
        reached('send:noted')
      } catch (error) {
        if (!(error instanceof DeliveryFault)) throw error
        // A known refusal isn't the dark: the next attempt needs no question.
        await note(messageId, error.temporary ? 'queued' : 'failed', { fault: error.code })
        if (error.temporary) throw error
      }
    },

    outbox: () => readOutbox(db),
  }

  /** The complete message; the passwords come out of their seals here and go nowhere else. */
  async function write(message: Claimed): Promise<OutgoingMessage> {
    const facts = await gatherFacts(message)
    return {
      id: message.id,
      recipient: message.recipient,
      ...writeMessage(message.channel, message.event, facts),
    }
  }

  async function gatherFacts(message: Claimed): Promise<MessageFacts> {
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
      password: undefined,
      provider: undefined,
      applicationId: message.applicationId ?? undefined,
    }
    const { readerId } = message
    if (!readerId || !message.event.startsWith('reader.')) return facts
    const reader = await db
      .selectFrom('readers')
      .innerJoin('cards', (join) =>
        join.onRef('cards.reader_id', '=', 'readers.id').on('cards.state', '=', 'issued'),
      )
      .leftJoin('provider_accounts as p', 'p.reader_id', 'readers.id')
      .select(['readers.full_name', 'cards.number', 'p.provider', 'p.number as provider_number'])
      .where('readers.id', '=', readerId)
      .executeTakeFirst()
    if (!reader) return facts
    const passwords = await inTransaction(db, (tx) => openPasswords(tx, sealer, clock(), readerId))
    return {
      ...facts,
      readerName: reader.full_name,
      cardNumber: reader.number,
      password: passwords.initial,
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

/** Takes a message for an attempt, or nothing when there is nothing left to do. */
function claim(db: Database, messageId: string): Promise<Claimed | undefined> {
  return inTransaction(db, async (tx) => {
    const row = await tx
      .selectFrom('messages')
      .select(['id', 'channel', 'event', 'recipient', 'reader_id', 'application_id', 'library_id', 'state'])
      .where('id', '=', messageId)
      .forUpdate()
      .executeTakeFirst()
    if (!row || (row.state !== 'queued' && row.state !== 'sending')) return undefined
    await tx
      .updateTable('messages')
      .set((eb) => ({ state: 'sending', attempts: eb('attempts', '+', 1) }))
      .where('id', '=', messageId)
      .execute()
    return {
      id: row.id,
      channel: row.channel as Channel,
      event: row.event as MessageEvent,
      recipient: row.recipient,
      readerId: row.reader_id,
      applicationId: row.application_id,
      libraryId: row.library_id,
      interrupted: row.state === 'sending',
    }
  })
}
