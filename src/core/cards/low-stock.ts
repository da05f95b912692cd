import { z } from 'zod'
import type { AuditLog } from '../audit/audit.ts'
import { byStaff } from '../audit/audit.ts'
import { readSettings } from '../settings/settings.ts'
import type { Clock } from '../shared/clock.ts'
import type { Database } from '../shared/db.ts'
import { inTransaction, sql } from '../shared/db.ts'
import { notFound } from '../shared/errors.ts'
import type { Authorised } from '../staff/actors.ts'
import { lowStockField } from './numbering.ts'
import { bounded } from './stock.queries.ts'

/** A library's own bound; left empty, the region's holds. */
export const lowStockSchema = z.object({
  libraryId: z.uuid(),
  lowStock: z.preprocess(
    (typed) => (typeof typed === 'string' && typed.trim() === '' ? null : typed),
    lowStockField.nullable(),
  ),
})
export type LowStockInput = z.output<typeof lowStockSchema>

/** A library that has fewer free cards than it is to have. */
export interface LowLibrary {
  libraryId: string
  libraryName: string
  free: number
  bound: number
  onTheWay: number
  /** The order that waits. */
  ordered: number | null
  orderedAt: Date | null
  /** As many as it got the last time. */
  reorder: number
}

/** How many cards are ordered where nothing tells how many a library needs. */
export const usualOrder = 100

/** Whether nobody has done anything about it yet. */
const isForgotten = (library: LowLibrary) => library.onTheWay === 0 && library.ordered === null

export function createLowStock(deps: { db: Database; clock: Clock; audit: AuditLog }) {
  const { db, clock, audit } = deps

  /**
   * Libraries that run short, those where nothing is under way first. One that has never had printed cards isn't
   * short of them.
   */
  async function low(actor: Authorised<'cards.read'>): Promise<LowLibrary[]> {
    const { 'cards.lowStock': ofRegion } = await readSettings(db)
    const { rows } = await sql<LowLibrary>`
      with kept as (
        select b.library_id, count(c.number) filter (where c.state = 'made')::int as on_the_way,
          count(c.number) filter (where c.state = 'stock')::int as free
        from card_batches b left join cards c on c.batch_id = b.id and c.state in ('made', 'stock', 'reserved')
        where ${bounded(actor)}::uuid[] is null or b.library_id = any(${bounded(actor)}::uuid[])
        group by b.library_id
      )
      select l.id as "libraryId", l.name as "libraryName", kept.free, kept.on_the_way as "onTheWay",
        coalesce(l.low_stock, ${ofRegion}) as bound, o.count as ordered, o.ordered_at as "orderedAt",
        coalesce((select count from card_batches b where b.library_id = l.id and b.origin = 'made'
          order by b.made_at desc limit 1), ${usualOrder}) as reorder
      from kept join libraries l on l.id = kept.library_id
      left join card_orders o on o.library_id = l.id and o.closed_at is null
      where kept.free < coalesce(l.low_stock, ${ofRegion})
      order by (o.id is null and kept.on_the_way = 0) desc, kept.free, l.name`.execute(db)
    return rows
  }

  return {
    low,

    /** For the desks: libraries that run short with nothing under way, and how many orders wait. */
    async wants(actor: Authorised<'cards.read'>): Promise<{ low: LowLibrary[]; orders: number }> {
      let orders = db
        .selectFrom('card_orders')
        .select((eb) => eb.fn.countAll<number>().as('count'))
        .where('closed_at', 'is', null)
      if (actor.libraries !== 'all') orders = orders.where('library_id', 'in', [...actor.libraries])
      const { count } = await orders.executeTakeFirstOrThrow()
      return { low: (await low(actor)).filter(isForgotten), orders: Number(count) }
    },

    /** Gives a library a bound of its own, or the region's again. @throws notFound */
    setLowStock: (actor: Authorised<'cards.manage'>, input: LowStockInput): Promise<void> =>
      inTransaction(db, async (tx) => {
        const { libraryId, lowStock } = input
        await tx
          .updateTable('libraries')
          .set({ low_stock: lowStock })
          .where('id', '=', libraryId)
          .returning('id')
          .executeTakeFirstOrThrow(() => notFound())
        await audit.append(tx, {
          at: clock(),
          actor: byStaff(actor.staffId),
          action: 'cards.set-low-stock',
          subject: { kind: 'library', id: libraryId },
          libraryId,
          details: { lowStock },
        })
      }),
  }
}
