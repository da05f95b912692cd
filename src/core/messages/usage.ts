import type { Settings } from '../settings/settings.ts'
import { readSettings } from '../settings/settings.ts'
import type { CalendarDate } from '../shared/calendar.ts'
import { dateIn } from '../shared/calendar.ts'
import type { Database, Transaction } from '../shared/db.ts'
import { inTransaction } from '../shared/db.ts'

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
    const { parts: taken } = await tx
      .selectFrom('messages')
      .select('parts')
      .where('id', '=', messageId)
      .forUpdate()
      .executeTakeFirstOrThrow()
    if (taken !== null) return true
    if (most > 0 && parts > most) return false
    // The month's row is locked by the first and read anew by the next: two of the last part never both fit.
    const { numInsertedOrUpdatedRows: fits } = await tx
      .insertInto('sms_usage')
      .values({ month, parts })
      .onConflict((conflict) => {
        const more = conflict
          .column('month')
          .doUpdateSet((eb) => ({ parts: eb('sms_usage.parts', '+', parts) }))
        return most === 0 ? more : more.where((eb) => eb(eb('sms_usage.parts', '+', parts), '<=', most))
      })
      .executeTakeFirstOrThrow()
    if (fits === 0n) return false
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
