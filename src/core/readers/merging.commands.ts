import type { CardState } from '../cards/moves.ts'
import { moveCards } from '../cards/moves.ts'
import { z } from 'zod'
import type { AuditLog } from '../audit/audit.ts'
import { byStaff } from '../audit/audit.ts'
import type { Clock } from '../shared/clock.ts'
import { after } from '../shared/clock.ts'
import type { Database, Transaction } from '../shared/db.ts'
import { inTransaction, sql } from '../shared/db.ts'
import { checkbox } from '../shared/form-fields.ts'
import type { Sealer } from '../shared/sealing.ts'
import type { Authorised } from '../staff/actors.ts'
import { lockStanding, readerGone } from './credentials.ts'
import { orderedPair } from './distinct.ts'
import { releaseHeld } from './held-messages.ts'
import type { Person } from './likeness.ts'
import { isUnlike } from './likeness.ts'
import type { Moved, MovedPosition } from './merging.ts'
import { keepValidCard, mergeUndoFor, mergeUnlike, mergeWithItself, movedTables } from './merging.ts'
import { mergeProvider, providerStateOf } from './provider-accounts.ts'
import { stopMessages } from './stop-messages.ts'

/** One choice names both: the record that is kept, then the one that is dropped. */
export const mergeSchema = z.object({
  choice: z
    .string('choice_missing')
    .transform((typed) => typed.split(' '))
    .pipe(z.tuple([z.uuid('choice_missing'), z.uuid('choice_missing')])),
  unlike: checkbox,
})
export interface MergeInput {
  keptId: string
  droppedId: string
  /** The operator knows that names and birth dates differ, and that it is one person. */
  unlike?: boolean
}

type Standing = Awaited<ReturnType<typeof lockStanding>>

/** Makes one record of two that turned out to be one person's. */
export function createMerging(deps: { db: Database; clock: Clock; audit: AuditLog; sealer: Sealer }) {
  const { db, clock, audit, sealer } = deps
  return {
    /**
     * Everything of the dropped record goes over to the kept one; that one's valid card alone signs in, and a
     * scan of the other's number finds the kept record. The dropped record stays aside, unlisted and without
     * sessions, until the merge is final.
     * @throws mergeWithItself, mergeUnlike, readerGone, readerLeaving, keepValidCard
     */
    async merge(actor: Authorised<'readers.merge'>, input: MergeInput): Promise<{ mergeId: string }> {
      if (input.keptId === input.droppedId) throw mergeWithItself()
      const now = clock()
      return inTransaction(db, async (tx) => {
        const { kept, dropped } = await lockBoth(tx, input)
        if (!input.unlike && isUnlike(personOf(kept), personOf(dropped))) throw mergeUnlike()
        await checkCards(tx, kept.id, dropped.id)
        // Their texts are written while sending: they would tell the dropped record's contacts the kept one's password.
        await stopMessages(tx, now, [dropped.id], 'merged')
        const { endedLoans } = await endSecondLoans(tx, now, kept.id, dropped.id)
        const moved: Moved = {
          rows: await moveRows(tx, dropped.id, kept.id),
          endedLoans,
          positions: await takePositions(tx, dropped.id, kept.id),
          cards: await takeCards(tx, dropped.id, kept.id),
          provider: await mergeProvider(tx, sealer, now, { keptId: kept.id, droppedId: dropped.id }),
          distinct: await takeDistinct(tx, dropped.id, kept.id),
          ...(await fillIn(tx, kept, dropped)),
        }
        // What waited for a number that has come with the other record waits no longer.
        if ((await providerStateOf(tx, kept.id)) === 'registered') await releaseHeld(tx, kept.id)
        await tx.deleteFrom('sessions').where('reader_id', '=', dropped.id).execute()
        await tx.updateTable('readers').set({ merged_into: kept.id }).where('id', '=', dropped.id).execute()
        const { id: mergeId } = await tx
          .insertInto('reader_merges')
          .values({
            kept_id: kept.id,
            dropped_id: dropped.id,
            merged_by: actor.staffId,
            merged_at: now,
            moved: JSON.stringify(moved),
            final_after: after(now, mergeUndoFor),
          })
          .returning('id')
          .executeTakeFirstOrThrow()
        const entry = { at: now, actor: byStaff(actor.staffId), libraryId: kept.library_id }
        await audit.append(
          tx,
          {
            ...entry,
            action: 'readers.merge',
            subject: { kind: 'reader', id: kept.id },
            details: { merge: mergeId, dropped: dropped.id, loans: moved.rows.loans?.length ?? 0 },
          },
          {
            ...entry,
            action: 'readers.merged',
            subject: { kind: 'reader', id: dropped.id },
            details: { merge: mergeId, kept: kept.id },
          },
        )
        return { mergeId }
      })
    },
  }
}

