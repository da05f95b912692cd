import type { AuditLog } from '../audit/audit.ts'
import { byStaff } from '../audit/audit.ts'
import { consentTextOf } from '../consents/consents.ts'
import { standing } from '../readers/merged.ts'
import { readSettings } from '../settings/settings.ts'
import { dateIn } from '../shared/calendar.ts'
import type { Clock } from '../shared/clock.ts'
import { after } from '../shared/clock.ts'
import type { Database, Transaction } from '../shared/db.ts'
import { inTransaction, sql } from '../shared/db.ts'
import { expected } from '../shared/errors.ts'
import type { JobName } from '../shared/jobs.ts'
import { addJob } from '../shared/jobs.ts'
import type { ListState, Mapping } from './lists.ts'
import { checkMapping, listGone, listLife, listMoved } from './lists.ts'
import type { CheckListInput, DecideRowInput } from './lists.schemas.ts'
import type { ListActor } from './upload.commands.ts'

export const signedInFuture = expected('lists.signed_in_future', 422)
/** The row was decided or done meanwhile, or others are on record now than the page has shown. */
export const rowMoved = expected('lists.row_moved', 409)

/** Nobody of those whom the row is like is on record any more. */
export const readerGone = expected('lists.reader_gone', 409)

type HeldList = Awaited<ReturnType<typeof heldList>>

/** What a person does with a list; the rows themselves are the worker's. */
export function createListMoves(deps: { db: Database; clock: Clock; audit: AuditLog }) {
  const { db, clock, audit } = deps

  /** Moves a list between two states, with its entry in the log. */
  const move = (
    actor: ListActor,
    id: string,
    of: { from: readonly ListState[]; to: ListState; action: string },
    work: (tx: Transaction, list: HeldList, now: Date) => Promise<Record<string, unknown>>,
  ): Promise<void> =>
    inTransaction(db, async (tx) => {
      const list = await heldList(tx, actor, id)
      if (!of.from.includes(list.state as ListState)) throw listMoved()
      const now = clock()
      const set = await work(tx, list, now)
      await tx
        .updateTable('lists')
        .set({ state: of.to, fault: null, changed_at: now, expires_at: after(now, listLife), ...set })
        .where('id', '=', id)
        .execute()
      await audit.append(tx, {
        at: now,
        actor: byStaff(actor.staffId),
        action: of.action,
        subject: { kind: 'list', id },
        libraryId: list.library_id,
      })
    })

  return {
    /**
     * Looks at all rows by these columns and terms, in the background; nothing of them is stored anywhere else.
     * The columns are remembered for the library's next file of that layout.
     * @throws listMoved, consentTextUnknown, signedInFuture, and what `checkMapping` throws
     */
    check: (actor: ListActor, id: string, { mapping, terms }: CheckListInput): Promise<void> =>
      move(
        actor,
        id,
        { from: ['mapping', 'checking', 'checked'], to: 'checking', action: 'lists.check' },
        async (tx, list, now) => {
          checkMapping(mapping, list.header.length, list.library_id === null)
          await consentTextOf(tx, 'processing', terms.consentVersion)
          if (terms.handoverGiven) await consentTextOf(tx, 'handover', terms.handoverVersion ?? 0)
          const { 'region.timeZone': zone } = await readSettings(tx)
          if (terms.signedOn > dateIn(zone, now)) throw signedInFuture()
          await remember(tx, list, mapping, now)
          await sql`update list_rows set state = 'new', faults = '[]', person_key = null, card_number = null,
            alike = '{}', another_person = false
            where list_id = ${id} and cells is not null and not (state = 'faulty' and cells = '{}')`.execute(
            tx,
          )
          await wake(tx, 'lists:check', id)
          return {
            mapping: JSON.stringify(mapping),
            terms: JSON.stringify(terms),
            worked_by: actor.staffId,
          }
        },
      ),

    /** Begins with the good rows, or goes on with them. @throws listMoved */
    start: (actor: ListActor, id: string): Promise<void> =>
      move(actor, id, { from: ['checked', 'stopped'], to: 'running', action: 'lists.start' }, async (tx) => {
        await wake(tx, 'lists:run', id)
        return { worked_by: actor.staffId }
      }),

    /** Ends after the rows that are under way. @throws listMoved */
    stop: (actor: ListActor, id: string): Promise<void> =>
      move(actor, id, { from: ['running'], to: 'stopped', action: 'lists.stop' }, async () => ({})),

    /** Takes the list away with all its rows; what they have become stays. @throws listMoved while it runs */
    discard: (actor: ListActor, id: string): Promise<void> =>
      inTransaction(db, async (tx) => {
        const list = await heldList(tx, actor, id)
        if (list.state === 'running') throw listMoved()
        await tx.deleteFrom('lists').where('id', '=', id).execute()
        await audit.append(tx, {
          at: clock(),
          actor: byStaff(actor.staffId),
          action: 'lists.discard',
          subject: { kind: 'list', id },
          libraryId: list.library_id,
        })
      }),

    /**
     * An operator's word on a row that is like somebody on record: it is he, and nothing is stored; or somebody
     * else, and the row waits for the run to go on.
     * @throws rowMoved, readerGone, listMoved while it is being checked
     */
    decide: (actor: ListActor, id: string, input: DecideRowInput): Promise<void> =>
      inTransaction(db, async (tx) => {
        const list = await heldList(tx, actor, id)
        if (actor.libraries !== 'all' || list.state === 'checking') throw listMoved()
        const same = input.same === 'same'
        // Whoever was shown may be merged or destroyed by now.
        const known = same ? [...(await standing(tx, input.shown)).values()] : []
        if (same && known.length === 0) throw readerGone()
        const decided = await sql<{ alike: string[] }>`
          update list_rows set state = ${same ? 'same' : 'good'}, another_person = ${!same},
            reader_id = ${same ? (known[0] ?? null) : null}::uuid,
            cells = case when ${same} then null else cells end,
            person_key = case when ${same} then null else person_key end,
            card_number = case when ${same} then null else card_number end
          where list_id = ${id} and number = ${input.row} and state = 'asked'
            and alike <@ ${input.shown}::uuid[] and alike @> ${input.shown}::uuid[]
          returning alike`.execute(tx)
        if (decided.rows.length === 0) throw rowMoved()
        if (!same && list.state === 'done')
          await tx.updateTable('lists').set({ state: 'stopped' }).where('id', '=', id).execute()
        await audit.append(tx, {
          at: clock(),
          actor: byStaff(actor.staffId),
          action: 'lists.decide',
          subject: { kind: 'list', id },
          libraryId: list.library_id,
          details: { row: input.row, same, ids: input.shown },
        })
      }),

    /** Takes away lists whose time is over; how many. */
    expire: (): Promise<number> =>
      inTransaction(db, async (tx) => {
        const now = clock()
        const gone = await tx
          .deleteFrom('lists')
          .where('expires_at', '<=', now)
          .where('state', '<>', 'running')
          .returning('id')
          .execute()
        if (gone.length > 0)
          await audit.append(tx, {
            at: now,
            actor: { kind: 'system' },
            action: 'lists.expire',
            subject: { kind: 'list', id: null },
            details: { lists: gone.map(({ id }) => id) },
          })
        return gone.length
      }),
  }
}

