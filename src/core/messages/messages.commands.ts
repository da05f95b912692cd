import { smsParts } from '../../protocols/message/parts.ts'
import { smsAllowed } from '../consents/handover.ts'
import type { Settings } from '../settings/settings.ts'
import { readSettings } from '../settings/settings.ts'
import type { Clock } from '../shared/clock.ts'
import type { Database, Transaction } from '../shared/db.ts'
import { inTransaction } from '../shared/db.ts'
import { reached } from '../shared/points.ts'
import type { Sealer } from '../shared/sealing.ts'
import { alone } from './alone.ts'
import type { Claimed } from './claiming.ts'
import { claim } from './claiming.ts'
import type { Driver, Enclosure, OutgoingMessage } from './driver.ts'
import { DeliveryFault } from './driver.ts'
import { noteEnding } from './ending.ts'
import { gatherFacts } from './facts.ts'
import type { Channel, MessageEvent } from './messages.ts'
import { attemptLimit } from './messages.ts'
import { readOutbox } from './outbox.driver.ts'
import { planPoll } from './polling.commands.ts'
import { findReceiver } from './receiver.ts'
import type { CurrentTexts, MessageTexts } from './stored-texts.ts'
import { takesNothing } from './refused-addresses.ts'
import { writeMessage } from './texts.ts'
import { answeredLetter } from './threads.ts'
import { giveBackParts, takeParts } from './usage.ts'

/** The files that go with a message. */
export type Enclose = (message: {
  event: MessageEvent
  libraryId: string | null
  staffId: string | null
}) => Promise<Enclosure[]>

export type Messages = ReturnType<typeof createMessages>

type State = 'queued' | 'sending' | 'sent' | 'failed' | 'uncertain'

