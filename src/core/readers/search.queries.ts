import { z } from 'zod'
import { typedCardNumber } from '#protocols/card/reading.ts'
import { isCardNumber } from '#protocols/card/scheme.ts'
import type { AuditLog } from '../audit/audit.ts'
import { byStaff } from '../audit/audit.ts'
import { knownNumber } from '../cards/known-number.ts'
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

/** What a line is taken for that is no card's number on record. */
export const soughtBy = (query: string): SoughtBy => {
  if (query.includes('@')) return 'email'
  const number = typedCardNumber(query)
  const isEan13 = /^\d{13}$/.test(number)
  if (!isEan13 && !/\p{L}/u.test(query) && phoneE164(query)) return 'phone'
  return isCardNumber(number) ? 'card' : 'name'
}

/** The number of a card that the line names, of whatever scheme. */
async function namedCard(tx: Transaction, query: string): Promise<string | undefined> {
  const number = await knownNumber(tx, query)
  const card = await tx.selectFrom('cards').select('number').where('number', '=', number).executeTakeFirst()
  return card?.number
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
        const card = await namedCard(tx, input.query)
        const by = card === undefined ? soughtBy(input.query) : 'card'
        const named = await namedExactly(tx, by, { ...input, card })
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
async function namedExactly(
  tx: Transaction,
  by: SoughtBy,
  input: FindInput & { card: string | undefined },
): Promise<string[]> {
  const rows =
    by === 'card'
      ? await tx
          .selectFrom('cards')
          .select('reader_id as id')
          .where('number', '=', input.card ?? '')
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
export const wordBeginnings = (typed: string): string =>
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
