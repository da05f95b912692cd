import { z } from 'zod'
import type { Ground, Room } from '#protocols/card/front.ts'
import type { AuditLog } from '../audit/audit.ts'
import { byStaff } from '../audit/audit.ts'
import { libraryById } from '../network/network.ts'
import type { Clock } from '../shared/clock.ts'
import type { Database, Transaction } from '../shared/db.ts'
import { inTransaction, sql } from '../shared/db.ts'
import { expected, notFound } from '../shared/errors.ts'
import type { Authorised } from '../staff/actors.ts'
import type { MarkPicture } from './mark-picture.ts'
import { readMark } from './mark-picture.ts'

/** Where a mark is fetched from, and how large it is, in pixels. */
export interface ShownMark extends Room {
  id: string
  ground: Ground
}

/** A mark as papers print it. */
export type Mark = ShownMark & MarkPicture

export interface ChosenMark {
  id: string
  /** Undefined where the mark was taken away. */
  mark: ShownMark | undefined
  at: Date
  by: string
}

/** A library's own mark, or with none the region's; another word is never taken for the region. */
export const markOwnerSchema = z.object({
  library: z.union([z.literal('').transform(() => undefined), z.uuid()]).optional(),
})
export const markBackSchema = z.object({ markId: z.uuid() })

export const markMissing = expected('marks.missing', 422)

/** So many of those before can be chosen again. */
const keptInSight = 10

const columns = ['id', 'width', 'height', 'ground'] as const

interface MarkRow {
  id: string
  width: number | null
  height: number | null
  ground: string | null
}

/** Undefined where a mark was taken away. */
const shownOf = ({ id, width, height, ground }: MarkRow): ShownMark | undefined =>
  width && height && ground ? { id, width, height, ground: ground as Ground } : undefined

function markOf(row: MarkRow & { png: Buffer | null }): Mark | undefined {
  const shown = shownOf(row)
  return shown && row.png ? { ...shown, png: row.png } : undefined
}

