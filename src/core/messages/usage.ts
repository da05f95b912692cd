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
export function takeParts(db: Database, now: Date, messageId: string, parts: number): Promise<boolean> {
  return inTransaction(db, async (tx) => {
    const settings = await readSettings(tx)
    const most = settings['sms.partsPerMonth']
    const month = monthOf(settings['region.timeZone'], now)
    const { parts: taken } = await tx
      .selectFrom('messages')
      .select('parts')
      .where('id', '=', messageId)
      .forUpdate()
      .executeTakeFirstOrThrow()
    if (taken !== null) return true
    // Read with the row locked, so that two of the last part never both fit.
    await tx
      .insertInto('sms_usage')
      .values({ month, parts: 0 })
      .onConflict((conflict) => conflict.doNothing())
      .execute()
    const { numUpdatedRows } = await tx
      .updateTable('sms_usage')
      .set((eb) => ({ parts: eb('parts', '+', parts) }))
      .where('month', '=', month)
      .where((eb) => (most === 0 ? sql<boolean>`true` : eb(eb('parts', '+', parts), '<=', most)))
      .executeTakeFirstOrThrow()
    if (numUpdatedRows === 0n) return false
    await tx.updateTable('messages').set({ parts, parts_month: month }).where('id', '=', messageId).execute()
    return true
  })
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
  warns: boolean
}

export async function usageThisMonth(db: Database | Transaction, now: Date): Promise<SmsUsage> {
  const settings = await readSettings(db)
  const most = settings['sms.partsPerMonth']
  const row = await db
    .selectFrom('sms_usage')
    .select('parts')
    .where('month', '=', monthOf(settings['region.timeZone'], now))
    .executeTakeFirst()
  const parts = row?.parts ?? 0
  return { parts, most, warns: most > 0 && parts >= most * warnAt }
}
