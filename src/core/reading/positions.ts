import { z } from 'zod'
import type { Clock } from '../shared/clock.ts'
import type { Database, Transaction } from '../shared/db.ts'
import { expected } from '../shared/errors.ts'

/** Somebody, probably the reader on another device, has saved a place since. */
export const positionBehind = expected('reading.position_behind', 409)

export interface Position {
  /** EPUB Canonical Fragment Identifier: `epubcfi(…)`. */
  locator: string
  /** 0…1 of the text. */
  fraction: number
  /** Grows by one with each save. */
  revision: number
}

export const positionSchema = z.object({
  locator: z
    .string()
    .max(2000)
    .regex(/^epubcfi\(.+\)$/),
  fraction: z.number().min(0).max(1),
  /** The revision that this device saw last; 0 when there was none. */
  revision: z.int().min(0),
})

export const positionOf = (
  db: Database,
  readerId: string,
  publicationId: string,
): Promise<Position | undefined> =>
  db
    .selectFrom('reading_positions')
    .select(['locator', 'fraction', 'revision'])
    .where('reader_id', '=', readerId)
    .where('publication_id', '=', publicationId)
    .executeTakeFirst()

/**
 * Saves where the reader is, unless another device has saved since this one looked.
 * @returns the new revision
 * @throws positionBehind
 */
export async function savePosition(
  db: Transaction,
  clock: Clock,
  at: { readerId: string; publicationId: string },
  position: Position,
): Promise<number> {
  const saved = {
    locator: position.locator,
    fraction: position.fraction,
    revision: position.revision + 1,
    saved_at: clock(),
  }
  const insert = db
    .insertInto('reading_positions')
    .values({ reader_id: at.readerId, publication_id: at.publicationId, ...saved })
  const update = db
    .updateTable('reading_positions')
    .set(saved)
    .where('reader_id', '=', at.readerId)
    .where('publication_id', '=', at.publicationId)
    .where('revision', '=', position.revision)
  const row =
    position.revision === 0
      ? await insert
          .onConflict((conflict) => conflict.doNothing())
          .returning('revision')
          .executeTakeFirst()
      : await update.returning('revision').executeTakeFirst()
  if (!row) throw positionBehind()
  return row.revision
}
