import type { AuditLog } from '../audit/audit.ts'
import { byStaff } from '../audit/audit.ts'
import type { Clock } from '../shared/clock.ts'
import type { Database } from '../shared/db.ts'
import { inTransaction } from '../shared/db.ts'
import type { Authorised } from '../staff/actors.ts'
import { notAllowed } from '../staff/actors.ts'
import { alreadyWrittenOff, cardsGiven, cardsKept, notTheLibrarys } from './cards.errors.ts'
import type { WriteOffInput } from './cards.schemas.ts'
import { moveCards } from './moves.ts'
import { batchOfRange } from './ranges.ts'

/** Cards that nobody has and nobody will get. */
export function createWriteOffs(deps: { db: Database; clock: Clock; audit: AuditLog }) {
  const { db, clock, audit } = deps
  return {
    /**
     * Writes off one card or those from the first to the last, in the drawer or still on the way. All or none:
     * a range that has a card of somebody's in it was scanned wrongly.
     * @returns how many were written off; those that had been before don't count
     * @throws notTheLibrarys, twoBatches, cardsKept, cardsGiven, alreadyWrittenOff
     */
    async writeOff(actor: Authorised<'cards.stock'>, input: WriteOffInput): Promise<{ count: number }> {
      if (actor.libraries !== 'all' && !actor.libraries.includes(input.libraryId)) throw notAllowed()
      const range = { ...input, last: input.last ?? input.first }
      return inTransaction(db, async (tx) => {
        const { batchId, first, last } = await batchOfRange(tx, range, notTheLibrarys)
        const cards = await tx
          .selectFrom('cards')
          .select(['number', 'state'])
          .where('batch_id', '=', batchId)
          .where('number', '>=', first)
          .where('number', '<=', last)
          .orderBy('number')
          .forUpdate()
          .execute()
        const held = cards.filter(({ state }) => state === 'made' || state === 'stock')
        const kept = cards.filter(({ state }) => state === 'reserved')
        if (kept.length > 0) throw cardsKept({ count: kept.length })
        const given = cards.filter((card) => card.state !== 'written_off' && !held.includes(card))
        if (given.length > 0) throw cardsGiven({ count: given.length })
        if (held.length === 0) throw alreadyWrittenOff()
        await moveCards(tx, ['made', 'stock'], 'written_off')
          .where('batch_id', '=', batchId)
          .where(
            'number',
            'in',
            held.map(({ number }) => number),
          )
          .execute()
        await audit.append(tx, {
          at: clock(),
          actor: byStaff(actor.staffId),
          action: 'cards.write-off',
          subject: { kind: 'card_batch', id: batchId },
          libraryId: input.libraryId,
          details: { first, last, count: held.length, reason: input.reason },
        })
        return { count: held.length }
      })
    },
  }
}
