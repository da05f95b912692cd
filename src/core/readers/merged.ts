import type { Database, Transaction } from '../shared/db.ts'
import { sql } from '../shared/db.ts'

/**
 * Where records have gone: for each of these readers the record that stands for him now, himself unless he
 * was merged into another. A record merged into one that was merged later leads to the last.
 */
export async function standing(
  db: Database | Transaction,
  readerIds: readonly string[],
): Promise<Map<string, string>> {
  if (readerIds.length === 0) return new Map()
  const { rows } = await sql<{ from: string; to: string }>`
    with recursive way as (
      select id as origin, id, merged_into from readers where id = any(${[...readerIds]}::uuid[])
      union all
      select way.origin, r.id, r.merged_into from way join readers r on r.id = way.merged_into
    )
    select origin as "from", id as "to" from way where merged_into is null`.execute(db)
  return new Map(rows.map(({ from, to }) => [from, to]))
}
