import { z } from 'zod'
import type { AuditLog } from '../audit/audit.ts'
import { byStaff } from '../audit/audit.ts'
import { moveCards } from '../cards/moves.ts'
import type { Clock } from '../shared/clock.ts'
import type { Database, Transaction } from '../shared/db.ts'
import { inTransaction, sql } from '../shared/db.ts'
import { notFound } from '../shared/errors.ts'
import type { Sealer } from '../shared/sealing.ts'
import type { Authorised } from '../staff/actors.ts'
import { refuseLeaving } from './credentials.ts'
import { orderedPair, recordDistinct } from './distinct.ts'
import type { Moved, MovedPosition } from './merging.ts'
import { mergedFurther, mergeOver, movedTables } from './merging.ts'
import { unmergeProvider } from './provider-accounts.ts'

export const unmergeSchema = z.object({ mergeId: z.uuid() })

/** Makes two records of one again. */
export function createUnmerging(deps: { db: Database; clock: Clock; audit: AuditLog; sealer: Sealer }) {
  const { db, clock, audit, sealer } = deps
  return {
    /**
     * Gives everything back that is still as the merge left it: what has happened since stays (a loan that was
     * returned stays returned, a page that was read on stays read). The two are recorded as two people.
     * @throws notFound, mergeOver, mergedFurther, readerLeaving
     */
    async unmerge(actor: Authorised<'readers.merge'>, mergeId: string): Promise<{ droppedId: string }> {
      const now = clock()
      return inTransaction(db, async (tx) => {
        const { kept, dropped, moved } = await lockMerge(tx, mergeId, now)
        await giveRowsBack(tx, moved, kept.id, dropped.id)
        await giveCardsBack(tx, moved, kept.id, dropped.id)
        for (const loanId of moved.endedLoans) await reopen(tx, loanId, now)
        for (const place of moved.positions) await givePlaceBack(tx, kept.id, place)
        const both = { keptId: kept.id, droppedId: dropped.id }
        await unmergeProvider(tx, sealer, now, { ...both, ...moved.provider })
        await forgetPairs(tx, kept.id, moved.distinct)
        const own = {
          ...Object.fromEntries(
            moved.contacts.filter((field) => kept[field] === dropped[field]).map((field) => [field, null]),
          ),
          ...(moved.renewedAt && kept.renewed_at.getTime() === dropped.renewed_at.getTime()
            ? { renewed_at: new Date(moved.renewedAt) }
            : {}),
        }
        if (Object.keys(own).length > 0)
          await tx.updateTable('readers').set(own).where('id', '=', kept.id).execute()
        await tx.updateTable('readers').set({ merged_into: null }).where('id', '=', dropped.id).execute()
        await recordDistinct(tx, { readerId: kept.id, others: [dropped.id], staffId: actor.staffId, at: now })
        await tx
          .updateTable('reader_merges')
          .set({ undone_by: actor.staffId, undone_at: now, moved: '{}' })
          .where('id', '=', mergeId)
          .execute()
        await audit.append(tx, {
          at: now,
          actor: byStaff(actor.staffId),
          action: 'readers.unmerge',
          subject: { kind: 'reader', id: kept.id },
          libraryId: kept.library_id,
          details: { merge: mergeId, dropped: dropped.id },
        })
        return { droppedId: dropped.id }
      })
    },
  }
}

async function lockMerge(tx: Transaction, mergeId: string, now: Date) {
  const merge = await tx
    .selectFrom('reader_merges')
    .selectAll()
    .where('id', '=', mergeId)
    .forUpdate()
    .executeTakeFirstOrThrow(() => notFound())
  if (merge.undone_at || merge.final_at || merge.final_after <= now) throw mergeOver()
  const both = await tx
    .selectFrom('readers')
    .selectAll()
    .where('id', 'in', [merge.kept_id, merge.dropped_id])
    .orderBy('id')
    .forUpdate()
    .execute()
  // A person who has revoked his consent is destroyed whole: half of him must not come back.
  await refuseLeaving(tx, merge.kept_id)
  const kept = both.find(({ id }) => id === merge.kept_id)
  const dropped = both.find(({ id }) => id === merge.dropped_id)
  if (!kept || !dropped) throw mergeOver()
  if (kept.merged_into) throw mergedFurther()
  return { kept, dropped, moved: merge.moved as unknown as Moved }
}

