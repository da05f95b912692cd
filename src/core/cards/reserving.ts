import type { ExpressionBuilder } from 'kysely'
import type { DB } from '../shared/db.types.ts'
import type { Transaction } from '../shared/db.ts'
import { readSettings } from '../settings/settings.ts'
import { notInStock, stockCardTaken } from './cards.errors.ts'
import { knownNumber } from './known-number.ts'
import { moveCards } from './moves.ts'
import { lastDay } from './validity.ts'

/**
 * Keeps a card of the library's stock for a questionnaire until it is decided, in place of the one that was
 * kept before; none when there is no number. Of two questionnaires that want one card the second waits for the
 * row and then finds it taken.
 * @returns whether anything changed
 * @throws notInStock, stockCardTaken
 */
export async function reserveCard(
  tx: Transaction,
  of: { applicationId: string; libraryId: string; number: string | undefined },
): Promise<boolean> {
  const { applicationId, libraryId } = of
  const number = of.number && (await knownNumber(tx, of.number))
  const before = await reservedCard(tx, applicationId)
  if (before === (number ?? null)) return false
  await releaseCards(tx, [applicationId])
  if (!number) return true
  const reserved = await moveCards(tx, 'stock', 'reserved', { application_id: applicationId })
    .where('number', '=', number)
    .where('batch_id', 'in', (eb) => batchesOf(eb, libraryId))
    .returning('number')
    .executeTakeFirst()
  if (!reserved) throw await whyNot(tx, libraryId, number)
  return true
}

const batchesOf = (eb: ExpressionBuilder<DB, 'cards'>, libraryId: string) =>
  eb.selectFrom('card_batches').select('card_batches.id').where('card_batches.library_id', '=', libraryId)

/** Whether the card is the library's at all; what other libraries have, it isn't told. */
async function whyNot(tx: Transaction, libraryId: string, number: string) {
  const card = await tx
    .selectFrom('cards as c')
    .innerJoin('card_batches as b', 'b.id', 'c.batch_id')
    .select('c.state')
    .where('c.number', '=', number)
    .where('b.library_id', '=', libraryId)
    .executeTakeFirst()
  return card && card.state !== 'made' && card.state !== 'written_off' ? stockCardTaken() : notInStock()
}

/** The number that is kept for a questionnaire. */
export async function reservedCard(tx: Transaction, applicationId: string): Promise<string | null> {
  const card = await tx
    .selectFrom('cards')
    .select('number')
    .where('application_id', '=', applicationId)
    .where('state', '=', 'reserved')
    .executeTakeFirst()
  return card?.number ?? null
}

/** The cards that were kept for these questionnaires are anybody's again. */
export const releaseCards = (tx: Transaction, applicationIds: readonly string[]) =>
  moveCards(tx, 'reserved', 'stock', { application_id: null })
    .where('application_id', 'in', [...applicationIds])
    .execute()

/**
 * A decision is taken back: the card that was kept before it is kept again, out of the hands of whoever was
 * registered with it. Once somebody else has it, or it was reported lost, nothing is kept.
 */
export async function restoreReserved(tx: Transaction, applicationId: string, number: string): Promise<void> {
  await moveCards(tx, ['stock', 'issued'], 'reserved', {
    reader_id: null,
    issued_at: null,
    valid_until: null,
    application_id: applicationId,
  })
    .where('number', '=', number)
    .where((eb) =>
      eb.or([
        eb.and([eb('application_id', '=', applicationId), eb('state', '=', 'issued')]),
        eb('state', '=', 'stock'),
      ]),
    )
    .execute()
}

/** Gives a card of the library's stock to a reader at once. @throws notInStock, stockCardTaken */
export async function takeFromStock(
  tx: Transaction,
  to: { number: string; libraryId: string; readerId: string; now: Date },
): Promise<void> {
  const number = await knownNumber(tx, to.number)
  const until = lastDay(await readSettings(tx), to.now)
  const taken = await moveCards(tx, 'stock', 'issued', {
    reader_id: to.readerId,
    issued_at: to.now,
    valid_until: until,
  })
    .where('number', '=', number)
    .where('batch_id', 'in', (eb) => batchesOf(eb, to.libraryId))
    .returning('number')
    .executeTakeFirst()
  if (!taken) throw await whyNot(tx, to.libraryId, number)
}
