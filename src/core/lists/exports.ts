import { z } from 'zod'
import type { AuditLog } from '../audit/audit.ts'
import { byStaff } from '../audit/audit.ts'
import type { ApplicationState } from '../applications/applications.ts'
import { applicationStates } from '../applications/applications.ts'
import { readSettings } from '../settings/settings.ts'
import { dateIn } from '../shared/calendar.ts'
import type { Clock } from '../shared/clock.ts'
import type { Database, Transaction } from '../shared/db.ts'
import { inTransaction } from '../shared/db.ts'
import type { Authorised } from '../staff/actors.ts'
import { notAllowed } from '../staff/actors.ts'
import type { ListKind } from './lists.ts'
import { listKinds } from './lists.ts'

/** What a file of each kind may have, in the order in which it is offered. */
export const exportColumns = {
  readers: [
    'cardNumber',
    'fullName',
    'birthDate',
    'phone',
    'email',
    'libraryCode',
    'library',
    'registeredOn',
    'renewedOn',
  ],
  questionnaires: [
    'fullName',
    'birthDate',
    'phone',
    'email',
    'libraryCode',
    'library',
    'state',
    'sentOn',
    'decidedOn',
    'cardNumber',
  ],
} as const satisfies Record<ListKind, readonly string[]>
export type ExportColumn = (typeof exportColumns)[ListKind][number]

export const exportFormats = ['xlsx', 'csv', 'csv1251'] as const

const columnNames = [...new Set(Object.values(exportColumns).flat())] as [ExportColumn, ...ExportColumn[]]
const columnField = z.enum(columnNames)

/** The export's form: a select `place-N` for each column of the file. */
export const exportSchema = z
  .looseObject({
    kind: z.enum(listKinds),
    format: z.enum(exportFormats),
    /** '' for all that the sender may see. */
    libraryId: z.union([z.uuid(), z.literal('')]).default(''),
    state: z.union([z.enum(applicationStates), z.literal('')]).default(''),
  })
  .transform(({ kind, format, libraryId, state, ...rest }, context) => {
    const columns = Object.entries(rest)
      .filter(([name]) => /^place-\d{1,2}$/.test(name))
      .toSorted(([a], [b]) => Number(a.slice(6)) - Number(b.slice(6)))
      .flatMap(([, value]) => columnField.safeParse(value).data ?? [])
      .filter((column, place, all) => all.indexOf(column) === place)
      .filter((column) => (exportColumns[kind] as readonly string[]).includes(column))
    if (columns.length === 0)
      context.addIssue({ code: 'custom', path: ['place-0'], message: 'export_columns' })
    return { kind, format, libraryId, state, columns }
  })
export type ExportChoice = z.output<typeof exportSchema>

/** Texts by column; days as `YYYY-MM-DD`, the state as its code, '' for what isn't there. */
export type ExportedRow = Record<string, string>

type Exporter = Authorised<'readers.read'> | Authorised<'applications.read'>

const pageSize = 1000

export function createExports(deps: { db: Database; clock: Clock; audit: AuditLog }) {
  const { db, clock, audit } = deps

  async function page(
    actor: Exporter,
    choice: ExportChoice,
    zone: string,
    after: string | undefined,
  ): Promise<{ rows: ExportedRow[]; last: string | undefined }> {
    return inTransaction(db, async (tx) => {
      const found =
        choice.kind === 'readers'
          ? await readers(tx, actor, choice, zone, after)
          : await questionnaires(tx, actor, choice, zone, after)
      await audit.append(tx, {
        at: clock(),
        actor: byStaff(actor.staffId),
        action: choice.kind === 'readers' ? 'readers.export-list' : 'applications.export-list',
        subject: { kind: choice.kind === 'readers' ? 'reader' : 'application', id: null },
        libraryId: choice.libraryId || null,
        details: {
          columns: choice.columns,
          state: choice.state || null,
          format: choice.format,
          ids: found.map(({ id }) => id),
        },
      })
      return {
        rows: found.map(({ row }) => row),
        last: found.length < pageSize ? undefined : found.at(-1)?.id,
      }
    })
  }

  return {
    /** What this staff member has chosen last. */
    async lastChoice(actor: Exporter, kind: ListKind): Promise<Partial<ExportChoice>> {
      const row = await db
        .selectFrom('export_choices')
        .select('choice')
        .where('staff_id', '=', actor.staffId)
        .where('kind', '=', kind)
        .executeTakeFirst()
      return (row?.choice as Partial<ExportChoice> | undefined) ?? {}
    },

    /**
     * The rows that the actor may see, a page at a time: memory holds one. Each page is in the log, with the ids,
     * before the first of its rows goes out. The choice is remembered.
     */
    async begin(actor: Exporter, choice: ExportChoice): Promise<AsyncGenerator<ExportedRow>> {
      const { libraryId } = choice
      if (libraryId && actor.libraries !== 'all' && !actor.libraries.includes(libraryId)) throw notAllowed()
      const kept = JSON.stringify({ columns: choice.columns, format: choice.format })
      await db
        .insertInto('export_choices')
        .values({ staff_id: actor.staffId, kind: choice.kind, choice: kept })
        .onConflict((conflict) => conflict.columns(['staff_id', 'kind']).doUpdateSet({ choice: kept }))
        .execute()
      const { 'region.timeZone': zone } = await readSettings(db)
      return (async function* () {
        let after: string | undefined
        do {
          const { rows, last } = await page(actor, choice, zone, after)
          yield* rows
          after = last
        } while (after !== undefined)
      })()
    },
  }
}

