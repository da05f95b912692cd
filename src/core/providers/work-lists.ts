import { buffer } from 'node:stream/consumers'
import { z } from 'zod'
import { csvRow } from '#protocols/sheet/csv.ts'
import { encodeWindows1251 } from '#protocols/sheet/text-encoding.ts'
import { writeXlsx } from '#protocols/sheet/xlsx-write.ts'
import type { AuditLog } from '../audit/audit.ts'
import { byStaff } from '../audit/audit.ts'
import type { Column, ColumnField } from '../settings/provider.ts'
import { readSettings } from '../settings/settings.ts'
import type { Clock } from '../shared/clock.ts'
import type { Database, Transaction } from '../shared/db.ts'
import { inTransaction } from '../shared/db.ts'
import { notFound } from '../shared/errors.ts'
import type { Authorised } from '../staff/actors.ts'
import { closedTitle } from './closed-list.ts'
import { nothingToList } from './providers.ts'
import { mayGoOut } from './waiting.ts'

export const listKinds = ['register', 'close'] as const
export type ListKind = (typeof listKinds)[number]
export const makeListSchema = z.object({ kind: z.enum(listKinds) })

export const listFormats = ['xlsx', 'csv', 'csv1251'] as const
export type ListFormat = (typeof listFormats)[number]

export interface ListFile {
  bytes: Uint8Array<ArrayBuffer>
  type: string
  /** For a saved file; no personal data. */
  name: string
}

/** More than an operator types into a cabinet in a week; the rest waits for the next list. */
const mostRows = 2000

/** Of a list to close: what finds the account there, and the row again when the file comes back. */
const closingFields: readonly ColumnField[] = [
  'key',
  'fullName',
  'surname',
  'givenName',
  'patronymic',
  'birthDate',
  'number',
]

/** Lists for the provider's cabinet: who is to be registered there, whose account is to be closed. */
export function createWorkLists(deps: { db: Database; clock: Clock; audit: AuditLog }) {
  const { db, clock, audit } = deps

  return {
    /**
     * Puts all who wait into a list, which from then on is out: whoever is in it isn't put into another.
     * @returns its number
     * @throws nothingToList
     */
    make(actor: Authorised<'providers.register'>, kind: ListKind): Promise<number> {
      return inTransaction(db, async (tx) => {
        const now = clock()
        const waiting = kind === 'register' ? await toRegister(tx, now) : await toClose(tx)
        if (waiting.length === 0) throw nothingToList()
        const { number } = await tx
          .insertInto('provider_lists')
          .values({ kind, size: waiting.length, made_by: actor.staffId, made_at: now })
          .returning('number')
          .executeTakeFirstOrThrow()
        const ids = waiting.map(({ id }) => id)
        if (kind === 'register')
          await tx
            .updateTable('provider_registrations')
            .set({ state: 'sent', list: number, changed_at: now })
            .where('id', 'in', ids)
            .execute()
        else await tx.updateTable('provider_closings').set({ list: number }).where('id', 'in', ids).execute()
        await audit.append(tx, {
          at: now,
          actor: byStaff(actor.staffId),
          action: 'providers.make-list',
          subject: { kind: 'reader', id: null },
          details: { list: number, kind, ids: waiting.map(({ readerId }) => readerId) },
        })
        return number
      })
    },

    /** The rows of a list that nothing has come back for yet. Audited with the ids. @throws notFound */
    download(actor: Authorised<'providers.register'>, number: number, format: ListFormat): Promise<ListFile> {
      return inTransaction(db, async (tx) => {
        const list = await tx
          .selectFrom('provider_lists')
          .select('kind')
          .where('number', '=', number)
          .executeTakeFirstOrThrow(() => notFound())
        const { 'provider.columns': all } = await readSettings(tx)
        const columns =
          list.kind === 'register' ? all : all.filter(({ field }) => closingFields.includes(field))
        const rows = list.kind === 'register' ? await registerRows(tx, number) : await closeRows(tx, number)
        await audit.append(tx, {
          at: clock(),
          actor: byStaff(actor.staffId),
          action: 'providers.download-list',
          subject: { kind: 'reader', id: null },
          details: { list: number, format, ids: rows.map(({ readerId }) => readerId) },
        })
        const added = list.kind === 'close' ? [closedTitle] : []
        return encode(format, number, { columns, added }, rows)
      })
    },
  }

  async function toRegister(tx: Transaction, now: Date) {
    return (
      mayGoOut(tx, await readSettings(tx), now)
        .select(['p.id', 'p.reader_id as readerId'])
        .orderBy('p.asked_at')
        .orderBy('p.id')
        .limit(mostRows)
        .forUpdate('p')
        // Whoever makes a list at the same moment takes the others.
        .skipLocked()
        .execute()
    )
  }
}

