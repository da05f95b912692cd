import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { BookDescription, BookImage } from '#protocols/book-description.ts'
import { BookFault, isBookFault } from '#protocols/book-fault.ts'
import { readEpub } from '#protocols/epub/epub.ts'
import { looksZipped, readFb2, unzipFb2 } from '#protocols/fb2/fb2.ts'
import { writeFb2AsEpub } from '#protocols/fb2/fb2-to-epub.ts'
import type { Storage } from '../shared/storage.ts'

/** Neither an EPUB nor an FB2, by content and by name. */
export class UnknownKind extends Error {}

/** A file that came in. */
export interface IncomingFile {
  path: string
  fileName: string
  /** Bytes. */
  size: number
  sha256: Buffer
  /** Its bytes when it is small, so that the disk is read once; else its path. */
  content: Buffer | string
  /** The first 256 bytes. */
  head: Buffer
}

export interface ReadBook {
  description: BookDescription
  cover: BookImage | null
  layout: 'reflowable' | 'fixed'
  format: 'epub' | 'fb2'
  /** Ending of the kept original. */
  ending: 'epub' | 'fb2' | 'fb2.zip'
  /** The EPUB made of it, which is read; null when the original itself is read. */
  madePath: string | null
}

/** What is held whole while it is imported; larger books are read piece by piece. */
const smallFile = 8 * 1024 * 1024
/** An FB2 is read as a whole; 64 MiB of text and pictures in base64. */
const largestFb2 = 64 * 1024 * 1024

export async function openIncoming(path: string, fileName: string): Promise<IncomingFile> {
  const { size } = await stat(path)
  if (size > smallFile)
    return { path, fileName, size, sha256: await sha256Of(path), content: path, head: await headOf(path) }
  const content = await readFile(path)
  const sha256 = createHash('sha256').update(content).digest()
  return { path, fileName, size, sha256, content, head: content.subarray(0, 256) }
}

/**
 * Tells the kind of a book by its content and reads it. Every byte is checked once: what is sent to readers
 * as it lies must be sound.
 * @param workFolder for the EPUB that is made of an FB2
 * @throws BookFault, UnknownKind
 */
export async function readBook(file: IncomingFile, workFolder: string): Promise<ReadBook> {
  const { fileName, content, size } = file
  const zipped = looksZipped(file.head)
  if (zipped && !/\.fb2\.zip$/i.test(fileName) && !(await zipHoldsFb2(file))) {
    const epub = await readEpub(content)
    const { cover, layout } = epub
    return { description: epub, cover, layout, format: 'epub', ending: 'epub', madePath: null }
  }
  if (!zipped && /\.epub$/i.test(fileName)) throw new BookFault('epub.not_zip')
  if (!zipped && !/\.(fb2|xml)$/i.test(fileName)) throw new UnknownKind()
  if (!zipped && size > largestFb2) throw new BookFault('xml.too_large')
  const book = readFb2(zipped ? await unzipFb2(content) : await bytesOf(file))
  const madePath = join(workFolder, 'reading.epub')
  await writeFb2AsEpub(book, madePath)
  return {
    description: book.description,
    cover: book.cover,
    layout: 'reflowable',
    format: 'fb2',
    ending: zipped ? 'fb2.zip' : 'fb2',
    madePath,
  }
}

/** `book.zip` may be a zipped FB2 just as well as a renamed EPUB. */
async function zipHoldsFb2({ fileName, content }: IncomingFile): Promise<boolean> {
  if (!/\.zip$/i.test(fileName)) return false
  return unzipFb2(content).then(
    () => true,
    (error: unknown) => {
      if (isBookFault(error) && error.code === 'fb2.not_one_in_zip') return false
      throw error
    },
  )
}

/** Keeps the original, and what was made of it to be read; gives the rows that name them. */
export async function storeBook(storage: Storage, file: IncomingFile, book: ReadBook) {
  const name = file.sha256.toString('hex')
  const originalKey = `books/${name.slice(0, 2)}/${name}.${book.ending}`
  await (typeof file.content === 'string'
    ? storage.put(originalKey, file.content)
    : storage.putBytes(originalKey, file.content))
  const original = {
    format: book.format,
    storage_key: originalKey,
    bytes: file.size,
    sha256: file.sha256,
  }
  if (!book.madePath) return [{ ...original, purpose: 'both' }]
  const readingKey = `reading/${name.slice(0, 2)}/${name}.epub`
  await storage.put(readingKey, book.madePath)
  return [
    { ...original, purpose: 'original' },
    {
      format: 'epub',
      purpose: 'reading',
      storage_key: readingKey,
      bytes: (await stat(book.madePath)).size,
      sha256: await sha256Of(book.madePath),
    },
  ]
}

const bytesOf = ({ content }: IncomingFile) =>
  typeof content === 'string' ? readFile(content) : Promise.resolve(content)

async function sha256Of(path: string): Promise<Buffer> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest()
}

async function headOf(path: string): Promise<Buffer> {
  const file = await open(path, 'r')
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(256), 0, 256, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}
