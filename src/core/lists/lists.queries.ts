import type { AuditLog } from '../audit/audit.ts'
import { byStaff } from '../audit/audit.ts'
import type { ConsentKind } from '../consents/consents.ts'
import type { ReaderFacts } from '../readers/facts.queries.ts'
import { readerFacts } from '../readers/facts.queries.ts'
import type { Clock } from '../shared/clock.ts'
import type { Database, Transaction } from '../shared/db.ts'
import { inTransaction, sql } from '../shared/db.ts'
import type { ListField, ListFormat, ListKind, ListState, Mapping, RowFault, RowState } from './lists.ts'
import { guessMapping, listGone } from './lists.ts'
import type { ListTerms } from './lists.schemas.ts'
import { reaches } from './moves.commands.ts'
import type { ListActor } from './upload.commands.ts'

/** How many rows a page shows. */
export const rowsShown = 30
const firstRows = 5
const listsShown = 100

export interface ListLine {
  id: string
  kind: ListKind
  fileName: string
  libraryName: string | null
  state: ListState
  total: number
  createdAt: Date
  by: string
}

/** A text that papers may have been signed on. */
export interface ConsentVersion {
  kind: ConsentKind
  version: number
  createdAt: Date
}

export type RowCounts = Record<RowState, number>

export interface ShownRow {
  number: number
  cells: string[]
  faults: RowFault[]
}

/** A row that is like somebody on record, with whom. */
export interface AskedRow extends ShownRow {
  readers: ReaderFacts[]
}

export interface ShownList extends ListLine {
  format: ListFormat
  byCode: boolean
  header: string[]
  /** As it was chosen, or remembered, or guessed. */
  mapping: Mapping
  terms: ListTerms | null
  fault: string | null
  expiresAt: Date
  counts: RowCounts
  /** Of the good ones: somebody like them is on record; the queue asks for each. */
  perhapsKnown: number
  first: { number: number; cells: string[] }[]
  faulty: ShownRow[]
  moreFaulty: boolean
  asked: AskedRow[]
  moreAsked: boolean
}

export function createListQueries(deps: { db: Database; clock: Clock; audit: AuditLog }) {
  const { db, clock, audit } = deps
  return {
    /** The latest lists that the actor may reach, newest first. */
    async list(actor: ListActor): Promise<ListLine[]> {
      let query = lines(db).orderBy('lists.created_at', 'desc').orderBy('lists.id', 'desc').limit(listsShown)
      if (actor.libraries !== 'all')
        query = query
          .where('lists.library_id', 'in', [...actor.libraries])
          .where('lists.kind', '=', 'questionnaires')
      return (await query.execute()).map(toLine)
    },

    /**
     * A list with its first rows and what is wrong. The look is audited with the readers shown.
     * @param after the row behind which the faulty ones are shown
     * @throws listGone
     */
    one: (actor: ListActor, id: string, after = 0): Promise<ShownList> =>
      inTransaction(db, async (tx) => {
        const row = await lines(tx)
          .select(['header', 'format', 'signature', 'mapping', 'terms', 'fault', 'expires_at'])
          .where('lists.id', '=', id)
          .executeTakeFirstOrThrow(() => listGone())
        if (!reaches(actor, row)) throw listGone()
        const counts = await countsOf(tx, id)
        const faulty = await rowsOf(tx, id, 'faulty', after)
        const asked = actor.libraries === 'all' ? await rowsOf(tx, id, 'asked', 0) : []
        const facts = await readerFacts(tx, [
          ...new Set(asked.slice(0, rowsShown).flatMap((one) => one.alike)),
        ])
        const first = await tx
          .selectFrom('list_rows')
          .select(['number', 'cells'])
          .where('list_id', '=', id)
          .where('cells', 'is not', null)
          .orderBy('number')
          .limit(firstRows)
          .execute()
        await audit.append(tx, {
          at: clock(),
          actor: byStaff(actor.staffId),
          action: 'lists.open',
          subject: { kind: 'list', id },
          libraryId: row.library_id,
          details: { ids: facts.map(({ readerId }) => readerId) },
        })
        return {
          ...toLine(row),
          format: row.format as ListFormat,
          byCode: row.library_id === null,
          header: row.header,
          mapping: (row.mapping as Mapping | null) ?? (await likelyMapping(tx, row)),
          terms: row.terms as ListTerms | null,
          fault: row.fault,
          expiresAt: row.expires_at,
          counts: counts.states,
          perhapsKnown: counts.perhapsKnown,
          first: first.map(({ number, cells }) => ({ number, cells: cells ?? [] })),
          faulty: faulty.slice(0, rowsShown),
          moreFaulty: faulty.length > rowsShown,
          asked: asked.slice(0, rowsShown).map(({ alike, ...one }) => ({
            ...one,
            readers: facts.filter(({ readerId }) => alike.includes(readerId)),
          })),
          moreAsked: asked.length > rowsShown,
        }
      }),

    /** Where a list stands, for the page that waits for it; nobody's data. @throws listGone */
    async progress(actor: ListActor, id: string): Promise<{ state: ListState; counts: RowCounts }> {
      const row = await db
        .selectFrom('lists')
        .select(['kind', 'library_id', 'state'])
        .where('id', '=', id)
        .executeTakeFirstOrThrow(() => listGone())
      if (!reaches(actor, row)) throw listGone()
      return { state: row.state as ListState, counts: (await countsOf(db, id)).states }
    },

    /** Every version of the consent texts, the newest first. */
    async consentVersions(_actor: ListActor): Promise<ConsentVersion[]> {
      const rows = await db
        .selectFrom('consent_texts')
        .select(['kind', 'version', 'created_at as createdAt'])
        .orderBy('version', 'desc')
        .execute()
      return rows.map((row) => ({ ...row, kind: row.kind as ConsentKind }))
    },

    /**
     * The rows that weren't taken, as they came, for a file to be put right and brought in again.
     * @throws listGone
     */
    faultyRows: (
      actor: ListActor,
      id: string,
    ): Promise<{ fileName: string; format: ListFormat; header: string[]; rows: ShownRow[] }> =>
      inTransaction(db, async (tx) => {
        const list = await tx
          .selectFrom('lists')
          .select(['kind', 'library_id', 'file_name as fileName', 'format', 'header'])
          .where('id', '=', id)
          .executeTakeFirstOrThrow(() => listGone())
        if (!reaches(actor, list)) throw listGone()
        const rows = await rowsOf(tx, id, 'faulty', 0, null)
        await audit.append(tx, {
          at: clock(),
          actor: byStaff(actor.staffId),
          action: 'lists.faults',
          subject: { kind: 'list', id },
          libraryId: list.library_id,
          details: { rows: rows.length },
        })
        return { fileName: list.fileName, format: list.format as ListFormat, header: list.header, rows }
      }),
  }
}

