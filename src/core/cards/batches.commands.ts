import { numberRange } from '#protocols/card/scheme.ts'
import type { AuditLog } from '../audit/audit.ts'
import { byStaff } from '../audit/audit.ts'
import { writeSetting } from '../settings/settings.ts'
import type { Clock } from '../shared/clock.ts'
import type { Database, Transaction } from '../shared/db.ts'
import { inTransaction, sql, violatedUnique } from '../shared/db.ts'
import { notFound } from '../shared/errors.ts'
import type { Authorised } from '../staff/actors.ts'
import { notAllowed } from '../staff/actors.ts'
import { alreadyReceived, batchMade, noRange, notOnTheWay, orderClosed, rangeTaken } from './cards.errors.ts'
import type { MakeBatchInput, ReceiveInput, TakeOverInput } from './cards.schemas.ts'
import { moveCards } from './moves.ts'
import { batchOfRange } from './ranges.ts'
import { mostTakenOver } from './cards.schemas.ts'
import { addCards } from './issuing.ts'

/** Cards that are printed beforehand, from the order for the press to the library's drawer. */
export function createBatches(deps: { db: Database; clock: Clock; audit: AuditLog }) {
  const { db, clock, audit } = deps

  /** Runs the making of a batch; the same form sent again leads to the batch that it has made. */
  async function making(
    actor: Authorised<'cards.manage'>,
    input: { formKey: string; libraryId: string },
    make: (tx: Transaction, library: { id: string; code: string }) => Promise<string>,
    same: (batch: { count: number; first_number: string; last_number: string }) => boolean,
  ): Promise<{ batchId: string }> {
    try {
      return await inTransaction(db, async (tx) => {
        const library = await tx
          .selectFrom('libraries')
          .select(['id', 'code'])
          .where('id', '=', input.libraryId)
          .executeTakeFirstOrThrow(() => notFound())
        return { batchId: await make(tx, library) }
      })
    } catch (error) {
      if (violatedUnique(error) !== 'card_batches_form_key_key') throw error
      const before = await db
        .selectFrom('card_batches')
        .select(['id', 'library_id', 'count', 'first_number', 'last_number', 'made_by'])
        .where('form_key', '=', input.formKey)
        .executeTakeFirstOrThrow()
      const repeated =
        before.made_by === actor.staffId && before.library_id === input.libraryId && same(before)
      if (!repeated) throw batchMade()
      return { batchId: before.id }
    }
  }

  return {
    /**
     * Makes a batch for a library: its numbers are the region's next ones, on record for ever from now on.
     * @throws notFound, schemeFull, batchMade, orderClosed
     */
    makeBatch: (actor: Authorised<'cards.manage'>, input: MakeBatchInput): Promise<{ batchId: string }> =>
      making(
        actor,
        input,
        async (tx, library) => {
          const now = clock()
          if (input.orderId) await closeOrder(tx, { ...input, orderId: input.orderId }, actor.staffId, now)
          const { id } = await tx
            .insertInto('card_batches')
            .values({
              form_key: input.formKey,
              library_id: library.id,
              origin: 'made',
              count: input.count,
              first_number: '',
              last_number: '',
              order_id: input.orderId ?? null,
              made_by: actor.staffId,
              made_at: now,
            })
            .returning('id')
            .executeTakeFirstOrThrow()
          const numbers = await addCards(tx, library.code, input.count, { state: 'made', batchId: id })
          await tx
            .updateTable('card_batches')
            .set({ first_number: numbers[0] ?? '', last_number: numbers.at(-1) ?? '' })
            .where('id', '=', id)
            .execute()
          await audit.append(tx, {
            at: now,
            actor: byStaff(actor.staffId),
            action: 'cards.make',
            subject: { kind: 'card_batch', id },
            libraryId: library.id,
            details: { count: input.count, order: input.orderId ?? null },
          })
          return id
        },
        ({ count }) => count === input.count,
      ),

    /**
     * Takes over cards that a library has had already, from the first number to the last: they are its stock.
     * @throws notFound, noRange, rangeTaken, batchMade
     */
    takeOver: (actor: Authorised<'cards.manage'>, input: TakeOverInput): Promise<{ batchId: string }> =>
      making(
        actor,
        input,
        async (tx, library) => {
          const now = clock()
          const numbers = numberRange(input.first, input.last, input.check, mostTakenOver)
          if (!numbers) throw noRange()
          const { id } = await tx
            .insertInto('card_batches')
            .values({
              form_key: input.formKey,
              library_id: library.id,
              origin: 'taken_over',
              count: numbers.length,
              first_number: input.first,
              last_number: input.last,
              made_by: actor.staffId,
              made_at: now,
            })
            .returning('id')
            .executeTakeFirstOrThrow()
          const { numAffectedRows = 0n } = await sql`
            insert into cards (number, state, batch_id)
            select number, 'stock', ${id}::uuid from unnest(${numbers}::text[]) as number
            on conflict (number) do nothing`.execute(tx)
          const taken = numbers.length - Number(numAffectedRows)
          if (taken > 0) throw rangeTaken({ count: taken })
          if (numbers.some((number) => /[A-Z]/.test(number))) await writeSetting(tx, 'cards.letters', true)
          await audit.append(tx, {
            at: now,
            actor: byStaff(actor.staffId),
            action: 'cards.take-over',
            subject: { kind: 'card_batch', id },
            libraryId: library.id,
            details: { count: numbers.length },
          })
          return id
        },
        (batch) => batch.first_number === input.first && batch.last_number === input.last,
      ),

    /** Notes that a batch is on its way to its library. A second time changes nothing. @throws notFound */
    send: (actor: Authorised<'cards.manage'>, batchId: string): Promise<void> =>
      inTransaction(db, async (tx) => {
        const now = clock()
        const batch = await tx
          .selectFrom('card_batches')
          .select(['library_id', 'sent_at'])
          .where('id', '=', batchId)
          .where('origin', '=', 'made')
          .forUpdate()
          .executeTakeFirstOrThrow(() => notFound())
        if (batch.sent_at) return
        await tx
          .updateTable('card_batches')
          .set({ sent_by: actor.staffId, sent_at: now })
          .where('id', '=', batchId)
          .execute()
        await audit.append(tx, {
          at: now,
          actor: byStaff(actor.staffId),
          action: 'cards.send',
          subject: { kind: 'card_batch', id: batchId },
          libraryId: batch.library_id,
        })
      }),

    /**
     * The library has got the cards from the first to the last: they are its stock. Whether anybody has noted
     * that they were sent is all the same, as they are there.
     * @returns how many came in, and how many of the batch haven't yet
     * @throws notOnTheWay, twoBatches, alreadyReceived
     */
    async receive(
      actor: Authorised<'cards.stock'>,
      input: ReceiveInput,
    ): Promise<{ received: number; missing: number }> {
      if (actor.libraries !== 'all' && !actor.libraries.includes(input.libraryId)) throw notAllowed()
      return inTransaction(db, async (tx) => {
        const { batchId, first, last } = await batchOfRange(tx, input, notOnTheWay)
        const received = await moveCards(tx, 'made', 'stock')
          .where('batch_id', '=', batchId)
          .where('number', '>=', first)
          .where('number', '<=', last)
          .returning('number')
          .execute()
        if (received.length === 0) throw alreadyReceived()
        const { missing } = await tx
          .selectFrom('cards')
          .select((eb) => eb.fn.countAll<number>().as('missing'))
          .where('batch_id', '=', batchId)
          .where('state', '=', 'made')
          .executeTakeFirstOrThrow()
        await audit.append(tx, {
          at: clock(),
          actor: byStaff(actor.staffId),
          action: 'cards.receive',
          subject: { kind: 'card_batch', id: batchId },
          libraryId: input.libraryId,
          details: { count: received.length, missing: Number(missing) },
        })
        return { received: received.length, missing: Number(missing) }
      })
    },
  }
}

/** @throws orderClosed when it was answered meanwhile, or is another library's */
async function closeOrder(
  tx: Transaction,
  { orderId, libraryId }: { orderId: string; libraryId: string },
  staffId: string,
  now: Date,
): Promise<void> {
  const closed = await tx
    .updateTable('card_orders')
    .set({ closed_by: staffId, closed_at: now })
    .where('id', '=', orderId)
    .where('library_id', '=', libraryId)
    .where('closed_at', 'is', null)
    .returning('id')
    .executeTakeFirst()
  if (!closed) throw orderClosed()
}
