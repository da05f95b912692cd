import { readSettings } from '../settings/settings.ts'
import { staffActor } from '../sessions/sessions.commands.ts'
import { dateIn } from '../shared/calendar.ts'
import type { Database, Transaction } from '../shared/db.ts'
import { isExpected } from '../shared/errors.ts'
import { authorise } from '../staff/actors.ts'
import type { ListFormat, ListKind, ListState, Mapping } from './lists.ts'
import { workerGone } from './lists.ts'
import type { ListTerms } from './lists.schemas.ts'
import { reaches } from './moves.commands.ts'
import type { RowRules } from './rows.ts'
import type { ListActor } from './upload.commands.ts'

/** A list at work, its row locked: batches of one list come one after the other, whoever works them. */
export interface WorkedList {
  id: string
  kind: ListKind
  libraryId: string | null
  actor: ListActor
  terms: ListTerms
  rules: RowRules
}

/**
 * Locks a list for one batch, with the rights of whoever has set it going as they are now.
 * @returns undefined when it isn't in that state any more
 * @throws workerGone
 */
export async function listAtWork(
  db: Database,
  tx: Transaction,
  id: string,
  state: ListState,
  now: Date,
): Promise<WorkedList | undefined> {
  const list = await tx.selectFrom('lists').selectAll().where('id', '=', id).forUpdate().executeTakeFirst()
  if (list?.state !== state || !list.worked_by) return undefined
  const kind = list.kind as ListKind
  const actor = await actorOf(db, list.worked_by, kind)
  if (!reaches(actor, list)) throw workerGone()
  const settings = await readSettings(tx)
  const libraries = await tx.selectFrom('libraries').select(['id', 'code']).execute()
  const reachable = libraries.filter((each) => actor.libraries === 'all' || actor.libraries.includes(each.id))
  const terms = list.terms as ListTerms
  return {
    id,
    kind,
    libraryId: list.library_id,
    actor,
    terms,
    rules: {
      mapping: list.mapping as Mapping,
      terms,
      format: list.format as ListFormat,
      libraryId: list.library_id ?? undefined,
      libraries: new Map(reachable.map((each) => [each.code, each.id])),
      today: dateIn(settings['region.timeZone'], now),
      from14: settings['consents.from14'],
    },
  }
}

/** @throws workerGone */
async function actorOf(db: Database, staffId: string, kind: ListKind): Promise<ListActor> {
  const actor = await staffActor(db, staffId)
  try {
    return kind === 'readers' ? authorise(actor, 'lists.readers') : authorise(actor, 'lists.questionnaires')
  } catch (error) {
    throw isExpected(error) ? workerGone() : error
  }
}

/** A list whose worker has no right to it any more waits for somebody who has. */
export async function stopForWorker(db: Database, id: string, state: ListState, to: ListState) {
  await db
    .updateTable('lists')
    .set({ state: to, fault: workerGone().code })
    .where('id', '=', id)
    .where('state', '=', state)
    .execute()
}