const toClose = (tx: Transaction) =>
  tx
    .selectFrom('provider_closings as c')
    .select(['c.id', 'c.reader_id as readerId'])
    .where('c.closed_at', 'is', null)
    .where('c.list', 'is', null)
    .orderBy('c.asked_at')
    .limit(mostRows)
    .forUpdate('c')
    .skipLocked()
    .execute()

interface ListRow {
  readerId: string
  id: string
  full_name: string
  birth_date: string
  email: string | null
  phone: string | null
  library: string
  card: string | null
  number: string
}

const shown = [
  'r.id as readerId',
  'r.full_name',
  'r.birth_date',
  'r.email',
  'r.phone',
  'l.short_name as library',
  'k.number as card',
] as const

const registerRows = async (tx: Transaction, list: number): Promise<ListRow[]> =>
  (
    await tx
      .selectFrom('provider_registrations as p')
      .innerJoin('readers as r', 'r.id', 'p.reader_id')
      .innerJoin('libraries as l', 'l.id', 'r.library_id')
      .leftJoin('cards as k', (join) => join.onRef('k.reader_id', '=', 'r.id').on('k.state', '=', 'issued'))
      .select(shown)
      .select('p.id')
      .where('p.list', '=', list)
      .where('p.state', '=', 'sent')
      .orderBy('p.asked_at')
      .orderBy('p.id')
      .execute()
  ).map((row) => ({ ...row, number: '' }))

const closeRows = (tx: Transaction, list: number): Promise<ListRow[]> =>
  tx
    .selectFrom('provider_closings as c')
    .innerJoin('readers as r', 'r.id', 'c.reader_id')
    .innerJoin('libraries as l', 'l.id', 'r.library_id')
    .leftJoin('cards as k', (join) => join.onRef('k.reader_id', '=', 'r.id').on('k.state', '=', 'issued'))
    .select(shown)
    .select(['c.id', 'c.number'])
    .where('c.list', '=', list)
    .where('c.closed_at', 'is', null)
    .orderBy('c.asked_at')
    .execute()

/** «Смирнова Анна Петровна» → surname, name, the rest. */
function cell(row: ListRow, field: ColumnField): string {
  const [surname = '', givenName = '', ...rest] = row.full_name.split(' ')
  switch (field) {
    case 'key':
      return row.id
    case 'fullName':
      return row.full_name
    case 'surname':
      return surname
    case 'givenName':
      return givenName
    case 'patronymic':
      return rest.join(' ')
    case 'birthDate':
      return row.birth_date.split('-').toReversed().join('.')
    case 'email':
      return row.email ?? ''
    case 'phone':
      return row.phone ?? ''
    case 'card':
      return row.card ?? ''
    case 'library':
      return row.library
    case 'number':
      return row.number
    case 'password':
    case 'reason':
      return ''
  }
}

async function encode(
  format: ListFormat,
  number: number,
  { columns, added }: { columns: readonly Column[]; added: readonly string[] },
  rows: readonly ListRow[],
): Promise<ListFile> {
  const table = [
    [...columns.map(({ title }) => title), ...added],
    ...rows.map((row) => columns.map(({ field }) => cell(row, field))),
  ]
  if (format === 'xlsx')
    return {
      bytes: new Uint8Array(await buffer(writeXlsx('Список', table))),
      type: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
      name: `spisok-${number}.xlsx`,
    }
  const text = table.map((cells) => csvRow(cells)).join('')
  return {
    bytes: format === 'csv' ? new TextEncoder().encode(`\uFEFF${text}`) : encodeWindows1251(text),
    type: `text/csv; charset=${format === 'csv' ? 'utf-8' : 'windows-1251'}`,
    name: `spisok-${number}.csv`,
  }
}
