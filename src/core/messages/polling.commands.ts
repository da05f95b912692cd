import type { Clock } from '../shared/clock.ts'
import { after, days, minutes, seconds } from '../shared/clock.ts'
import type { Database, Transaction } from '../shared/db.ts'
import { inTransaction } from '../shared/db.ts'
import { addJob } from '../shared/jobs.ts'
import { alone } from './alone.ts'
import type { Delivery, Driver, HandedOver } from './driver.ts'
import { DeliveryFault } from './driver.ts'
import { noteEnding } from './ending.ts'
import type { Channel } from './messages.ts'

/** In minutes, before each next question; the last one goes on. */
const pauses = [1, 2, 4, 8, 15, 30, 60, 120, 240]
const pollFor = days(1)
/** smsc.ru answers at most five questions about a message in a minute; a job that runs twice asks once. */
const leastPause = seconds(30)

/** The next question about a message, in place of one that is planned already. */
export const planPoll = (tx: Transaction, now: Date, messageId: string, polls: number): Promise<void> =>
  addJob(
    tx,
    'messages:poll',
    { messageId },
    {
      runAt: after(now, minutes(pauses[Math.min(polls, pauses.length - 1)] ?? 1)),
      key: `messages:poll ${messageId}`,
      // Whoever waits for a message comes before whoever wonders about one.
      priority: 10,
    },
  )

/** Asks the gateways what became of the messages that they took, for a day. */
export function createPolling(deps: {
  db: Database
  clock: Clock
  drivers: Record<Channel, Driver | undefined>
}) {
  const { clock, drivers } = deps

  async function ask(driver: Driver, message: HandedOver): Promise<Delivery> {
    try {
      return (await driver.delivery?.(message)) ?? 'cannot_tell'
    } catch (error) {
      // Whether the gateway is down now doesn't matter: it is asked again after the next pause.
      if (error instanceof DeliveryFault) return 'under_way'
      throw error
    }
  }

  async function pollOnce(db: Database, messageId: string): Promise<void> {
    const now = clock()
    const row = await db
      .selectFrom('messages')
      .select(['id', 'channel', 'recipient', 'gateway_id as gatewayId', 'sent_at', 'polled_at', 'polls'])
      .where('id', '=', messageId)
      .where('state', '=', 'sent')
      .executeTakeFirst()
    if (!row) return
    const driver = drivers[row.channel as Channel]
    if (!driver?.delivery || !row.sent_at || after(row.sent_at, pollFor) <= now) return
    if (row.polled_at && after(row.polled_at, leastPause) > now)
      return inTransaction(db, (tx) => planPoll(tx, now, messageId, row.polls))
    await db
      .updateTable('messages')
      .set((eb) => ({ polled_at: now, polls: eb('polls', '+', 1) }))
      .where('id', '=', messageId)
      .execute()
    const delivery = await ask(driver, row)
    await inTransaction(db, async (tx) => {
      if (delivery === 'undelivered')
        await noteEnding(tx, now, messageId, { state: 'undelivered', fault: 'undelivered' }, ['sent'])
      else if (delivery === 'no_such_number')
        await noteEnding(
          tx,
          now,
          messageId,
          { state: 'undelivered', fault: delivery, refusesAddress: true },
          ['sent'],
        )
      else if (delivery === 'delivered')
        await tx
          .updateTable('messages')
          .set({ state: 'delivered' })
          .where('id', '=', messageId)
          .where('state', '=', 'sent')
          .execute()
      else await planPoll(tx, now, messageId, row.polls + 1)
    })
  }

  return {
    /** The job of one message that was handed over; it may run any number of times, also at once. */
    poll: (messageId: string): Promise<void> => alone(deps.db, messageId, (db) => pollOnce(db, messageId)),
  }
}
