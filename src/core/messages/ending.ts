import { smsAllowed } from '../consents/handover.ts'
import { lockStanding } from '../readers/credentials.ts'
import type { Transaction } from '../shared/db.ts'
import { isExpected } from '../shared/errors.ts'
import { reached } from '../shared/points.ts'
import type { Channel, MessageEvent } from './messages.ts'
import { queueMessages } from './messages.ts'
import { markRefused } from './refused-addresses.ts'
import { carries } from './texts.ts'
import { giveBackParts } from './usage.ts'

export interface Ending {
  state: 'failed' | 'undelivered'
  fault: string
  /** The address itself takes nothing: it is marked, while it is the reader's. */
  refusesAddress?: boolean
}

/** What keeps a message back keeps it back on every way. */
const onEveryWay = new Set(['no_valid_card', 'code_expired', 'no_provider_account'])

/**
 * Notes that a message won't arrive, and sends it the other way where there is one: in the caller's
 * transaction, so that neither is without the other. A message that was stopped meanwhile stays as it is.
 * @param from the states that it may be in
 */
export async function noteEnding(
  tx: Transaction,
  at: Date,
  messageId: string,
  ending: Ending,
  from: readonly string[],
): Promise<void> {
  const message = await tx
    .selectFrom('messages')
    .select([
      'id',
      'channel',
      'event',
      'recipient',
      'telling',
      'again_of',
      'reader_id',
      'library_id',
      'application_id',
    ])
    .where('id', '=', messageId)
    .executeTakeFirst()
  if (!message) return
  // The reader first, as everybody who stops his messages does: in another order the two would wait for each other.
  const reader = message.reader_id ? await standing(tx, message.reader_id) : undefined
  const { numUpdatedRows } = await tx
    .updateTable('messages')
    .set({ state: ending.state, fault: ending.fault })
    .where('id', '=', messageId)
    .where('state', 'in', [...from])
    .executeTakeFirstOrThrow()
  if (numUpdatedRows === 0n) return
  if (ending.state === 'failed') await giveBackParts(tx, messageId)
  const channel = message.channel as Channel
  reached(`${channel}:failed`)
  if (reader && ending.refusesAddress)
    await markRefused(tx, { channel, address: message.recipient, at, fault: ending.fault, messageId })
  const event = message.event as MessageEvent
  const other = channel === 'sms' ? 'email' : 'sms'
  const recipient = other === 'sms' ? reader?.phone : reader?.email
  // Whoever asks to send once more sees what comes of it, and decides himself.
  if (!reader || !recipient || message.again_of || onEveryWay.has(ending.fault)) return
  if (!event.startsWith('reader.') || !carries(other, event)) return
  if (other === 'sms' && !(await smsAllowed(tx, { readerId: reader.id }))) return
  await queueMessages(tx, at, [
    {
      channel: other,
      event,
      recipient,
      readerId: reader.id,
      ...(message.library_id && { libraryId: message.library_id }),
      ...(message.application_id && { applicationId: message.application_id }),
      telling: message.telling,
    },
  ])
}

/** The reader, locked; undefined when the record is merged, gone, or about to be destroyed. */
export async function standing(tx: Transaction, readerId: string) {
  try {
    return await lockStanding(tx, readerId)
  } catch (error) {
    if (isExpected(error)) return undefined
    throw error
  }
}