/** Always in the same order, so that two merges of the same pair never wait for each other. */
async function lockBoth(tx: Transaction, { keptId, droppedId }: MergeInput) {
  const both: Standing[] = []
  for (const id of [keptId, droppedId].toSorted()) both.push(await lockStanding(tx, id))
  const kept = both.find(({ id }) => id === keptId)
  const dropped = both.find(({ id }) => id === droppedId)
  if (!kept || !dropped) throw readerGone()
  return { kept, dropped }
}

const personOf = (reader: Standing): Person => ({
  fullName: reader.full_name,
  birthDate: reader.birth_date,
  email: reader.email,
  phone: reader.phone,
})

async function checkCards(tx: Transaction, keptId: string, droppedId: string): Promise<void> {
  const valid = await tx
    .selectFrom('cards')
    .select('reader_id')
    .where('reader_id', 'in', [keptId, droppedId])
    .where('state', '=', 'issued')
    .execute()
  if (valid.length === 1 && valid[0]?.reader_id === droppedId) throw keepValidCard()
}

/** A book that both have on loan is lent once from now on: the loan that is due later goes on. */
async function endSecondLoans(tx: Transaction, now: Date, keptId: string, droppedId: string) {
  await tx
    .updateTable('loans')
    .set({ ended_at: sql<Date>`due_at`, end_reason: 'due' })
    .where('reader_id', 'in', [keptId, droppedId])
    .where('ended_at', 'is', null)
    .where('due_at', '<=', now)
    .execute()
  const second = await tx
    .selectFrom('loans as one')
    .innerJoin('loans as other', 'other.publication_id', 'one.publication_id')
    .select((eb) =>
      eb
        .case()
        .when('other.due_at', '>', eb.ref('one.due_at'))
        .then(eb.ref('one.id'))
        .else(eb.ref('other.id'))
        .end()
        .as('id'),
    )
    .where('one.reader_id', '=', keptId)
    .where('other.reader_id', '=', droppedId)
    .where('one.ended_at', 'is', null)
    .where('other.ended_at', 'is', null)
    .execute()
  const endedLoans = second.map(({ id }) => id)
  if (endedLoans.length > 0) {
    await tx
      .updateTable('loans')
      .set({ ended_at: now, end_reason: 'returned' })
      .where('id', 'in', endedLoans)
      .execute()
  }
  return { endedLoans }
}

async function moveRows(tx: Transaction, from: string, to: string): Promise<Moved['rows']> {
  const rows: Moved['rows'] = {}
  for (const table of movedTables) {
    const moved = await sql<{ id: string }>`
      update ${sql.table(table)} set reader_id = ${to} where reader_id = ${from} returning id`.execute(tx)
    rows[table] = moved.rows.map(({ id }) => id)
  }
  // A registration that has been merged since can't be taken back as if nothing had come of it.
  await tx
    .updateTable('applications')
    .set({ undo_until: null })
    .where('reader_id', '=', to)
    .where('undo_until', 'is not', null)
    .execute()
  return rows
}

