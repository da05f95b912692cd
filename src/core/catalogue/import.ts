import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { AuditLog } from '../audit/audit.ts'
import { byStaffOrConsole } from '../audit/audit.ts'
import type { NewLicence } from '../licences/licences.ts'
import { addLicence } from '../licences/licences.ts'
import type { BookDescription, BookImage } from '#protocols/book-description.ts'
import type { BookFaultCode } from '#protocols/book-fault.ts'
import { BookFault, isBookFault } from '#protocols/book-fault.ts'
import type { EpubDescription } from '#protocols/epub/epub.ts'
import { describeEpub } from '#protocols/epub/epub.ts'
import { looksZipped, readFb2, unzipFb2 } from '#protocols/fb2/fb2.ts'
import { writeFb2AsEpub } from '#protocols/fb2/fb2-to-epub.ts'
import { openZip, verifyZip } from '#protocols/zip/zip.ts'
import type { Clock } from '../shared/clock.ts'
import type { Database, Transaction } from '../shared/db.ts'
import { inTransaction, sql, violatedUnique } from '../shared/db.ts'
import type { Storage } from '../shared/storage.ts'
import type { Authorised, ConsoleActor } from '../staff/actors.ts'
import type { AgeMark } from './age.ts'
import { coverKey } from './catalogue.queries.ts'
import { drawCovers } from './covers.ts'

/** What holds for every file of a batch; null is "without". */
export interface BatchTerms {
  ageMark: AgeMark | null
  licence: NewLicence | null
}

export type ImportOutcome =
  | { kind: 'added'; id: string; title: string }
  /** The very same file is in the fund already; nothing was changed. */
  | { kind: 'known'; id: string; title: string }
  | { kind: 'fault'; code: BookFaultCode | 'import.unknown_kind' | 'import.too_large' }

/** Larger books are refused: half a gigabyte is more than any text with pictures needs. */
const largestFile = 512 * 1024 * 1024
/** An FB2 is read as a whole; 64 MiB of text and pictures in base64. */
const largestFb2 = 64 * 1024 * 1024

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
      const sha256 = await sha256Of(path)
      const known = await publicationWithFile(db, sha256)
      if (known) return { kind: 'known', ...known }
      const workFolder = await mkdtemp(join(tmpdir(), 'smart-import-'))
      try {
        const book = await readBook(path, fileName, workFolder)
        const stored = await storeBook(storage, path, book, sha256)
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
        const twin = violatedUnique(error) && (await publicationWithFile(db, sha256))
        if (twin) return { kind: 'known', ...twin }
        throw error
      } finally {
        await rm(workFolder, { recursive: true, force: true })
      }
    },
  }
}

class UnknownKind extends Error {}

interface ReadBook {
  description: BookDescription
  cover: BookImage | null
  layout: 'reflowable' | 'fixed'
  format: 'epub' | 'fb2'
  /** Ending of the kept original. */
  ending: 'epub' | 'fb2' | 'fb2.zip'
  /** The EPUB that is read; the original itself, or one made of it. */
  readingPath: string
}

async function readBook(path: string, fileName: string, workFolder: string): Promise<ReadBook> {
  const head = await firstBytes(path, 256)
  if (looksZipped(head) && !/\.fb2\.zip$/i.test(fileName) && !(await zipHoldsFb2(path, fileName))) {
    const epub = await readSoundEpub(path)
    return {
      description: epub,
      cover: epub.cover,
      layout: epub.layout,
      format: 'epub',
      ending: 'epub',
      readingPath: path,
    }
  }
  if (!looksZipped(head) && /\.epub$/i.test(fileName)) throw new BookFault('epub.not_zip')
  if (!looksZipped(head) && !/\.(fb2|xml)$/i.test(fileName)) throw new UnknownKind()
  if (!looksZipped(head) && (await stat(path)).size > largestFb2) throw new BookFault('xml.too_large')
  const bytes = looksZipped(head) ? await unzipFb2(path) : await readFile(path)
  const book = readFb2(bytes)
  const readingPath = join(workFolder, 'reading.epub')
  await writeFb2AsEpub(book, readingPath)
  return {
    description: book.description,
    cover: book.cover,
    layout: 'reflowable',
    format: 'fb2',
    ending: looksZipped(head) ? 'fb2.zip' : 'fb2',
    readingPath,
  }
}

/** Every byte is read once: what is sent to readers as it lies must be sound. */
async function readSoundEpub(path: string): Promise<EpubDescription> {
  const zip = await openZip(path).catch((error: unknown) => {
    throw isBookFault(error) && error.code === 'zip.not_zip' ? new BookFault('epub.not_zip') : error
  })
  try {
    const description = await describeEpub(zip)
    await verifyZip(zip)
    return description
  } finally {
    await zip.close()
  }
}

/** `book.zip` may be a zipped FB2 just as well as a renamed EPUB. */
async function zipHoldsFb2(path: string, fileName: string): Promise<boolean> {
  if (!/\.zip$/i.test(fileName)) return false
  return unzipFb2(path).then(
    () => true,
    (error: unknown) => {
      if (isBookFault(error) && error.code === 'fb2.not_one_in_zip') return false
      throw error
    },
  )
}

async function storeBook(storage: Storage, path: string, book: ReadBook, sha256: Buffer) {
  const name = sha256.toString('hex')
  const originalKey = `books/${name.slice(0, 2)}/${name}.${book.ending}`
  await storage.put(originalKey, path)
  const original = { format: book.format, storage_key: originalKey, bytes: (await stat(path)).size, sha256 }
  if (book.format === 'epub') return [{ ...original, purpose: 'both' }]
  const readingKey = `reading/${name.slice(0, 2)}/${name}.epub`
  await storage.put(readingKey, book.readingPath)
  return [
    { ...original, purpose: 'original' },
    {
      format: 'epub',
      purpose: 'reading',
      storage_key: readingKey,
      bytes: (await stat(book.readingPath)).size,
      sha256: await sha256Of(book.readingPath),
    },
  ]
}

async function insertPublication(
  tx: Transaction,
  book: ReadBook & { title: string; terms: BatchTerms; at: Date; hasCover: boolean },
): Promise<string> {
  const { description } = book
  const authors = description.authors.map((author) => author.name)
  const plain = (text: string | null | undefined) => (text ?? '').replaceAll('ё', 'е').replaceAll('Ё', 'Е')
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

async function sha256Of(path: string): Promise<Buffer> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest()
}

async function firstBytes(path: string, count: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of createReadStream(path, { end: count - 1 })) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}