async function newest(db: Database | Transaction, libraryId: string | undefined) {
  const row = await db
    .selectFrom('marks')
    .select([...columns, 'png'])
    .where('library_id', libraryId ? '=' : 'is', libraryId ?? null)
    .orderBy('version', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row && markOf(row)
}

/** The mark that a library's papers have: its own, else the region's; undefined where neither has one. */
export const markOfLibrary = async (
  db: Database | Transaction,
  libraryId: string,
): Promise<Mark | undefined> => (await newest(db, libraryId)) ?? (await newest(db, undefined))

/** The same without its picture. */
export async function shownMark(db: Database, libraryId: string | undefined): Promise<ShownMark | undefined> {
  const rows = await db
    .selectFrom('marks')
    .distinctOn('library_id')
    .select([...columns, 'library_id'])
    .where((eb) =>
      eb.or([eb('library_id', 'is', null), ...(libraryId ? [eb('library_id', '=', libraryId)] : [])]),
    )
    // Nulls come last: a library's own before the region's.
    .orderBy('library_id')
    .orderBy('version', 'desc')
    .execute()
  return rows.map(shownOf).find((mark) => mark !== undefined)
}

export function createMarks(deps: { db: Database; clock: Clock; audit: AuditLog }) {
  const { db, clock, audit } = deps

  /** Puts a picture, or none, in force for a library or for the region. */
  async function choose(
    tx: Transaction,
    actor: Authorised<'cards.number'>,
    libraryId: string | undefined,
    picture: MarkPicture | undefined,
  ): Promise<void> {
    await sql`select pg_advisory_xact_lock(hashtextextended('marks', 0))`.execute(tx)
    const before = await newest(tx, libraryId)
    // The same once more, as by a second click, is no change.
    if (before ? picture?.png.equals(before.png) : !picture) return
    const { id } = await tx
      .insertInto('marks')
      .values({
        library_id: libraryId ?? null,
        png: picture?.png ?? null,
        width: picture?.width ?? null,
        height: picture?.height ?? null,
        ground: picture?.ground ?? null,
        created_at: clock(),
        created_by: actor.staffId,
      })
      .returning('id')
      .executeTakeFirstOrThrow()
    await audit.append(tx, {
      at: clock(),
      actor: byStaff(actor.staffId),
      action: 'settings.change',
      subject: { kind: 'settings', id: null },
      ...(libraryId && { libraryId }),
      details: { settings: ['cards.mark'], mark: id },
    })
  }

  return {
    /** What is in force, and what was before, the newest first. @throws notFound */
    async marks(
      _actor: Authorised<'cards.number'>,
      libraryId: string | undefined,
    ): Promise<{ own: ShownMark | undefined; shown: ShownMark | undefined; history: ChosenMark[] }> {
      if (libraryId) await libraryById(db, libraryId)
      const rows = await db
        .selectFrom('marks as m')
        .innerJoin('staff as s', 's.id', 'm.created_by')
        .select(['m.id', 'm.width', 'm.height', 'm.ground', 'm.created_at', 's.full_name'])
        .where('m.library_id', libraryId ? '=' : 'is', libraryId ?? null)
        .orderBy('m.version', 'desc')
        .limit(keptInSight)
        .execute()
      const history = rows.map((row) => ({
        id: row.id,
        mark: shownOf(row),
        at: row.created_at,
        by: row.full_name,
      }))
      const own = history[0]?.mark
      return { own, shown: own ?? (await shownMark(db, libraryId)), history }
    },

    /** Libraries that have a mark of their own. */
    async libraryMarks(_actor: Authorised<'cards.number'>): Promise<ReadonlySet<string>> {
      const rows = await db
        .selectFrom('marks')
        .distinctOn('library_id')
        .select(['library_id', 'width'])
        .where('library_id', 'is not', null)
        .orderBy('library_id')
        .orderBy('version', 'desc')
        .execute()
      return new Set(rows.flatMap(({ library_id: id, width }) => (id && width ? [id] : [])))
    },

    /** Its PNG, for whoever asks: a mark is there to be seen. @throws notFound */
    async markPicture(id: string): Promise<Buffer> {
      const { png } = await db
        .selectFrom('marks')
        .select('png')
        .where('id', '=', id)
        .where('png', 'is not', null)
        .executeTakeFirstOrThrow(() => notFound())
      return png ?? Buffer.alloc(0)
    },

    /** Takes an uploaded picture as a mark. @throws notFound, markMissing, and what `readMark` throws */
    async putMark(
      actor: Authorised<'cards.number'>,
      libraryId: string | undefined,
      path: string | undefined,
    ): Promise<void> {
      if (libraryId) await libraryById(db, libraryId)
      if (!path) throw markMissing()
      const picture = await readMark(path)
      await inTransaction(db, (tx) => choose(tx, actor, libraryId, picture))
    },

    /** A library goes back to the region's mark, a region to the built-in one. */
    async takeMarkAway(actor: Authorised<'cards.number'>, libraryId: string | undefined): Promise<void> {
      if (libraryId) await libraryById(db, libraryId)
      await inTransaction(db, (tx) => choose(tx, actor, libraryId, undefined))
    },

    /** Puts a mark in force that was before. @returns whose it is @throws notFound */
    putMarkBack: (actor: Authorised<'cards.number'>, markId: string): Promise<string | undefined> =>
      inTransaction(db, async (tx) => {
        const row = await tx
          .selectFrom('marks')
          .select([...columns, 'png', 'library_id'])
          .where('id', '=', markId)
          .executeTakeFirstOrThrow(() => notFound())
        const picture = markOf(row)
        if (!picture) throw notFound()
        await choose(tx, actor, row.library_id ?? undefined, picture)
        return row.library_id ?? undefined
      }),
  }
}