/** Of two places in a book the newer wins; the kept record's own is remembered. */
async function takePositions(tx: Transaction, from: string, to: string): Promise<MovedPosition[]> {
  const places = await tx
    .selectFrom('reading_positions as d')
    .leftJoin('reading_positions as k', (join) =>
      join.onRef('k.publication_id', '=', 'd.publication_id').on('k.reader_id', '=', to),
    )
    .selectAll('d')
    .select(['k.locator as k_locator', 'k.fraction as k_fraction', 'k.revision as k_revision'])
    .select('k.saved_at as k_saved_at')
    .where('d.reader_id', '=', from)
    .where((eb) => eb.or([eb('k.saved_at', 'is', null), eb('k.saved_at', '<', eb.ref('d.saved_at'))]))
    .execute()
  const positions: MovedPosition[] = []
  for (const place of places) {
    // Above both, so that a device that saw either asks before it writes.
    const revision = Math.max(place.revision, place.k_revision ?? 0) + 1
    const { locator, fraction, saved_at } = place
    await tx
      .insertInto('reading_positions')
      .values({ reader_id: to, publication_id: place.publication_id, locator, fraction, revision, saved_at })
      .onConflict((conflict) =>
        conflict
          .columns(['reader_id', 'publication_id'])
          .doUpdateSet({ locator, fraction, revision, saved_at }),
      )
      .execute()
    positions.push({ publicationId: place.publication_id, revision, before: placeBefore(place) })
  }
  return positions
}

function placeBefore(place: {
  k_locator: string | null
  k_fraction: number | null
  k_revision: number | null
  k_saved_at: Date | null
}): MovedPosition['before'] {
  const { k_locator: locator, k_fraction: fraction, k_revision: revision, k_saved_at: savedAt } = place
  if (locator === null || fraction === null || revision === null || savedAt === null) return null
  return { locator, fraction, revision, savedAt: savedAt.toISOString() }
}

/** Every number of the dropped record leads to the kept one, and none of them signs in any more. */
async function takeCards(tx: Transaction, from: string, to: string): Promise<Moved['cards']> {
  const cards = await tx
    .selectFrom('cards')
    .select(['number', 'state'])
    .where('reader_id', '=', from)
    .orderBy('number')
    .execute()
  await moveCards(tx, 'issued', 'replaced').where('reader_id', '=', from).execute()
  await tx.updateTable('cards').set({ reader_id: to }).where('reader_id', '=', from).execute()
  return cards.map(({ number, state }) => ({ number, state: state as CardState }))
}

/** Whoever was decided to be another than the one is another than the other. */
async function takeDistinct(tx: Transaction, from: string, to: string): Promise<string[]> {
  const pairs = await tx
    .selectFrom('distinct_readers')
    .selectAll()
    .where((eb) => eb.or([eb('first_id', '=', from), eb('second_id', '=', from)]))
    .execute()
  const taken: string[] = []
  for (const { first_id, second_id, ...decision } of pairs) {
    const other = first_id === from ? second_id : first_id
    if (other === to) continue
    const made = await tx
      .insertInto('distinct_readers')
      .values({ ...orderedPair(to, other), ...decision })
      .onConflict((conflict) => conflict.doNothing())
      .returning('first_id')
      .executeTakeFirst()
    if (made) taken.push(other)
  }
  const { first_id, second_id } = orderedPair(from, to)
  await tx
    .deleteFrom('distinct_readers')
    .where('first_id', '=', first_id)
    .where('second_id', '=', second_id)
    .execute()
  return taken
}

/** What the kept record lacked: a contact, a later renewal. */
async function fillIn(
  tx: Transaction,
  kept: Standing,
  dropped: Standing,
): Promise<Pick<Moved, 'contacts' | 'renewedAt'>> {
  const contacts = (['email', 'phone'] as const).filter((field) => !kept[field] && dropped[field])
  const later = dropped.renewed_at > kept.renewed_at
  const taken = {
    ...Object.fromEntries(contacts.map((field) => [field, dropped[field]])),
    ...(later ? { renewed_at: dropped.renewed_at } : {}),
  }
  if (Object.keys(taken).length > 0)
    await tx.updateTable('readers').set(taken).where('id', '=', kept.id).execute()
  return { contacts, renewedAt: later ? kept.renewed_at.toISOString() : null }
}
