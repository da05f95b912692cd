import type { AuditLog } from '../audit/audit.ts'
import { byStaff } from '../audit/audit.ts'
import { knownNumber } from '../cards/known-number.ts'
import type { Clock } from '../shared/clock.ts'
import type { Database, Transaction } from '../shared/db.ts'
import { inTransaction, sql } from '../shared/db.ts'
import { expected, notFound } from '../shared/errors.ts'
import type { Authorised } from '../staff/actors.ts'
import type { MarkedWord } from './comparison.ts'
import { markedWords } from './comparison.ts'
import { recordDistinct } from './distinct.ts'
import { findLike } from './duplicates.queries.ts'
import type { ReaderFacts } from './facts.queries.ts'
import { readerFacts } from './facts.queries.ts'
import type { Likeness } from './likeness.ts'
import { isUnlike } from './likeness.ts'
import type { OpenedRecord } from './record.queries.ts'

export const noSuchCard = expected('readers.no_such_card', 404)

/** What would go over from one record to another. */
export interface MergePreview {
  loans: number
  /** Books that both have on loan: the loan due later goes on. */
  lentTwice: number
  positions: number
  applications: number
  consents: number
  messages: number
  /** The outside provider's account: goes over, is to be closed because the kept record has one, or none. */
  provider: 'moves' | 'stays' | 'none'
  contacts: ('email' | 'phone')[]
  /** The card that stops signing in. */
  replacedCard: string | null
  /** False when only the other record has a valid card. */
  possible: boolean
}

export interface MergeSide {
  reader: ReaderFacts
  name: MarkedWord[]
  /** What happens when this one is kept. */
  keeping: MergePreview
}

export interface MergeRow {
  id: string
  mergedAt: Date
  finalAfter: Date
  by: string
  /** The dropped record's name; null once it is removed. */
  droppedName: string | null
}

export function createMergeQueries(deps: { db: Database; clock: Clock; audit: AuditLog }) {
  const { db, clock, audit } = deps
  return {
    /** Readers who may be the same person as this one; audited as looks at each of them. */
    likes(
      actor: Authorised<'readers.merge'>,
      record: OpenedRecord,
    ): Promise<(Likeness & { reader: ReaderFacts })[]> {
      return inTransaction(db, async (tx) => {
        const { readers } = await findLike(tx, record, { readerId: record.readerId })
        const facts = await readerFacts(
          tx,
          readers.map(({ readerId }) => readerId),
        )
        if (facts.length > 0) {
          await audit.append(tx, {
            at: clock(),
            actor: byStaff(actor.staffId),
            action: 'readers.likes',
            subject: { kind: 'reader', id: record.readerId },
            details: { ids: facts.map(({ readerId }) => readerId) },
          })
        }
        return readers.flatMap(({ readerId, ...likeness }) =>
          facts.filter((each) => each.readerId === readerId).map((reader) => ({ ...likeness, reader })),
        )
      })
    },

    /** Both records side by side, and what a merge would do either way. @throws notFound */
    mergeView(
      actor: Authorised<'readers.merge'>,
      ids: readonly [string, string],
    ): Promise<{ sides: [MergeSide, MergeSide]; unlike: boolean }> {
      return inTransaction(db, async (tx) => {
        const [one, other] = await readerFacts(tx, ids)
        if (!one || !other || one.readerId === other.readerId) throw notFound()
        await audit.append(
          tx,
          ...ids.map((id) => ({
            at: clock(),
            actor: byStaff(actor.staffId),
            action: 'readers.compare',
            subject: { kind: 'reader', id },
          })),
        )
        const side = async (reader: ReaderFacts, beside: ReaderFacts): Promise<MergeSide> => ({
          reader,
          name: markedWords(reader.fullName, beside.fullName),
          keeping: await preview(tx, reader, beside),
        })
        return {
          sides: [await side(one, other), await side(other, one)],
          unlike: isUnlike(one, other),
        }
      })
    },

    /** The reader to whom a card leads, in whatever state it is. @throws noSuchCard */
    async byCard(_actor: Authorised<'readers.merge'>, typed: string): Promise<string> {
      const card = await db
        .selectFrom('cards')
        .select('reader_id')
        .where('number', '=', await knownNumber(db, typed))
        .executeTakeFirst()
      if (!card?.reader_id) throw noSuchCard()
      return card.reader_id
    },

    /** Records that these two are two people. */
    keepApart(actor: Authorised<'readers.merge'>, ids: readonly [string, string]): Promise<void> {
      return inTransaction(db, async (tx) => {
        const [readerId, other] = ids
        const at = clock()
        await recordDistinct(tx, { readerId, others: [other], staffId: actor.staffId, at })
        await audit.append(tx, {
          at,
          actor: byStaff(actor.staffId),
          action: 'readers.keep-apart',
          subject: { kind: 'reader', id: readerId },
          details: { other },
        })
      })
    },

    /** What was merged into a record and not undone, the latest first. */
    merges: (record: OpenedRecord): Promise<MergeRow[]> =>
      db
        .selectFrom('reader_merges as m')
        .innerJoin('staff as s', 's.id', 'm.merged_by')
        .leftJoin('readers as d', 'd.id', 'm.dropped_id')
        .select([
          'm.id',
          'm.merged_at as mergedAt',
          'm.final_after as finalAfter',
          's.full_name as by',
          'd.full_name as droppedName',
        ])
        .where('m.kept_id', '=', record.readerId)
        .where('m.undone_at', 'is', null)
        .orderBy('m.merged_at', 'desc')
        .execute(),
  }
}

/** 2 for an account at the provider, 1 for one that is being made there, as `mergeProvider` weighs them. */
const knownThere = (
  reader: string,
) => sql`(select coalesce(max(case state when 'registered' then 2 when 'sent'
  then 1 else 0 end), 0) from provider_registrations where reader_id = ${sql.ref(`${reader}.id`)})`

async function preview(tx: Transaction, kept: ReaderFacts, dropped: ReaderFacts): Promise<MergePreview> {
  const { rows } = await sql<{
    loans: number
    lentTwice: number
    positions: number
    applications: number
    consents: number
    messages: number
    keptHas: number
    droppedHas: number
  }>`select
    (select count(*) from loans where reader_id = d.id) as loans,
    (select count(*) from loans a join loans b using (publication_id) where a.reader_id = k.id
      and b.reader_id = d.id and a.ended_at is null and b.ended_at is null) as "lentTwice",
    (select count(*) from reading_positions p where p.reader_id = d.id and not exists (
      select from reading_positions q where q.reader_id = k.id and q.publication_id = p.publication_id
        and q.saved_at >= p.saved_at)) as positions,
    (select count(*) from applications where reader_id = d.id) as applications,
    (select count(*) from consents where reader_id = d.id) as consents,
    (select count(*) from messages where reader_id = d.id) as messages,
    ${knownThere('k')} as "keptHas",
    ${knownThere('d')} as "droppedHas"
    from readers k, readers d where k.id = ${kept.readerId} and d.id = ${dropped.readerId}`.execute(tx)
  const [row] = rows
  if (!row) throw notFound()
  const { keptHas, droppedHas, ...counts } = row
  const valid = ({ card }: ReaderFacts) => (card?.state === 'issued' ? card.number : null)
  return {
    ...counts,
    provider: droppedHas === 0 ? 'none' : droppedHas > keptHas ? 'moves' : 'stays',
    contacts: (['email', 'phone'] as const).filter((field) => !kept[field] && dropped[field]),
    replacedCard: valid(dropped),
    possible: valid(kept) !== null || valid(dropped) === null,
  }
}