/** The states of a message that an attempt is about. */
const open = ['queued', 'sending'] as const

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
  texts: MessageTexts
  /** The files that go with a message; they are made while sending. */
  enclose?: Enclose
}) {
  const { clock, sealer, origin, drivers, texts, enclose = async () => [] } = deps

  /** What an attempt came to. An end that isn't good goes on the other way, in the same transaction. */
  function note(
    db: Database,
    { id, channel }: { id: string; channel: Channel },
    state: State,
    rest: { fault?: string; refusesAddress?: boolean; gatewayId?: string | undefined } = {},
  ): Promise<void> {
    const { fault, refusesAddress = false, gatewayId } = rest
    return inTransaction(db, async (tx) => {
      const now = clock()
      if (state === 'failed')
        return noteEnding(tx, now, id, { state, fault: fault ?? 'unknown', refusesAddress }, open)
      await tx
        .updateTable('messages')
        .set({
          state,
          fault: fault ?? null,
          ...(gatewayId === undefined ? {} : { gateway_id: gatewayId }),
          ...(state === 'sent' ? { sent_at: now } : {}),
        })
        .where('id', '=', id)
        // Meanwhile an earlier attempt's letter may have come back, or the message been stopped: that stands.
        .where('state', 'in', state === 'sent' ? [...open, 'uncertain'] : open)
        .execute()
      if (state === 'sent' && drivers[channel]?.delivery) await planPoll(tx, now, id, 0)
    })
  }

  /** After an attempt in the dark: whether the message is to be handed over now. */
  async function mayHandOver(db: Database, driver: Driver, message: Claimed): Promise<boolean> {
    if (!message.interrupted || driver.repeatable) return true
    const trace = await driver.trace(message)
    if (trace === 'unknown') return true
    // An SMS isn't sent twice on a guess: the librarian is shown that nobody knows.
    await note(
      db,
      message,
      trace === 'accepted' ? 'sent' : 'uncertain',
      trace === 'accepted' ? {} : { fault: 'unconfirmed' },
    )
    return false
  }

  /** Why a message that is written doesn't go, by this way at least; undefined when it does. */
  async function refusalOf(
    db: Database,
    settings: Settings,
    { recipient, text }: OutgoingMessage,
    { id, channel, readerId }: Claimed,
  ): Promise<string | undefined> {
    if (recipient === '') return 'contact_gone'
    if (await takesNothing(db, { channel, recipient, readerId })) return 'address_refused'
    if (channel !== 'sms') return undefined
    // A gateway gets a reader's number only where he has consented to that, or the region needs no consent.
    if (readerId && !(await smsAllowed(db, { readerId }))) return 'no_consent'
    return (await takeParts(db, settings, clock(), id, smsParts(text))) ? undefined : 'sms_month_full'
  }

  /**
   * Whether a message that is written may still be handed over: a new password, a merge or a revocation may have
   * stopped it since it was claimed, and its text and receiver are those of before. What is stopped between this
   * look and the gateway's taking it goes out all the same, within the milliseconds or seconds that the handing
   * over takes: no lock is held while a gateway is waited for, or whoever gives the password would wait for it too.
   */
  async function stillStands(db: Database, { id, interrupted }: Claimed): Promise<boolean> {
    const stands = await db
      .selectFrom('messages')
      .select('id')
      .where('id', '=', id)
      .where('state', '=', 'sending')
      .executeTakeFirst()
    if (!stands && !interrupted) await inTransaction(db, (tx) => noteUnheard(tx, id))
    return stands !== undefined
  }

  /** Stopped before any gateway has heard of it: that it may have gone isn't so. */
  async function noteUnheard(tx: Transaction, id: string): Promise<void> {
    await giveBackParts(tx, id)
    await tx
      .updateTable('messages')
      .set({ state: 'failed' })
      .where('id', '=', id)
      .where('state', '=', 'uncertain')
      .execute()
  }

  async function attempt(db: Database, current: CurrentTexts, messageId: string): Promise<void> {
    // Read anew by each attempt, and once.
    const settings = await readSettings(db)
    const message = await claim(db, settings, clock(), messageId)
    if (!message) return
    reached(`${message.channel}:claimed`)
    const driver = drivers[message.channel]
    if (!driver) return note(db, message, 'failed', { fault: 'not_configured' })
    /** Whether the gateway may have heard of it, by this attempt or an earlier one. */
    let perhapsOut = message.interrupted
    try {
      if (!(await mayHandOver(db, driver, message))) return
      const outgoing = await write(db, settings, current, message)
      const refusal = await refusalOf(db, settings, outgoing, message)
      if (refusal) return await note(db, message, 'failed', { fault: refusal })
      if (!(await stillStands(db, message))) return
      perhapsOut = true
      const { gatewayId } = await driver.send(outgoing)
      reached(`${message.channel}:accepted`)
      await note(db, message, 'sent', { gatewayId })
      reached(`${message.channel}:noted`)
    } catch (error) {
      if (!(error instanceof DeliveryFault)) {
        // A fault of the program's own mustn't leave a message that nobody tries and nobody sees.
        const doubtful = perhapsOut && !driver.repeatable
        if (message.attempts >= attemptLimit)
          await note(db, message, doubtful ? 'uncertain' : 'failed', { fault: 'broken' })
        // The gateway hasn't heard of it, so the next attempt needs no question.
        else if (!perhapsOut) await note(db, message, 'queued', { fault: 'broken' })
        throw error
      }
      const state = stateAfter(error, driver, message)
      await note(db, message, state, { fault: error.code, refusesAddress: error.refusesAddress })
      if (state === 'queued' || state === 'sending') throw error
    }
  }

  return {
    /**
     * The job of one message. It may run any number of times, also at once.
     * @throws DeliveryFault when it is to be tried again later
     */
    async send(messageId: string): Promise<void> {
      const current = await texts.current()
      await alone(deps.db, messageId, (db) => attempt(db, current, messageId))
    },

    outbox: () => readOutbox(deps.db),
  }

  /** The complete message; the passwords come out of their seals here and go nowhere else. */
  async function write(
    db: Database,
    settings: Settings,
    current: CurrentTexts,
    message: Claimed,
  ): Promise<OutgoingMessage> {
    const { facts, language } = await gatherFacts(db, message, { sealer, origin, now: clock(), settings })
    const id = { channel: message.channel, event: message.event, language }
    const { subject, body } = writeMessage(current(id), id, facts)
    const answered = await answeredLetter(db, message)
    const enclosures = await enclose(message)
    return {
      id: message.id,
      recipient: await findReceiver(db, message),
      subject: answered?.subject ?? subject,
      text: body,
      thread: answered?.thread,
      enclosures,
    }
  }
}

/** A refusal that we heard leaves no doubt, so the next attempt needs no question; silence does. */
function stateAfter(fault: DeliveryFault, driver: Driver, message: Claimed): State {
  if (!fault.temporary) return 'failed'
  const doubtful = fault.inTheDark && !driver.repeatable
  if (message.attempts >= attemptLimit) return doubtful ? 'uncertain' : 'failed'
  return doubtful ? 'sending' : 'queued'
}