const lines = (db: Database | Transaction) =>
  db
    .selectFrom('lists')
    .leftJoin('libraries as l', 'l.id', 'lists.library_id')
    .innerJoin('staff as s', 's.id', 'lists.created_by')
    .select([
      'lists.id',
      'lists.kind',
      'lists.library_id',
      'lists.file_name as fileName',
      'l.short_name as libraryName',
      'lists.state',
      'lists.total',
      'lists.created_at as createdAt',
      's.full_name as by',
    ])

type Line = Awaited<ReturnType<ReturnType<typeof lines>['execute']>>[number]

const toLine = ({ id, kind, fileName, libraryName, state, total, createdAt, by }: Line): ListLine => ({
  id,
  kind: kind as ListKind,
  fileName,
  libraryName,
  state: state as ListState,
  total,
  createdAt,
  by,
})

const noRows: RowCounts = { new: 0, good: 0, faulty: 0, asked: 0, done: 0, same: 0 }

async function countsOf(db: Database | Transaction, listId: string) {
  const rows = await db
    .selectFrom('list_rows')
    .select((eb) => [
      'state',
      eb.fn.countAll<number>().as('count'),
      sql<number>`count(*) filter (where state = 'good' and alike <> '{}' and not another_person)`.as(
        'known',
      ),
    ])
    .where('list_id', '=', listId)
    .groupBy('state')
    .execute()
  const states = { ...noRows }
  for (const { state, count } of rows) states[state as RowState] = Number(count)
  return { states, perhapsKnown: rows.reduce((sum, { known }) => sum + Number(known), 0) }
}

/** @param most one more than a page shows; null: all */
async function rowsOf(
  tx: Transaction,
  listId: string,
  state: RowState,
  after: number,
  most: number | null = rowsShown + 1,
): Promise<(ShownRow & { alike: string[] })[]> {
  let query = tx
    .selectFrom('list_rows')
    .select(['number', 'cells', 'faults', 'alike'])
    .where('list_id', '=', listId)
    .where('state', '=', state)
    .where('number', '>', after)
    .orderBy('number')
  if (most !== null) query = query.limit(most)
  return (await query.execute()).map(({ number, cells, faults, alike }) => ({
    number,
    cells: cells ?? [],
    faults: faults as unknown as RowFault[],
    alike,
  }))
}

/** As the library's last file of this layout had it, else by the header's words. */
async function likelyMapping(
  tx: Transaction,
  list: { kind: string; library_id: string | null; signature: Buffer; header: string[] },
): Promise<Mapping> {
  const remembered = await tx
    .selectFrom('list_mappings')
    .select('mapping')
    .where('kind', '=', list.kind)
    .where('library_id', list.library_id === null ? 'is' : '=', list.library_id)
    .where('signature', '=', list.signature)
    .executeTakeFirst()
  return (remembered?.mapping as Partial<Record<ListField, number>> | undefined) ?? guessMapping(list.header)
}
