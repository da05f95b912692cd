import type { Expression, SqlBool } from 'kysely'
import type { Database } from '../shared/db.ts'
import { planForValues, sql } from '../shared/db.ts'
import { notFound } from '../shared/errors.ts'
import type { AgeMark } from './age.ts'
import { asIndexed } from './indexed.ts'

export interface PublicationCard {
  id: string
  title: string
  authors: string[]
  ageMark: number | null
  hasCover: boolean
}

export interface PublicationDetails extends PublicationCard {
  subtitle: string | null
  series: string | null
  seriesNumber: string | null
  annotation: string | null
  language: string
  publisher: string | null
  year: number | null
  layout: string
  /** How many copies are free now; null for open access, 0 also when there is no licence. */
  free: number | null
  /** False when the library owns no right to lend it. */
  licensed: boolean
}

const pageSize = 48

/** Free copies now: null when any licence is open access. Loans past their due moment count as free. */
const freeCopies = sql<number | null>`(
  select case when bool_or(l.kind = 'open') then null
    else coalesce(sum(l.copies - (select count(*) from loans where loans.licence_id = l.id
      and loans.ended_at is null and loans.due_at > now())), 0)::int end
  from licences l where l.publication_id = p.id)`

const allowedFor = (highest: AgeMark): Expression<SqlBool> =>
  sql<SqlBool>`coalesce(p.age_mark, 18) <= ${highest}`

/** Lendable: at least one licence. What the library has no right to lend isn't in the readers' catalogue. */
const licensed = sql<SqlBool>`exists (select from licences l where l.publication_id = p.id)`

/** The newest publications that a viewer may see. */
export async function listPublications(db: Database, highest: AgeMark): Promise<PublicationCard[]> {
  const rows = await cards(db)
    .where(allowedFor(highest))
    .where(licensed)
    .orderBy('p.added_at', 'desc')
    .orderBy('p.id', 'desc')
    .execute()
  return rows.map(toCard)
}

/** Publications whose title, authors, series or annotation hold the words, in any Russian form. */
export async function searchPublications(
  db: Database,
  highest: AgeMark,
  query: string,
): Promise<PublicationCard[]> {
  const words = sql`${planForValues} websearch_to_tsquery('russian', ${asIndexed(query.slice(0, 200))})`
  const rows = await cards(db)
    .where(allowedFor(highest))
    .where(licensed)
    .where(sql<SqlBool>`p.words @@ ${words}`)
    .orderBy(sql`ts_rank_cd(p.words, ${words})`, 'desc')
    .orderBy('p.id')
    .execute()
  return rows.map(toCard)
}

const cards = (db: Database) =>
  db
    .selectFrom('publications as p')
    .select(['p.id', 'p.title', 'p.authors', 'p.age_mark', 'p.has_cover'])
    .limit(pageSize)

/** @throws notFound, also when the viewer is too young: it doesn't tell that there is such a book */
export async function publicationDetails(
  db: Database,
  highest: AgeMark,
  id: string,
): Promise<PublicationDetails> {
  const row = await db
    .selectFrom('publications as p')
    .selectAll('p')
    .select([freeCopies.as('free'), licensed.as('licensed')])
    .where('p.id', '=', id)
    .where(allowedFor(highest))
    .executeTakeFirstOrThrow(() => notFound())
  return {
    ...toCard(row),
    subtitle: row.subtitle,
    series: row.series,
    seriesNumber: row.series_number,
    annotation: row.annotation,
    language: row.language,
    publisher: row.publisher,
    year: row.year,
    layout: row.layout,
    free: row.free,
    licensed: Boolean(row.licensed),
  }
}

/** For serving a cover: whether the viewer may see the publication and it has one. */
export async function mayShowCover(db: Database, highest: AgeMark, id: string): Promise<boolean> {
  const row = await db
    .selectFrom('publications as p')
    .select('p.id')
    .where('p.id', '=', id)
    .where('p.has_cover', '=', true)
    .where(allowedFor(highest))
    .executeTakeFirst()
  return row !== undefined
}

export const coverKey = (publicationId: string, width: 160 | 480) =>
  `covers/${publicationId.slice(-2)}/${publicationId}-${width}.webp`

function toCard(row: {
  id: string
  title: string
  authors: string[]
  age_mark: number | null
  has_cover: boolean
}): PublicationCard {
  return {
    id: row.id,
    title: row.title,
    authors: row.authors,
    ageMark: row.age_mark,
    hasCover: row.has_cover,
  }
}
