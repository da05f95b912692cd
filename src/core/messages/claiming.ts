import type { Settings } from '../settings/settings.ts'
import type { Database, Transaction } from '../shared/db.ts'
import { inTransaction } from '../shared/db.ts'
import { addJob } from '../shared/jobs.ts'
import type { Channel, MessageEvent } from './messages.ts'
import { attemptLimit, crashAllowance } from './messages.ts'
import { quietUntil } from './quiet-hours.ts'

/** A message in the hands of one attempt. */
export interface Claimed {
  id: string
  channel: Channel
  event: MessageEvent
  recipient: string
  readerId: string | null
  applicationId: string | null
  libraryId: string | null
  letterId: string | null
  staffId: string | null
  createdAt: Date
  /** This one included. */
  attempts: number
  /** An earlier attempt ended in the dark: no answer of the gateway's was heard and noted. */
  interrupted: boolean
}

/** Takes a message for an attempt, or nothing when there is nothing left to do. */
export function claim(
  db: Database,
  settings: Settings,
  now: Date,
  messageId: string,
): Promise<Claimed | undefined> {
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
        'letter_id',
        'staff_id',
        'created_at',
        'state',
        'waits_for',
      ])
      .where('id', '=', messageId)
      .forUpdate()
      .executeTakeFirst()
    if (!row || row.waits_for || (row.state !== 'queued' && row.state !== 'sending')) return undefined
    if (await waitsForMorning(tx, settings, now, row)) return undefined
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
      letterId: row.letter_id,
      staffId: row.staff_id,
      createdAt: row.created_at,
      attempts,
      interrupted: row.state === 'sending',
    }
  })
}

/**
 * An SMS rests in the quiet hours: a job of its own goes on at their end, so that no attempt is spent. A code
 * doesn't: whoever asked for it a moment ago isn't asleep.
 */
async function waitsForMorning(
  tx: Transaction,
  settings: Settings,
  now: Date,
  message: { id: string; channel: string; event: string },
): Promise<boolean> {
  if (message.channel !== 'sms' || message.event === 'reader.code') return false
  const until = quietUntil(
    { from: settings['sms.quietFrom'], to: settings['sms.quietTo'], timeZone: settings['region.timeZone'] },
    now,
  )
  if (!until) return false
  await tx.updateTable('messages').set({ fault: 'quiet_hours' }).where('id', '=', message.id).execute()
  await addJob(
    tx,
    'messages:send',
    { messageId: message.id },
    {
      runAt: until,
      maxAttempts: attemptLimit + crashAllowance,
      key: `messages:morning ${message.id}`,
    },
  )
  return true
}
