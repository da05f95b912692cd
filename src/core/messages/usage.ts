import type { Settings } from '../settings/settings.ts'
import { readSettings } from '../settings/settings.ts'
import type { CalendarDate } from '../shared/calendar.ts'
import { dateIn } from '../shared/calendar.ts'
import type { Database, Transaction } from '../shared/db.ts'
import { inTransaction, sql } from '../shared/db.ts'

/** Beyond this share of a month's parts the operators are warned. */
const warnAt = 0.8

const monthOf = (timeZone: string, now: Date): CalendarDate => `${dateIn(timeZone, now).slice(0, 7)}-01`

/**
 * Takes an SMS's parts out of its month's, once however often it is tried.
 * @returns false when the month hasn't so many left
 */
export function takeParts(
  db: Database,
  settings: Settings,
  now: Date,
  messageId: string,
  parts: number,
): Promise<boolean> {
  return inTransaction(db, async (tx) => {
    const most = settings['sms.partsPerMonth']
    const month = monthOf(settings['region.timeZone'], now)
    const { parts_month: taken } = await tx
      .selectFrom('messages')
      .select('parts_month')
      .where('id', '=', messageId)
      .forUpdate()
      .executeTakeFirstOrThrow()
    if (taken !== null) return true
    // What it would have taken stays with it: so it is known whether it would go now.
    const set = { parts, parts_month: (await fits(tx, month, parts, most)) ? month : null }
    await tx.updateTable('messages').set(set).where('id', '=', messageId).execute()
    return set.parts_month !== null
  })
}

/** Adds parts to what a month has used up, unless that would be more than it has. @param most 0: no limit */
async function fits(tx: Transaction, month: CalendarDate, parts: number, most: number): Promise<boolean> {
  if (most > 0 && parts > most) return false
  // The month's row is locked by the first and read anew by the next: two of the last part never both fit.
  const { numInsertedOrUpdatedRows: added } = await tx
    .insertInto('sms_usage')
    .values({ month, parts })
    .onConflict((conflict) => {
      const more = conflict
        .column('month')
        .doUpdateSet((eb) => ({ parts: eb('sms_usage.parts', '+', parts) }))
      return most === 0 ? more : more.where((eb) => eb(eb('sms_usage.parts', '+', parts), '<=', most))
    })
    .executeTakeFirstOrThrow()
  return added !== 0n
}

/** Puts back what a message took that surely never went out. */
export async function giveBackParts(tx: Transaction, messageId: string): Promise<void> {
  const row = await tx
    .selectFrom('messages')
    .select(['parts', 'parts_month as month'])
    .where('id', '=', messageId)
    .executeTakeFirst()
  if (!row?.parts || !row.month) return
  const { parts, month } = row
  await tx
    .updateTable('messages')
    .set({ parts: null, parts_month: null })
    .where('id', '=', messageId)
    .execute()
  await tx
    .updateTable('sms_usage')
    .set((eb) => ({ parts: eb('parts', '-', parts) }))
    .where('month', '=', month)
    .execute()
}

export interface SmsUsage {
  parts: number
  /** 0: no limit. */
  most: number
  /** It is near its end, or over. */
  warns: boolean
  /** It is over, or so near its end that an SMS didn't fit any more. */
  ended: boolean
}

export async function usageThisMonth(db: Database | Transaction, now: Date): Promise<SmsUsage> {
  const settings = await readSettings(db)
  const most = settings['sms.partsPerMonth']
  const zone = settings['region.timeZone']
  const month = monthOf(zone, now)
  const row = await db.selectFrom('sms_usage').select('parts').where('month', '=', month).executeTakeFirst()
  const parts = row?.parts ?? 0
  if (most === 0) return { parts, most, warns: false, ended: false }
  const ended = parts >= most || (await hasRefused(db, month, zone, most - parts))
  return { parts, most, warns: ended || parts >= most * warnAt, ended }
}

/** Whether an SMS of this month didn't go for want of parts, and wouldn't go now. */
async function hasRefused(
  db: Database | Transaction,
  month: CalendarDate,
  zone: string,
  left: number,
): Promise<boolean> {
  const refused = await db
    .selectFrom('messages')
    .select('id')
    .where('created_at', '>=', sql<Date>`${month}::date::timestamp at time zone ${zone}`)
    .where('state', '=', 'failed')
    .where('fault', '=', 'sms_month_full')
    .where('parts', '>', left)
    .limit(1)
    .executeTakeFirst()
  return refused !== undefined
}
