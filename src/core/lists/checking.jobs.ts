import { isCardNumber } from '#protocols/card/scheme.ts'
import { heldNumbers } from '../cards/keeping.ts'
import { knownNumber } from '../cards/known-number.ts'
import { cardGiven, notInStock } from '../cards/cards.errors.ts'
import { alikeByDate } from '../readers/duplicates.queries.ts'
import { nameKey } from '../readers/names.ts'
import type { Clock } from '../shared/clock.ts'
import type { Database, Transaction } from '../shared/db.ts'
import { inTransaction, sql } from '../shared/db.ts'
import { isExpected } from '../shared/errors.ts'
import type { RowFault, RowState } from './lists.ts'
import { batches, sameCard, sameRow, waitsAlready, workerGone } from './lists.ts'
import { wake } from './moves.commands.ts'
import type { GoodRow } from './rows.ts'
import { personKey, readRow } from './rows.ts'
import type { WorkedList } from './working.ts'
import { listAtWork, stopForWorker } from './working.ts'

interface CheckedRow {
  number: number
  state: RowState
  faults: RowFault[]
  person_key: string | null
  card_number: string | null
  alike: string[]
}

/** Looks at the rows of a list: what is wrong with each, and who may be on record already. */
export function createListChecking(deps: { db: Database; clock: Clock }) {
  const { db, clock } = deps
  return {
    /** Checks one batch and puts the next into the queue, or ends the check. A second time does no harm. */
    async checkBatch(listId: string): Promise<void> {
      try {
        await inTransaction(db, async (tx) => {
          const list = await listAtWork(db, tx, listId, 'checking', clock())
          if (!list) return
          const rows = await tx
            .selectFrom('list_rows')
            .select(['number', 'cells'])
            .where('list_id', '=', listId)
            .where('state', '=', 'new')
            .orderBy('number')
            .limit(batches.check)
            .execute()
          if (rows.length === 0) return finish(tx, listId)
          await keep(tx, listId, await checked(tx, list, rows))
          await wake(tx, 'lists:check', listId)
        })
      } catch (error) {
        if (!isExpected(error) || error.code !== workerGone().code) throw error
        await stopForWorker(db, listId, 'checking', 'mapping')
      }
    },
  }
}

async function checked(
  tx: Transaction,
  list: WorkedList,
  rows: readonly { number: number; cells: string[] | null }[],
): Promise<CheckedRow[]> {
  const read = rows.map(({ number, cells }) => ({ number, ...readRow(cells ?? [], list.rules) }))
  const good = read.flatMap((each) => ('row' in each ? [{ number: each.number, ...each.row }] : []))
  const known = await knownOf(tx, list, good)
  return read.map((each) => {
    const base = { number: each.number, person_key: null, card_number: null, alike: [] }
    if ('faults' in each) return { ...base, state: 'faulty', faults: each.faults }
    const { faults, alike } = known.get(each.number) ?? { faults: [], alike: [] }
    return {
      number: each.number,
      state: faults.length > 0 ? 'faulty' : alike.length > 0 && list.kind === 'readers' ? 'asked' : 'good',
      faults,
      person_key: personKey(each.row),
      card_number: each.row.cardNumber ?? null,
      alike,
    }
  })
}

type Numbered = GoodRow & { number: number }

/** What the database knows of people who are right in themselves. */
async function knownOf(
  tx: Transaction,
  list: WorkedList,
  people: readonly Numbered[],
): Promise<Map<number, { faults: RowFault[]; alike: string[] }>> {
  const cards = await cardFaults(tx, list, people)
  const waiting = list.kind === 'questionnaires' ? await waitingAmong(tx, people) : new Set<number>()
  // Librarians aren't told who is another library's reader: the operator sees it in the queue.
  const alike = list.actor.libraries === 'all' ? await alikeByDate(tx, people) : []
  return new Map(
    people.map(({ number }, place) => {
      const faults: RowFault[] = [
        ...(cards.has(number) ? [{ field: 'cardNumber' as const, code: cards.get(number) ?? '' }] : []),
        ...(waiting.has(number) ? [{ field: 'fullName' as const, code: waitsAlready().code }] : []),
      ]
      return [number, { faults, alike: alike[place] ?? [] }]
    }),
  )
}

/** Numbers that a reader can't keep, or that aren't in the library's stock. */
async function cardFaults(tx: Transaction, { kind }: WorkedList, people: readonly Numbered[]) {
  const numbered: { row: number; number: string; libraryId: string }[] = []
  for (const { number: row, cardNumber, libraryId } of people)
    if (cardNumber !== undefined) numbered.push({ row, number: await knownNumber(tx, cardNumber), libraryId })
  const held = await heldNumbers(tx, numbered)
  const wrong = numbered.flatMap(({ row, number, libraryId }): [number, string][] => {
    // Russian letters that may be read in two ways.
    if (!isCardNumber(number)) return [[row, 'card_number_letters']]
    const card = held.get(number)
    const free = card?.freeIn === libraryId
    if (kind === 'questionnaires') return free ? [] : [[row, notInStock().code]]
    return !card || free ? [] : [[row, cardGiven().code]]
  })
  return new Map(wrong)
}

/** Those whose questionnaire of the same library waits, or waits for mending. */
async function waitingAmong(tx: Transaction, people: readonly Numbered[]): Promise<Set<number>> {
  const dates = [...new Set(people.map(({ birthDate }) => birthDate))]
  const { rows } = await sql<{ full_name: string; birth_date: string; library_id: string }>`
    select full_name, birth_date, library_id from applications
    where state in ('sent', 'returned') and birth_date = any(${dates}::date[])`.execute(tx)
  const keys = new Set(rows.map((row) => `${row.library_id} ${row.birth_date} ${nameKey(row.full_name)}`))
  return new Set(
    people
      .filter((row) => keys.has(`${row.libraryId} ${row.birthDate} ${nameKey(row.fullName)}`))
      .map(({ number }) => number),
  )
}

const keep = (tx: Transaction, listId: string, rows: readonly CheckedRow[]) =>
  sql`update list_rows r set state = u.state, faults = u.faults, person_key = u.person_key,
      card_number = u.card_number, alike = u.alike
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as u (number int, state text, faults jsonb,
      person_key text, card_number text, alike uuid[])
    where r.list_id = ${listId} and r.number = u.number`.execute(tx)

/** The same person or card further down in the file is a fault of the later row. */
async function finish(tx: Transaction, listId: string): Promise<void> {
  for (const [column, field, code] of [
    ['person_key', 'fullName', sameRow().code],
    ['card_number', 'cardNumber', sameCard().code],
  ] as const)
    await sql`update list_rows r set state = 'faulty', faults = r.faults ||
        jsonb_build_array(jsonb_build_object('field', ${field}::text, 'code', ${code}::text, 'row', f.first))
      from (select number, min(number) over (partition by ${sql.ref(column)}) as first from list_rows
        where list_id = ${listId} and ${sql.ref(column)} is not null and state in ('good', 'asked')) f
      where r.list_id = ${listId} and r.number = f.number and f.first < f.number`.execute(tx)
  await tx.updateTable('lists').set({ state: 'checked' }).where('id', '=', listId).execute()
}
