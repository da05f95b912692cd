import { z } from 'zod'
import { questionnaireSchema, shownReaders } from '../applications/applications.schemas.ts'
import { checkBirthDate } from '../applications/applications.ts'
import type { AuditLog } from '../audit/audit.ts'
import { byStaff } from '../audit/audit.ts'
import type { OpenedRecord } from '../readers/record.queries.ts'
import { reachReader } from '../readers/reach.ts'
import { distinctFrom, recordDistinct } from '../readers/distinct.ts'
import { findSame } from '../readers/duplicates.queries.ts'
import { nameKey } from '../readers/names.ts'
import { readSettings } from '../settings/settings.ts'
import { dateIn } from '../shared/calendar.ts'
import type { Clock } from '../shared/clock.ts'
import type { Database, Transaction } from '../shared/db.ts'
import { inTransaction, violatedUnique } from '../shared/db.ts'
import { expected, notFound } from '../shared/errors.ts'
import { checkbox, countNumber } from '../shared/form-fields.ts'
import type { Authorised } from '../staff/actors.ts'

export const documentUnchecked = expected('readers.document_unchecked', 422)
/** Another library's reader: to be taken over first. */
export const readerElsewhere = expected('readers.elsewhere', 403)
export const recordChanged = expected('readers.changed_meanwhile', 409)
/** Another record has the same name and birth date; nothing was changed. `readers`: their ids, for whoever decides. */
export const readerDuplicate = expected('readers.possible_duplicate', 409)

/** The record's fields, checked as in the questionnaire, and why they are mended. */
export const mendReaderSchema = questionnaireSchema.extend({
  libraryId: z.uuid(),
  reason: z.string().trim().min(1, 'mend_reason_missing').max(500),
  documentChecked: checkbox,
  /** How many changes the record had when the page was opened. */
  changes: countNumber,
  /** An operator has decided that those who are on record under the mended name and birth date are others. */
  anotherPerson: checkbox,
  /** Ids of those whom he had before his eyes. */
  distinctFrom: shownReaders,
})
export type MendReaderInput = z.infer<typeof mendReaderSchema>

export const mendedFields = ['full_name', 'birth_date', 'email', 'phone', 'library_id'] as const
export type MendedField = (typeof mendedFields)[number]

export interface RecordChange {
  fields: MendedField[]
  reason: string
  by: string | null
  at: Date
}

