import type { AuditLog } from '../audit/audit.ts'
import { byStaff } from '../audit/audit.ts'
import type { Clock } from '../shared/clock.ts'
import { after } from '../shared/clock.ts'
import type { Database, Transaction } from '../shared/db.ts'
import { inTransaction, sql, violatedUnique } from '../shared/db.ts'
import type { SheetReader } from '../shared/sheet-reader.ts'
import { storable } from '../shared/storable.ts'
import type { Authorised } from '../staff/actors.ts'
import { notAllowed } from '../staff/actors.ts'
import type { ReadListFile } from './file.ts'
import { readListFile } from './file.ts'
import { isIrbis, libraryMissing, listFormUsed, listLife, recordBroken, signatureOf } from './lists.ts'
import type { UploadInput } from './lists.schemas.ts'

/** Whoever brings a list in: readers of a library's own base by operators alone. */
export type ListActor = Authorised<'lists.questionnaires'> | Authorised<'lists.readers'>

const rowsAtOnce = 500

export function createListUpload(deps: {
  db: Database
  clock: Clock
  audit: AuditLog
  sheetReader: SheetReader
}) {
  const { db, clock, audit, sheetReader } = deps
  return {
    /**
     * Keeps a file's rows as a list whose columns are to be named next; of the file itself nothing is kept. The
     * same form again leads to the list that it has made.
     * @param file where it lies, and what its owner calls it
     * @throws listFormUsed, libraryMissing, and what `readListFile` throws
     */
    async upload(
      actor: ListActor,
      input: UploadInput,
      file: { path: string; name: string },
    ): Promise<{ listId: string }> {
      const libraryId = input.libraryId || null
      if (actor.libraries !== 'all' && (!libraryId || !actor.libraries.includes(libraryId)))
        throw notAllowed()
      if (actor.libraries !== 'all' && input.kind !== 'questionnaires') throw notAllowed()
      const read = await readListFile(file.path, input.tags, sheetReader, input.encoding)
      if (!libraryId && isIrbis(read.format)) throw libraryMissing()
      try {
        return await inTransaction(db, (tx) => keep(tx, actor, { ...input, libraryId }, file.name, read))
      } catch (error) {
        if (violatedUnique(error) !== 'lists_form_key_key') throw error
        const before = await db
          .selectFrom('lists')
          .select(['id', 'created_by', 'content_hash'])
          .where('form_key', '=', input.formKey)
          .executeTakeFirstOrThrow()
        if (before.created_by !== actor.staffId || !before.content_hash.equals(read.hash))
          throw listFormUsed()
        return { listId: before.id }
      }
    },
  }

  async function keep(
    tx: Transaction,
    actor: ListActor,
    input: Omit<UploadInput, 'libraryId'> & { libraryId: string | null },
    name: string,
    read: ReadListFile,
  ): Promise<{ listId: string }> {
    const now = clock()
    const { id } = await tx
      .insertInto('lists')
      .values({
        form_key: input.formKey,
        content_hash: read.hash,
        kind: input.kind,
        library_id: input.libraryId,
        file_name: shortName(name),
        format: read.format,
        header: read.header,
        signature: signatureOf(read.header),
        state: 'mapping',
        total: read.rows.length + read.broken.length,
        created_by: actor.staffId,
        created_at: now,
        changed_at: now,
        expires_at: after(now, listLife),
      })
      .returning('id')
      .executeTakeFirstOrThrow()
    for (let at = 0; at < read.rows.length; at += rowsAtOnce)
      await sql`insert into list_rows (list_id, number, cells)
        select ${id}::uuid, number, cells from jsonb_to_recordset(
          ${JSON.stringify(read.rows.slice(at, at + rowsAtOnce))}::jsonb) as r (number int, cells text[])`.execute(
        tx,
      )
    const fault = JSON.stringify([{ field: 'row', code: recordBroken().code }])
    await sql`insert into list_rows (list_id, number, cells, state, faults)
      select ${id}::uuid, number, '{}', 'faulty', ${fault}::jsonb from unnest(${read.broken}::int[]) as number`.execute(
      tx,
    )
    await audit.append(tx, {
      at: now,
      actor: byStaff(actor.staffId),
      action: 'lists.upload',
      subject: { kind: 'list', id },
      libraryId: input.libraryId,
      details: { kind: input.kind, rows: read.rows.length, broken: read.broken.length },
    })
    return { listId: id }
  }
}

const shortName = (name: string): string => storable(name.slice(-200))