interface Found {
  id: string
  row: ExportedRow
}

/** In the order of their registration: identifiers grow with time. */
async function readers(
  tx: Transaction,
  actor: Exporter,
  { libraryId }: ExportChoice,
  zone: string,
  after: string | undefined,
): Promise<Found[]> {
  let query = tx
    .selectFrom('readers as r')
    .innerJoin('libraries as l', 'l.id', 'r.library_id')
    .leftJoin('cards as c', (join) => join.onRef('c.reader_id', '=', 'r.id').on('c.state', '=', 'issued'))
    .select(['r.id', 'r.full_name', 'r.birth_date', 'r.phone', 'r.email', 'r.created_at', 'r.renewed_at'])
    .select(['l.code', 'l.name', 'c.number'])
    .where('r.merged_into', 'is', null)
    .orderBy('r.id')
    .limit(pageSize)
  if (actor.libraries !== 'all') query = query.where('r.library_id', 'in', [...actor.libraries])
  if (libraryId) query = query.where('r.library_id', '=', libraryId)
  if (after) query = query.where('r.id', '>', after)
  return (await query.execute()).map((row) => ({
    id: row.id,
    row: {
      ...person(row),
      cardNumber: row.number ?? '',
      registeredOn: dateIn(zone, row.created_at),
      renewedOn: dateIn(zone, row.renewed_at),
    },
  }))
}

async function questionnaires(
  tx: Transaction,
  actor: Exporter,
  { libraryId, state }: ExportChoice,
  zone: string,
  after: string | undefined,
): Promise<Found[]> {
  let query = tx
    .selectFrom('applications as a')
    .innerJoin('libraries as l', 'l.id', 'a.library_id')
    .leftJoin('cards as c', (join) =>
      join.onRef('c.reader_id', '=', 'a.reader_id').on('c.state', '=', 'issued'),
    )
    .select(['a.id', 'a.full_name', 'a.birth_date', 'a.phone', 'a.email', 'a.state', 'a.sent_at'])
    .select(['a.decided_at', 'l.code', 'l.name', 'c.number'])
    .orderBy('a.id')
    .limit(pageSize)
  if (actor.libraries !== 'all') query = query.where('a.library_id', 'in', [...actor.libraries])
  if (libraryId) query = query.where('a.library_id', '=', libraryId)
  if (state) query = query.where('a.state', '=', state satisfies ApplicationState)
  if (after) query = query.where('a.id', '>', after)
  return (await query.execute()).map((row) => ({
    id: row.id,
    row: {
      ...person(row),
      cardNumber: row.number ?? '',
      state: row.state,
      sentOn: dateIn(zone, row.sent_at),
      decidedOn: row.decided_at ? dateIn(zone, row.decided_at) : '',
    },
  }))
}

const person = (row: {
  full_name: string
  birth_date: string
  phone: string | null
  email: string | null
  code: string
  name: string
}): ExportedRow => ({
  fullName: row.full_name,
  birthDate: row.birth_date,
  phone: row.phone ?? '',
  email: row.email ?? '',
  libraryCode: row.code,
  library: row.name,
})