/** Puts a reader's record right, with the reason noted. */
export function createMending(deps: { db: Database; clock: Clock; audit: AuditLog }) {
  const { db, clock, audit } = deps
  return {
    /** How often a record was mended: what `changes` of the form is about. */
    count: ({ readerId }: OpenedRecord): Promise<number> => countChanges(db, readerId),

    /**
     * Changes what differs; nothing different changes nothing. Another library's reader, found by an exact
     * look-up, can be moved to the actor's own library first, and only that. Whoever is on record under the
     * mended name and birth date stops it, unless `decider` has seen him and says that this is another person:
     * recorded, and not asked again.
     * @returns the fields that were changed
     * @throws notFound, recordChanged, readerElsewhere, documentUnchecked (name, birth date, or another
     * library's reader without a look at the document), readerDuplicate (one person, one record),
     * birthDateInFuture, birthDateTooOld
     */
    async mend(
      actor: Authorised<'readers.mend'>,
      readerId: string,
      input: MendReaderInput,
      decider?: Authorised<'readers.merge'>,
    ): Promise<MendedField[]> {
      const now = clock()
      checkBirthDate(input.birthDate, dateIn((await readSettings(db))['region.timeZone'], now))
      try {
        return await inTransaction(db, async (tx) => {
          const { elsewhere } = await reachReader(tx, actor, readerId, now)
          const found = await lockReader(tx, readerId)
          const wanted = {
            full_name: input.fullName,
            birth_date: input.birthDate,
            email: input.email,
            phone: input.phone,
            library_id: input.libraryId,
          }
          const fields = mendedFields.filter((field) => found[field] !== wanted[field])
          if (fields.length === 0) return []
          if ((await countChanges(tx, readerId)) !== input.changes) throw recordChanged()
          if (elsewhere && !takenOver(actor, fields, input.libraryId)) throw readerElsewhere()
          const identity = elsewhere || fields.includes('full_name') || fields.includes('birth_date')
          if (identity && !input.documentChecked) throw documentUnchecked()
          if (fields.includes('library_id')) await checkLibrary(tx, input.libraryId)
          const key = nameKey(input.fullName)
          // A namesake number was decided for the name as it was; for another one nothing is decided yet.
          const samePerson = key === found.name_key && input.birthDate === found.birth_date
          const { readerIds, nextNamesake } = await findSame(tx, input)
          const namesakes = samePerson ? [] : await undecided(tx, readerId, readerIds)
          const seen = decider && input.anotherPerson ? (input.distinctFrom ?? []) : []
          if (namesakes.some((id) => !seen.includes(id)))
            throw readerDuplicate(decider ? { readers: namesakes.join(',') } : {})
          await tx
            .updateTable('readers')
            .set({ ...wanted, name_key: key, ...(samePerson ? {} : { namesake: nextNamesake }) })
            .where('id', '=', readerId)
            .execute()
          // A code already sent may be in a stranger's hands.
          if (fields.includes('email') || fields.includes('phone'))
            await tx.deleteFrom('recovery_codes').where('reader_id', '=', readerId).execute()
          await tx
            .insertInto('reader_changes')
            .values({
              reader_id: readerId,
              fields: [...fields],
              reason: input.reason,
              changed_by: actor.staffId,
              changed_at: now,
            })
            .execute()
          await recordDistinct(tx, { readerId, others: namesakes, staffId: actor.staffId, at: now })
          await audit.append(tx, {
            at: now,
            actor: byStaff(actor.staffId),
            action: 'readers.mend',
            subject: { kind: 'reader', id: readerId },
            libraryId: input.libraryId,
            details: { fields, documentChecked: input.documentChecked, distinct: namesakes },
          })
          return fields
        })
      } catch (error) {
        throw violatedUnique(error) === 'readers_name_key_birth_date_namesake_key' ? readerDuplicate() : error
      }
    },
  }
}

/** Why and when a record was mended, the latest first. */
export async function changesOf(db: Database | Transaction, readerId: string): Promise<RecordChange[]> {
  const rows = await db
    .selectFrom('reader_changes as c')
    .leftJoin('staff as s', 's.id', 'c.changed_by')
    .select(['c.fields', 'c.reason', 's.full_name as by', 'c.changed_at as at'])
    .where('c.reader_id', '=', readerId)
    .orderBy('c.changed_at', 'desc')
    .execute()
  return rows.map((row) => ({ ...row, fields: row.fields as MendedField[] }))
}

async function countChanges(tx: Database | Transaction, readerId: string): Promise<number> {
  const { n } = await tx
    .selectFrom('reader_changes')
    .select((eb) => eb.fn.countAll<number>().as('n'))
    .where('reader_id', '=', readerId)
    .executeTakeFirstOrThrow()
  return Number(n)
}

/** Of these readers those about whom nobody has decided yet that they are others than this one. */
async function undecided(tx: Transaction, readerId: string, others: readonly string[]): Promise<string[]> {
  const decided = await distinctFrom(tx, readerId)
  return others.filter((id) => id !== readerId && !decided.has(id))
}

const lockReader = (tx: Transaction, readerId: string) =>
  tx
    .selectFrom('readers')
    .select([...mendedFields, 'name_key'])
    .where('id', '=', readerId)
    .where('merged_into', 'is', null)
    .forUpdate()
    .executeTakeFirstOrThrow(() => notFound())

const takenOver = (actor: Authorised<'readers.mend'>, fields: MendedField[], libraryId: string): boolean =>
  fields.every((field) => field === 'library_id') &&
  actor.libraries !== 'all' &&
  actor.libraries.includes(libraryId)

const checkLibrary = (tx: Transaction, libraryId: string) =>
  tx
    .selectFrom('libraries')
    .select('id')
    .where('id', '=', libraryId)
    .executeTakeFirstOrThrow(() => notFound())
