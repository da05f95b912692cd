import { readSettings } from '../settings/settings.ts'
import type { Database } from '../shared/db.ts'
import { sql } from '../shared/db.ts'
import type { Authorised } from '../staff/actors.ts'

/** What a library has of cards that are nobody's yet. */
export interface LibraryStock {
  libraryId: string
  libraryName: string
  /** Made for it, not received yet. */
  onTheWay: number
  free: number
  /** Kept for questionnaires that wait. */
  reserved: number
  /** Given out of its batches up to now. */
  issued: number
  /** It is to order more with fewer free cards: its own bound, else the region's. */
  bound: number
  /** Its own bound, where it has one. */
  ownBound: number | null
  /** How many it has asked for, when an order waits. */
  ordered: number | null
}

export interface Batch {
  id: string
  libraryId: string
  libraryName: string
  origin: 'made' | 'taken_over'
  count: number
  received: number
  writtenOff: number
  first: string
  last: string
  madeAt: Date
  sentAt: Date | null
}

export interface CardOrder {
  id: string
  libraryId: string
  libraryName: string
  count: number
  note: string
  by: string
  at: Date
}

type Reader = Authorised<'cards.read'>
const batchesShown = 50

/** The libraries whose cards the actor sees; null: of all. */
export const bounded = (actor: Reader) => (actor.libraries === 'all' ? null : [...actor.libraries])

/** Numbers that nobody has are no personal data: these looks aren't audited. */
export function createStockQueries({ db }: { db: Database }) {
  /** Each library that works with printed cards, or has ordered some; those in want of more first. */
  async function stock(actor: Reader): Promise<LibraryStock[]> {
    const { 'cards.lowStock': lowStock } = await readSettings(db)
    const { rows } = await sql<LibraryStock>`
      with counted as (
        select b.library_id,
          count(*) filter (where c.state = 'made') as on_the_way,
          count(*) filter (where c.state = 'stock') as free,
          count(*) filter (where c.state = 'reserved') as reserved,
          count(*) filter (where c.reader_id is not null) as issued
        from card_batches b join cards c on c.batch_id = b.id
        where ${bounded(actor)}::uuid[] is null or b.library_id = any(${bounded(actor)}::uuid[])
        group by b.library_id
      )
      select l.id as "libraryId", l.name as "libraryName", o.count as ordered,
        coalesce(l.low_stock, ${lowStock}) as bound, l.low_stock as "ownBound",
        coalesce(on_the_way, 0)::int as "onTheWay", coalesce(free, 0)::int as free,
        coalesce(reserved, 0)::int as reserved, coalesce(issued, 0)::int as issued
      from libraries l
      left join counted on counted.library_id = l.id
      left join card_orders o on o.library_id = l.id and o.closed_at is null
      where (counted.library_id is not null or o.id is not null)
        and (${bounded(actor)}::uuid[] is null or l.id = any(${bounded(actor)}::uuid[]))
      order by (coalesce(free, 0) < coalesce(l.low_stock, ${lowStock})) desc, l.kind, l.name`.execute(db)
    return rows
  }

  return {
    stock,

    /** How many cards the actor's libraries have that nobody has and nothing keeps. */
    async free(actor: Reader): Promise<number> {
      const { rows } = await sql<{ count: number }>`
        select count(*)::int as count from cards c join card_batches b on b.id = c.batch_id
        where c.state = 'stock'
          and (${bounded(actor)}::uuid[] is null or b.library_id = any(${bounded(actor)}::uuid[]))`.execute(
        db,
      )
      return rows[0]?.count ?? 0
    },

    /** The newest batches; those that aren't all received first. */
    async batches(actor: Reader): Promise<Batch[]> {
      const { rows } = await sql<Batch>`
        select b.id, b.library_id as "libraryId", l.name as "libraryName", b.origin, b.count,
          b.count - waiting.count - gone.count as received,
          gone.count as "writtenOff", b.first_number as first, b.last_number as last,
          b.made_at as "madeAt", b.sent_at as "sentAt"
        from card_batches b
        join libraries l on l.id = b.library_id
        cross join lateral (
          select count(*)::int as count from cards c where c.batch_id = b.id and c.state = 'made'
        ) waiting
        cross join lateral (
          select count(*)::int as count from cards c where c.batch_id = b.id and c.state = 'written_off'
        ) gone
        where ${bounded(actor)}::uuid[] is null or b.library_id = any(${bounded(actor)}::uuid[])
        order by (waiting.count > 0) desc, b.made_at desc, b.id desc
        limit ${batchesShown}`.execute(db)
      return rows
    },

    /** Orders that wait, the oldest first. */
    orders: (actor: Reader): Promise<CardOrder[]> =>
      db
        .selectFrom('card_orders as o')
        .innerJoin('libraries as l', 'l.id', 'o.library_id')
        .innerJoin('staff as s', 's.id', 'o.ordered_by')
        .select(['o.id', 'o.library_id as libraryId', 'l.name as libraryName', 'o.count', 'o.note'])
        .select(['s.full_name as by', 'o.ordered_at as at'])
        .where('o.closed_at', 'is', null)
        .$if(actor.libraries !== 'all', (query) => query.where('o.library_id', 'in', bounded(actor) ?? []))
        .orderBy('o.ordered_at')
        .execute(),
  }
}
