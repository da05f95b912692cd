import type { AuditLog } from '../audit/audit.ts'
import { byStaff } from '../audit/audit.ts'
import type { Clock } from '../shared/clock.ts'
import { after, minutes } from '../shared/clock.ts'
import type { Database, Transaction } from '../shared/db.ts'
import { inTransaction } from '../shared/db.ts'
import type { Authorised } from '../staff/actors.ts'
import { changedMeanwhile } from './applications.ts'
import { locked } from './moves.ts'
import type { QueueFilter } from './queue.ts'
import { behind, conditions, narrowingNow, placeOf } from './queue.queries.ts'

/** How long a hold lasts unless it is renewed. */
export const holdTime = minutes(5)

/** How a waiting questionnaire is held, as one of the operators sees it. */
export interface Hold {
  /** False once it has been decided or withdrawn. */
  waiting: boolean
  /** The other operator who works on it; null when it is the actor's own. */
  heldBy: string | null
  /** Of the actor's own hold: its end, in milliseconds since 1970. */
  until?: number
}

/** Two operators at one questionnaire see each other and decide nothing unasked; nobody is locked out. */
export function createHolding(deps: { db: Database; clock: Clock; audit: AuditLog }) {
  const { db, clock, audit } = deps

  return {
    /** Takes or renews a hold, unless another operator has one: then that one is named. */
    hold: (actor: Authorised<'applications.decide'>, id: string): Promise<Hold> =>
      inTransaction(db, async (tx) => {
        const now = clock()
        const until = after(now, holdTime)
        const taken = await tx
          .updateTable('applications')
          .set({ held_by: actor.staffId, held_until: until })
          .where('id', '=', id)
          .where('state', '=', 'sent')
          .where((eb) =>
            eb.or([
              eb('held_until', 'is', null),
              eb('held_until', '<=', now),
              eb('held_by', '=', actor.staffId),
            ]),
          )
          .returning('id')
          .executeTakeFirst()
        if (taken) return { waiting: true, heldBy: null, until: until.getTime() }
        const other = await tx
          .selectFrom('applications as a')
          .leftJoin('staff as s', 's.id', 'a.held_by')
          .select(['a.state', 's.full_name'])
          .where('a.id', '=', id)
          .executeTakeFirst()
        return other?.state === 'sent'
          ? { waiting: true, heldBy: other.full_name }
          : { waiting: false, heldBy: null }
      }),

    /**
     * Whoever leaves lets go at once. A hold that is somebody else's stays, and so does the newer one of a page
     * that was opened again: the word of the page before it comes later.
     */
    release: async (actor: Authorised<'applications.decide'>, id: string, until: number): Promise<void> => {
      await db
        .updateTable('applications')
        .set({ held_by: null, held_until: null })
        .where('id', '=', id)
        .where('held_by', '=', actor.staffId)
        .where('held_until', '=', new Date(until))
        .execute()
    },

    /** Takes the hold from whoever has it, who learns of it at the next renewal. @throws changedMeanwhile */
    takeOver: (actor: Authorised<'applications.decide'>, id: string): Promise<void> =>
      inTransaction(db, async (tx) => {
        const now = clock()
        const found = await locked(tx, actor, id)
        if (found.state !== 'sent') throw changedMeanwhile()
        await giveTo(tx, id, actor.staffId, now)
        await audit.append(tx, {
          at: now,
          actor: byStaff(actor.staffId),
          action: 'applications.take-over',
          subject: { kind: 'application', id },
          libraryId: found.library_id,
        })
      }),

    /**
     * The next waiting questionnaire, held for the actor: behind the one given, else the oldest. Those that
     * others hold are passed over, and two who ask at the same moment never get the same one.
     */
    async next(
      actor: Authorised<'applications.decide'>,
      filter: QueueFilter = {},
      from?: string,
    ): Promise<string | undefined> {
      const at = await narrowingNow(db, clock())
      const place = from ? await placeOf(db, from) : undefined
      return inTransaction(db, async (tx) => {
        const free = () =>
          tx
            .selectFrom('applications as a')
            .select('a.id')
            .where('a.state', '=', 'sent')
            .where((eb) => eb.and(conditions(actor, { ...filter, state: 'sent' }, at)))
            .where((eb) =>
              eb.or([
                eb('a.held_until', 'is', null),
                eb('a.held_until', '<=', at.now),
                eb('a.held_by', '=', actor.staffId),
              ]),
            )
            .orderBy('a.sent_at')
            .orderBy('a.id')
            .limit(1)
            .forUpdate()
            .skipLocked()
        const following = place && (await free().where(behind(place)).executeTakeFirst())
        const found =
          following ??
          (await free()
            .$if(from !== undefined, (query) => query.where('a.id', '<>', from ?? ''))
            .executeTakeFirst())
        if (found) await giveTo(tx, found.id, actor.staffId, at.now)
        return found?.id
      })
    },
  }
}

const giveTo = (tx: Transaction, id: string, staffId: string, now: Date) =>
  tx
    .updateTable('applications')
    .set({ held_by: staffId, held_until: after(now, holdTime) })
    .where('id', '=', id)
    .execute()
