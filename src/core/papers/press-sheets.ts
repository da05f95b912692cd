import { z } from 'zod'
import type { AuditLog } from '../audit/audit.ts'
import { byStaff } from '../audit/audit.ts'
import { markOfLibrary } from '../cards/marks.ts'
import { libraryById } from '../network/network.ts'
import { readSettings } from '../settings/settings.ts'
import { dateIn } from '../shared/calendar.ts'
import type { Clock } from '../shared/clock.ts'
import type { Database } from '../shared/db.ts'
import { inTransaction } from '../shared/db.ts'
import { notFound } from '../shared/errors.ts'
import type { Authorised } from '../staff/actors.ts'
import { pressLayouts, renderPressSheet } from './press-sheet.ts'
import type { Paper } from './slips.ts'

export const pressLayoutSchema = z.enum(pressLayouts).catch('a4')

export function createPressSheets(deps: { db: Database; clock: Clock; audit: AuditLog; origin: string }) {
  const { db, clock, audit, origin } = deps
  return {
    /**
     * A batch for the press, whatever has become of its cards since; that it was printed is in the log, as two
     * cards of one number would be. @throws notFound also for cards that were taken over: they are printed
     */
    async open(
      actor: Authorised<'cards.manage'>,
      batchId: string,
      layout: (typeof pressLayouts)[number],
    ): Promise<Paper> {
      const now = clock()
      const settings = await readSettings(db)
      const { batch, numbers } = await inTransaction(db, async (tx) => {
        const found = await tx
          .selectFrom('card_batches')
          .select(['library_id', 'first_number', 'count'])
          .where('id', '=', batchId)
          .where('origin', '=', 'made')
          .executeTakeFirstOrThrow(() => notFound())
        const cards = await tx
          .selectFrom('cards')
          .select('number')
          .where('batch_id', '=', batchId)
          .orderBy('number')
          .execute()
        await audit.append(tx, {
          at: now,
          actor: byStaff(actor.staffId),
          action: 'cards.open-sheet',
          subject: { kind: 'card_batch', id: batchId },
          libraryId: found.library_id,
          details: { layout, count: found.count },
        })
        return { batch: found, numbers: cards.map(({ number }) => number) }
      })
      const { name, phone } = await libraryById(db, batch.library_id)
      const facts = {
        origin,
        regionName: settings['region.name'],
        library: { name, phone },
        mark: await markOfLibrary(db, batch.library_id),
        numbers,
        printedOn: dateIn(settings['region.timeZone'], now),
      }
      return { pdf: await renderPressSheet(facts, layout), name: `karty-${batch.first_number}-${layout}.pdf` }
    },
  }
}