async function giveRowsBack(tx: Transaction, moved: Moved, from: string, to: string): Promise<void> {
  for (const table of movedTables)
    await sql`update ${sql.table(table)} set reader_id = ${to}
      where id = any(${moved.rows[table] ?? []}::uuid[]) and reader_id = ${from}`.execute(tx)
}

async function giveCardsBack(tx: Transaction, moved: Moved, from: string, to: string): Promise<void> {
  const numbers = moved.cards.map(({ number }) => number)
  if (numbers.length === 0) return
  await tx
    .updateTable('cards')
    .set({ reader_id: to })
    .where('number', 'in', numbers)
    .where('reader_id', '=', from)
    .execute()
  // Only what the merge itself made of it is undone: a card reported lost since stays lost.
  const valid = moved.cards.find(({ state }) => state === 'issued')
  if (valid)
    await moveCards(tx, 'replaced', 'issued')
      .where('number', '=', valid.number)
      .where('reader_id', '=', to)
      .execute()
}

/** Lends a book again whose second loan the merge had ended, when its time isn't over and a copy is free. */
async function reopen(tx: Transaction, loanId: string, now: Date): Promise<void> {
  const loan = await tx
    .selectFrom('loans')
    .innerJoin('licences', 'licences.id', 'loans.licence_id')
    .select(['loans.licence_id', 'loans.reader_id', 'loans.publication_id', 'licences.copies'])
    .where('loans.id', '=', loanId)
    .where('loans.due_at', '>', now)
    .forUpdate('licences')
    .executeTakeFirst()
  if (!loan) return
  const running = await tx
    .selectFrom('loans')
    .select(['reader_id', 'publication_id', 'licence_id'])
    .where('ended_at', 'is', null)
    .where((eb) =>
      eb.or([
        eb('licence_id', '=', loan.licence_id).and('due_at', '>', now),
        eb('publication_id', '=', loan.publication_id).and('reader_id', '=', loan.reader_id),
      ]),
    )
    .execute()
  const again = running.some(
    (each) => each.reader_id === loan.reader_id && each.publication_id === loan.publication_id,
  )
  const out = running.filter((each) => each.licence_id === loan.licence_id).length
  if (again || (loan.copies !== null && out >= loan.copies)) return
  await tx.updateTable('loans').set({ ended_at: null, end_reason: null }).where('id', '=', loanId).execute()
}

/** Puts the kept record's own place back, unless somebody has read on since. */
async function givePlaceBack(tx: Transaction, readerId: string, place: MovedPosition): Promise<void> {
  const { publicationId, revision, before } = place
  if (!before) {
    await tx
      .deleteFrom('reading_positions')
      .where('reader_id', '=', readerId)
      .where('publication_id', '=', publicationId)
      .where('revision', '=', revision)
      .execute()
    return
  }
  await tx
    .updateTable('reading_positions')
    .set({
      locator: before.locator,
      fraction: before.fraction,
      revision: before.revision,
      saved_at: new Date(before.savedAt),
    })
    .where('reader_id', '=', readerId)
    .where('publication_id', '=', publicationId)
    .where('revision', '=', revision)
    .execute()
}

async function forgetPairs(tx: Transaction, readerId: string, others: readonly string[]): Promise<void> {
  for (const other of others) {
    const { first_id, second_id } = orderedPair(readerId, other)
    await tx
      .deleteFrom('distinct_readers')
      .where('first_id', '=', first_id)
      .where('second_id', '=', second_id)
      .execute()
  }
}
