import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AuditLog } from '../audit/audit.ts'
import { byStaffOrConsole } from '../audit/audit.ts'
import type { NewLicence } from '../licences/licences.ts'
import { addLicence } from '../licences/licences.ts'
import type { BookFaultCode } from '#protocols/book-fault.ts'
import { isBookFault } from '#protocols/book-fault.ts'
import type { Clock } from '../shared/clock.ts'
import type { Database, Transaction } from '../shared/db.ts'
import { inTransaction, sql, violatedUnique } from '../shared/db.ts'
import { outageOf } from '../shared/outage.ts'
import type { Storage } from '../shared/storage.ts'
import type { Authorised, ConsoleActor } from '../staff/actors.ts'
import type { AgeMark } from './age.ts'
import type { ReadBook } from './book-files.ts'
import { UnknownKind, openIncoming, readBook, storeBook } from './book-files.ts'
import { coverKey } from './catalogue.queries.ts'
import { drawCovers } from './covers.ts'
import { asIndexed } from './indexed.ts'

/** What holds for every file of a batch; null is "without". */
export interface BatchTerms {
  ageMark: AgeMark | null
  licence: NewLicence | null
}

export type ImportOutcome =
  | { kind: 'added'; id: string; title: string }
  /** The very same file is in the fund already; nothing was changed. */
  | { kind: 'known'; id: string; title: string }
  | { kind: 'fault'; code: BookFaultCode | 'import.unknown_kind' | 'import.too_large' | 'import.disk_full' }

/** Larger books are refused: half a gigabyte is more than any text with pictures needs. */
const largestFile = 512 * 1024 * 1024

export type BookImport = ReturnType<typeof createBookImport>

export function createBookImport(deps: { db: Database; clock: Clock; storage: Storage; audit: AuditLog }) {
  const { db, clock, storage, audit } = deps

  return {
    /**
     * Takes one file into the fund: EPUB 2/3, FB2 or zipped FB2, told by its content. A broken or hostile
     * file is an outcome, not an error, so that the rest of a batch goes on.
     * @param path a local file; it is copied, never moved
     * @param fileName as the person knows it; it gives the title when the book has none
     */
    async importFile(
      actor: Authorised<'catalogue.manage'> | ConsoleActor,
      path: string,
      fileName: string,
      terms: BatchTerms,
    ): Promise<ImportOutcome> {
      if ((await stat(path)).size > largestFile) return { kind: 'fault', code: 'import.too_large' }
      const file = await openIncoming(path, fileName)
      const known = await publicationWithFile(db, file.sha256)
      if (known) return { kind: 'known', ...known }
      let workFolder: string | undefined
      try {
        workFolder = await mkdtemp(join(tmpdir(), 'smart-import-'))
        const book = await readBook(file, workFolder)
        const stored = await storeBook(storage, file, book)
        const title = book.description.title ?? fileName.replace(/(\.fb2)?\.[^.]+$/i, '')
        const covers = book.cover ? await drawCovers(book.cover) : undefined
        const id = await inTransaction(db, async (tx) => {
          const publicationId = await insertPublication(tx, {
            ...book,
            title,
            terms,
            at: clock(),
            hasCover: !!covers,
          })
          await tx
            .insertInto('publication_files')
            .values(stored.map((file) => ({ ...file, publication_id: publicationId })))
            .execute()
          if (terms.licence) await addLicence(tx, publicationId, terms.licence, clock())
          // Before the row can be seen; a crash leaves at most a picture that nothing names.
          for (const [width, bytes] of covers ?? [])
            await storage.putBytes(coverKey(publicationId, width), bytes)
          await audit.append(tx, {
            at: clock(),
            actor: byStaffOrConsole(actor),
            action: 'catalogue.import',
            subject: { kind: 'publication', id: publicationId },
            details: { ageMark: terms.ageMark, licence: terms.licence?.kind ?? null },
          })
          return publicationId
        })
        return { kind: 'added', id, title }
      } catch (error) {
        if (isBookFault(error)) return { kind: 'fault', code: error.code }
        if (error instanceof UnknownKind) return { kind: 'fault', code: 'import.unknown_kind' }
        // Whole files may stay that no book names: they are called by their content, and the next try takes them.
        if (outageOf(error) === 'disk') return { kind: 'fault', code: 'import.disk_full' }
        const twin = violatedUnique(error) && (await publicationWithFile(db, file.sha256))
        if (twin) return { kind: 'known', ...twin }
        throw error
      } finally {
        if (workFolder) await rm(workFolder, { recursive: true, force: true })
      }
    },
  }
}

async function insertPublication(
  tx: Transaction,
  book: ReadBook & { title: string; terms: BatchTerms; at: Date; hasCover: boolean },
): Promise<string> {
  const { description } = book
  const authors = description.authors.map((author) => author.name)
  const plain = (text: string | null | undefined) => asIndexed(text ?? '')
  const { id } = await tx
    .insertInto('publications')
    .values({
      title: book.title,
      subtitle: description.subtitle,
      authors,
      series: description.series?.name ?? null,
      series_number: description.series?.number?.toString() ?? null,
      annotation: description.annotation,
      language: description.language ?? 'ru',
      publisher: description.publisher,
      year: description.year,
      isbn: description.isbn,
      age_mark: book.terms.ageMark,
      has_cover: book.hasCover,
      layout: book.layout,
      added_at: book.at,
      words: sql<string>`
        setweight(to_tsvector('russian', ${plain(book.title)}), 'A') ||
        setweight(to_tsvector('russian', ${plain(authors.join(' '))}), 'B') ||
        setweight(to_tsvector('russian', ${plain(`${description.subtitle ?? ''} ${description.series?.name ?? ''}`)}), 'C') ||
        setweight(to_tsvector('russian', ${plain(description.annotation)}), 'D')`,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}

async function publicationWithFile(db: Database, sha256: Buffer) {
  return db
    .selectFrom('publication_files as f')
    .innerJoin('publications as p', 'p.id', 'f.publication_id')
    .select(['p.id', 'p.title'])
    .where('f.sha256', '=', sha256)
    .where('f.purpose', '<>', 'reading')
    .executeTakeFirst()
}
