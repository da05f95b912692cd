import { numberOf } from '#protocols/card/scheme.ts'
import { readSettings } from '../settings/settings.ts'
import type { Transaction } from '../shared/db.ts'
import { sql } from '../shared/db.ts'
import { schemeFull } from './cards.errors.ts'
import { moveCards } from './moves.ts'
import { lastDay } from './validity.ts'

/**
 * Puts numbers of the region's scheme on record that nobody has had before, those of earlier schemes and of
 * ranges taken over among them. What is on record stays there for ever, so none is given twice; a serial that
 * was drawn in vain isn't drawn again.
 * @param row what the new cards are: a reader's, or a batch's
 * @returns the numbers in the order of their serials
 * @throws schemeFull
 */
export async function addCards(
  tx: Transaction,
  libraryCode: string,
  count: number,
  row:
    | { state: 'issued'; readerId: string; issuedAt: Date; until: string | null }
    | { state: 'made'; batchId: string },
): Promise<string[]> {
  const { 'cards.scheme': scheme } = await readSettings(tx)
  const added: string[] = []
  // Numbers that are on record already may stand in a row thousands long: each further draw is larger.
  for (let draw = count; added.length < count; draw = Math.min(draw * 2 + 8, 5000)) {
    const wanted = count - added.length
    const { rows } = await sql<{ serial: number }>`
      select nextval('card_serial') as serial from generate_series(1, ${Math.max(draw, wanted)}::int)`.execute(
      tx,
    )
    const numbers = rows.map(({ serial }) => {
      const number = numberOf(scheme, libraryCode, Number(serial))
      if (!number) throw schemeFull()
      return number
    })
    const free = await freeOf(tx, numbers)
    added.push(...(await insert(tx, free.slice(0, wanted), row)))
  }
  return added
}

/**
 * Leaves the next numbers out, at most half of those that are left: they may be on cards that this database knows
 * nothing of.
 */
export async function skipNumbers(tx: Transaction, most: number): Promise<void> {
  const { 'cards.scheme': scheme } = await readSettings(tx)
  const { rows } = await sql<{ last: string }>`select last_value as last from card_serial`.execute(tx)
  const last = Number(rows[0]?.last ?? 0)
  const left = Math.max(0, 10 ** scheme.serialDigits - 1 - last)
  await sql`select setval('card_serial', ${last + Math.min(most, Math.floor(left / 2))}::bigint)`.execute(tx)
}

async function freeOf(tx: Transaction, numbers: string[]): Promise<string[]> {
  const taken = await tx.selectFrom('cards').select('number').where('number', 'in', numbers).execute()
  const known = new Set(taken.map(({ number }) => number))
  return numbers.filter((number) => !known.has(number))
}

/** Those that nobody else has put on record at the same moment. */
async function insert(tx: Transaction, numbers: string[], row: Parameters<typeof addCards>[3]) {
  const [readerId, issuedAt, until, batchId] =
    row.state === 'issued' ? [row.readerId, row.issuedAt, row.until, null] : [null, null, null, row.batchId]
  const { rows } = await sql<{ number: string }>`
    insert into cards (number, state, reader_id, issued_at, valid_until, batch_id)
    select number, ${row.state}, ${readerId}::uuid, ${issuedAt}::timestamptz, ${until}::date, ${batchId}::uuid
    from unnest(${numbers}::text[]) as number
    on conflict (number) do nothing returning number`.execute(tx)
  const inserted = new Set(rows.map(({ number }) => number))
  return numbers.filter((number) => inserted.has(number))
}

export interface Recipient {
  readerId: string
  /** Of the library that gives the card. */
  libraryCode: string
  /** The questionnaire that it is given for: a card of the stock may be kept for it. */
  applicationId: string | undefined
  now: Date
}

/** Gives the reader a valid card: the one that is kept for the questionnaire, else a new number; its number. */
export async function issueCard(tx: Transaction, to: Recipient): Promise<string> {
  const until = lastDay(await readSettings(tx), to.now)
  const given = { reader_id: to.readerId, issued_at: to.now, valid_until: until }
  const kept =
    to.applicationId &&
    (await moveCards(tx, 'reserved', 'issued', given)
      .where('application_id', '=', to.applicationId)
      .returning('number')
      .executeTakeFirst())
  if (kept) return kept.number
  const row = { state: 'issued', readerId: to.readerId, issuedAt: to.now, until } as const
  const [number = ''] = await addCards(tx, to.libraryCode, 1, row)
  return number
}