/** Puts the next batch of a list into the queue; at most one waits. */
export const wake = (tx: Transaction, job: Extract<JobName, `lists:${string}`>, listId: string) =>
  addJob(tx, job, { listId }, { key: `${job} ${listId}` })

/** The list, locked, when the actor may reach it. @throws listGone */
export async function heldList(tx: Transaction, actor: ListActor, id: string) {
  const list = await tx
    .selectFrom('lists')
    .selectAll()
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirstOrThrow(() => listGone())
  if (!reaches(actor, list)) throw listGone()
  return list
}

/** Librarians have the questionnaires of their own library, operators all lists. */
export const reaches = (actor: ListActor, list: { kind: string; library_id: string | null }): boolean =>
  actor.libraries === 'all' ||
  (list.kind === 'questionnaires' && list.library_id !== null && actor.libraries.includes(list.library_id))

const remember = (tx: Transaction, list: HeldList, mapping: Mapping, now: Date) =>
  tx
    .insertInto('list_mappings')
    .values({
      kind: list.kind,
      library_id: list.library_id,
      signature: list.signature,
      mapping: JSON.stringify(mapping),
      changed_at: now,
    })
    .onConflict((conflict) =>
      conflict
        .columns(['kind', 'library_id', 'signature'])
        .doUpdateSet({ mapping: JSON.stringify(mapping), changed_at: now }),
    )
    .execute()
