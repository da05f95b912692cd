import { z } from 'zod'
import type { AuditLog } from '../audit/audit.ts'
import { byStaff } from '../audit/audit.ts'
import { optionalNumberField } from '../cards/cards.schemas.ts'
import { issueCard } from '../cards/issuing.ts'
import type { CardState } from '../cards/moves.ts'
import { moveCards } from '../cards/moves.ts'
import { takeFromStock } from '../cards/reserving.ts'
import { lastDay } from '../cards/validity.ts'
import { readSettings } from '../settings/settings.ts'
import type { Clock } from '../shared/clock.ts'
import type { Database, Transaction } from '../shared/db.ts'
import { inTransaction } from '../shared/db.ts'
import { expected } from '../shared/errors.ts'
import { checkbox } from '../shared/form-fields.ts'
import type { Authorised } from '../staff/actors.ts'
import { notAllowed } from '../staff/actors.ts'
import { tellReplaced } from './telling.ts'
import { lockStanding } from '../readers/credentials.ts'
import { reachReader } from '../readers/reach.ts'

/** The card isn't any more what the page shows. */
export const cardChanged = expected('readers.card_changed', 409)

/** What becomes of the card that another one takes the place of. */
export const endings = ['lost', 'damaged', 'replaced'] as const

export const replaceCardSchema = z.object({
  /** The card that the page shows. */
  card: z.string(),
  ending: z.enum(endings),
  /** One of the library's stock; left out, the next number is given. */
  stockCard: optionalNumberField,
  /** «И выйти на всех устройствах»: whoever has found it may have been told the password. */
  signOut: checkbox,
})
export type ReplaceCardInput = z.output<typeof replaceCardSchema>

export const blockCardSchema = replaceCardSchema.pick({ card: true })

type Standing = Awaited<ReturnType<typeof lockStanding>>

/** A reader's card that is lost, damaged or blocked. The password stays, and one card is valid at most. */
export function createCardChanges(deps: { db: Database; clock: Clock; audit: AuditLog }) {
  const { db, clock, audit } = deps

  /** Runs a change on the record of an own reader, locked, and notes it. */
  const changing = (
    actor: Authorised<'cards.replace'>,
    readerId: string,
    change: (
      tx: Transaction,
      of: { library: { id: string; code: string }; reader: Standing },
      now: Date,
    ) => Promise<{ action: string; details: Record<string, string | boolean> }>,
  ): Promise<void> =>
    inTransaction(db, async (tx) => {
      const now = clock()
      const { elsewhere } = await reachReader(tx, actor, readerId, now)
      if (elsewhere) throw notAllowed()
      const reader = await lockStanding(tx, readerId)
      const libraryId = reader.library_id
      const library = await tx
        .selectFrom('libraries')
        .select(['id', 'code'])
        .where('id', '=', libraryId)
        .executeTakeFirstOrThrow()
      const { action, details } = await change(tx, { library, reader }, now)
      await audit.append(tx, {
        at: now,
        actor: byStaff(actor.staffId),
        action,
        subject: { kind: 'reader', id: readerId },
        libraryId,
        details,
      })
    })

  /** @throws cardChanged */
  async function move(
    tx: Transaction,
    readerId: string,
    number: string,
    from: CardState | readonly CardState[],
    to: CardState,
  ): Promise<void> {
    const moved = await moveCards(tx, from, to)
      .where('number', '=', number)
      .where('reader_id', '=', readerId)
      .returning('number')
      .executeTakeFirst()
    if (!moved) throw cardChanged()
  }

  const valid = (tx: Transaction, readerId: string) =>
    tx
      .selectFrom('cards')
      .select('number')
      .where('reader_id', '=', readerId)
      .where('state', '=', 'issued')
      .executeTakeFirst()

  return {
    /**
     * Gives another card in place of the valid one, or of a blocked one when none is valid, and tells the reader
     * its number. Sessions stay unless it is asked for.
     * @throws notFound, notAllowed, readerGone, readerLeaving, cardChanged, notInStock, stockCardTaken
     */
    replaceCard: (actor: Authorised<'cards.replace'>, readerId: string, input: ReplaceCardInput) =>
      changing(actor, readerId, async (tx, { library, reader }, now) => {
        await move(tx, readerId, input.card, ['issued', 'blocked'], input.ending)
        if (await valid(tx, readerId)) throw cardChanged()
        if (input.stockCard)
          await takeFromStock(tx, { number: input.stockCard, libraryId: library.id, readerId, now })
        else await issueCard(tx, { readerId, libraryCode: library.code, applicationId: undefined, now })
        await tellReplaced(tx, now, reader)
        if (input.signOut) await tx.deleteFrom('sessions').where('reader_id', '=', readerId).execute()
        return {
          action: 'readers.replace-card',
          details: {
            ending: input.ending,
            fromStock: input.stockCard !== undefined,
            signedOut: input.signOut,
          },
        }
      }),

    /** Nobody signs in with it until it is unblocked or replaced. @throws as above */
    blockCard: (actor: Authorised<'cards.replace'>, readerId: string, number: string) =>
      changing(actor, readerId, async (tx) => {
        await move(tx, readerId, number, 'issued', 'blocked')
        return { action: 'readers.block-card', details: {} }
      }),

    /** Good for the region's time from today; a second time changes nothing. @throws as above */
    extendCard: (actor: Authorised<'cards.replace'>, readerId: string, number: string) =>
      changing(actor, readerId, async (tx, _of, now) => {
        const until = lastDay(await readSettings(tx), now)
        const extended = await tx
          .updateTable('cards')
          .set({ valid_until: until })
          .where('number', '=', number)
          .where('reader_id', '=', readerId)
          .where('state', '=', 'issued')
          .returning('number')
          .executeTakeFirst()
        if (!extended) throw cardChanged()
        return { action: 'readers.extend-card', details: { until: until ?? '' } }
      }),

    /** It has turned up, or the reason is gone. @throws as above; cardChanged when another one is valid */
    unblockCard: (actor: Authorised<'cards.replace'>, readerId: string, number: string) =>
      changing(actor, readerId, async (tx) => {
        if (await valid(tx, readerId)) throw cardChanged()
        await move(tx, readerId, number, 'blocked', 'issued')
        return { action: 'readers.unblock-card', details: {} }
      }),
  }
}
