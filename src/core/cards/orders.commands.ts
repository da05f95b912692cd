import type { AuditLog } from '../audit/audit.ts'
import { byStaff } from '../audit/audit.ts'
import { libraryById } from '../network/network.ts'
import type { Clock } from '../shared/clock.ts'
import type { Database } from '../shared/db.ts'
import { inTransaction, violatedUnique } from '../shared/db.ts'
import { notFound } from '../shared/errors.ts'
import type { Authorised } from '../staff/actors.ts'
import { notAllowed } from '../staff/actors.ts'
import { orderClosed, orderWaits } from './cards.errors.ts'
import type { OrderInput } from './cards.schemas.ts'

/** A library asks for more cards. */
export function createCardOrders(deps: { db: Database; clock: Clock; audit: AuditLog }) {
  const { db, clock, audit } = deps
  return {
    /**
     * One order of a library waits at a time; the same one once more, as by a second click, is that order.
     * @throws notFound, orderWaits
     */
    async order(actor: Authorised<'cards.stock'>, input: OrderInput): Promise<void> {
      const { libraryId, count, note } = input
      if (actor.libraries !== 'all' && !actor.libraries.includes(libraryId)) throw notAllowed()
      const now = clock()
      try {
        await inTransaction(db, async (tx) => {
          await libraryById(tx, libraryId)
          const { id } = await tx
            .insertInto('card_orders')
            .values({ library_id: libraryId, count, note, ordered_by: actor.staffId, ordered_at: now })
            .returning('id')
            .executeTakeFirstOrThrow()
          await audit.append(tx, {
            at: now,
            actor: byStaff(actor.staffId),
            action: 'cards.order',
            subject: { kind: 'card_order', id },
            libraryId,
            details: { count },
          })
        })
      } catch (error) {
        if (violatedUnique(error) !== 'card_orders_open') throw error
        const same = await db
          .selectFrom('card_orders')
          .select('id')
          .where('library_id', '=', libraryId)
          .where('closed_at', 'is', null)
          .where('count', '=', count)
          .where('note', '=', note)
          .where('ordered_by', '=', actor.staffId)
          .executeTakeFirst()
        if (!same) throw orderWaits()
      }
    },

    /** The order isn't needed any more, or can't be met. @throws notFound, orderClosed */
    callOff: (actor: Authorised<'cards.stock'>, orderId: string): Promise<void> =>
      inTransaction(db, async (tx) => {
        const now = clock()
        const order = await tx
          .selectFrom('card_orders')
          .select(['library_id', 'closed_at'])
          .where('id', '=', orderId)
          .forUpdate()
          .executeTakeFirstOrThrow(() => notFound())
        if (actor.libraries !== 'all' && !actor.libraries.includes(order.library_id)) throw notFound()
        if (order.closed_at) throw orderClosed()
        await tx
          .updateTable('card_orders')
          .set({ closed_by: actor.staffId, closed_at: now })
          .where('id', '=', orderId)
          .execute()
        await audit.append(tx, {
          at: now,
          actor: byStaff(actor.staffId),
          action: 'cards.call-off',
          subject: { kind: 'card_order', id: orderId },
          libraryId: order.library_id,
        })
      }),
  }
}
