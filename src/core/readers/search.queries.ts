import { z } from 'zod'
import type { AuditLog } from '../audit/audit.ts'
import { byStaff } from '../audit/audit.ts'
import { typedCardNumber } from '../cards/cards.ts'
import type { Clock } from '../shared/clock.ts'
import type { Database, Transaction } from '../shared/db.ts'
import { inTransaction, planForValues, sql } from '../shared/db.ts'
import { isCalendarDate } from '../shared/calendar.ts'
import type { Authorised } from '../staff/actors.ts'
import { phoneE164 } from './contacts.ts'
import { standing } from './merged.ts'
import { nameKey } from './names.ts'
import { exactLookUp } from './reach.ts'

/** How many found readers a page shows; whoever isn't among them is found by typing more. */
export const mostFound = 30

/** What is typed into the search: one line for everything, and a birth date for an exact look-up. */
export const findSchema = z.object({
  query: z.string().trim().min(1, 'query_missing').max(200),
  birthDate: z
    .string()
    .trim()
    .default('')
    .refine((date) => date === '' || isCalendarDate(date), 'birth_date_unreadable'),
})
export type FindInput = z.infer<typeof findSchema>

/** What a line is taken for. */
export type SoughtBy = 'card' | 'email' | 'phone' | 'name'

export interface FoundReader {
  id: string
  fullName: string
  birthDate: string
  libraryName: string
  cardNumber: string | null
  /** Another library's reader, found because a card, or a name and birth date, were exactly his. */
  elsewhere: boolean
}

export interface FoundReaders {
  by: SoughtBy
  readers: FoundReader[]
  /** There are more than are shown. */
  more: boolean
}

export const soughtBy = (query: string): SoughtBy => {
  if (/^\d{13}$/.test(typedCardNumber(query))) return 'card'
  if (query.includes('@')) return 'email'
  return !/\p{L}/u.test(query) && phoneE164(query) ? 'phone' : 'name'
}

export function createReaderSearch(deps: { db: Database; clock: Clock; audit: AuditLog }) {
  const { db, clock, audit } = deps
  return {
    /**
     * Readers of the actor's libraries by name, card, phone or e-mail; and, of any library, whom a card, or
     * full name and birth date together, name exactly. Merged records aren't found: they lead to the record
     * that was kept. The look is audited by what was asked for and the ids shown, never by what was typed.
     */
    find(
      actor: Authorised<'readers.read'>,
      exact: Authorised<'readers.find-exact'>,
      input: FindInput,
    ): Promise<FoundReaders> {
      return inTransaction(db, async (tx) => {
        const by = soughtBy(input.query)
        const named = await namedExactly(tx, by, input)
        const own = await within(tx, actor.libraries, by, input)
        const rows = await shown(tx, [...new Set([...named, ...own])].slice(0, mostFound))
        const isOwn = (libraryId: string) => actor.libraries === 'all' || actor.libraries.includes(libraryId)
        const readers = rows.map(({ libraryId, ...row }) => ({ ...row, elsewhere: !isOwn(libraryId) }))
        const at = clock()
        await audit.append(
          tx,
          {
            at,
            actor: byStaff(actor.staffId),
            action: 'readers.find',
            subject: { kind: 'reader', id: null },
            details: { by, birthDate: input.birthDate !== '', ids: readers.map(({ id }) => id) },
          },
          ...readers
            .filter(({ elsewhere }) => elsewhere)
            .map(({ id }) => ({
              at,
              actor: byStaff(exact.staffId),
              action: exactLookUp,
              subject: { kind: 'reader', id },
              details: { by },
            })),
        )
        return { by, readers, more: own.length > mostFound }
      })
    },
  }
}

/** Ids of the readers of any library whom the input names exactly. */
async function namedExactly(tx: Transaction, by: SoughtBy, input: FindInput): Promise<string[]> {
  const rows =
    by === 'card'
      ? await tx
          .selectFrom('cards')
          .select('reader_id as id')
          .where('number', '=', typedCardNumber(input.query))
          .execute()
      : by === 'name' && input.birthDate
        ? await tx
            .selectFrom('readers')
            .select('id')
            .where('name_key', '=', nameKey(input.query))
            .where('birth_date', '=', input.birthDate)
            .execute()
        : []
  const ids = rows.map(({ id }) => id).filter((id) => id !== null)
  return [...(await standing(tx, ids)).values()]
}

/** Ids of the readers of these libraries whom the input fits, one more than are shown. */
async function within(
  tx: Transaction,
  libraries: 'all' | readonly string[],
  by: SoughtBy,
  input: FindInput,
): Promise<string[]> {
  if (by === 'card') return []
  let query = tx
    .selectFrom('readers')
    .select('id')
    .where('merged_into', 'is', null)
    .orderBy('full_name')
    .orderBy('id')
    .limit(mostFound + 1)
  if (libraries !== 'all') query = query.where('library_id', 'in', [...libraries])
  if (input.birthDate) query = query.where('birth_date', '=', input.birthDate)
  if (by === 'email') query = query.where('email', '=', input.query.toLowerCase())
  if (by === 'phone') query = query.where('phone', '=', phoneE164(input.query) ?? '')
  if (by === 'name') {
    const words = wordBeginnings(input.query)
    if (!words) return []
    query = query.where(
      sql<boolean>`to_tsvector('simple', name_key) @@ ${planForValues} to_tsquery('simple', ${words})`,
    )
  }
  return (await query.execute()).map(({ id }) => id)
}

/** «Гром Ал» → `'гром':* & 'ал':*`; '' when there is no word. */
const wordBeginnings = (typed: string): string =>
  nameKey(typed)
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean)
    .map((word) => `'${word}':*`)
    .join(' & ')

const shown = (tx: Transaction, ids: string[]) =>
  tx
    .selectFrom('readers as r')
    .innerJoin('libraries as l', 'l.id', 'r.library_id')
    .leftJoin('cards as c', (join) => join.onRef('c.reader_id', '=', 'r.id').on('c.state', '=', 'issued'))
    .select([
      'r.id',
      'r.full_name as fullName',
      'r.birth_date as birthDate',
      'r.library_id as libraryId',
      'l.short_name as libraryName',
      'c.number as cardNumber',
    ])
    .where('r.id', '=', sql<string>`any(${ids}::uuid[])`)
    .orderBy('r.full_name')
    .orderBy('r.birth_date')
    .orderBy('r.id')
    .execute()
