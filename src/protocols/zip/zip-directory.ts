import { callbackify } from 'node:util'
import { RandomAccessReader, fromRandomAccessReaderPromise, getFileNameLowLevel, type Entry } from 'yauzl'
import { BookFault, isBookFault } from '../book-fault.ts'
import type { ByteSource } from './byte-source.ts'

export interface ZipLimits {
  maxEntries: number
  /** Uncompressed bytes of one entry. */
  maxEntryBytes: number
  /** Uncompressed bytes of all entries. */
  maxTotalBytes: number
  /** Uncompressed to compressed, for entries above `ratioFreeBytes`. */
  maxRatio: number
  ratioFreeBytes: number
}

export const ZIP_LIMITS: Readonly<ZipLimits> = {
  maxEntries: 20_000,
  maxEntryBytes: 200 * 1024 * 1024,
  maxTotalBytes: 1024 * 1024 * 1024,
  maxRatio: 200,
  ratioFreeBytes: 1024 * 1024,
}

/** One file of an archive, as its central directory has it (PKWARE APPNOTE 4.3.12). */
export interface ZipEntry {
  /** NFC, `/` between parts, never leading out of the archive. */
  readonly name: string
  /** Bytes as stored. */
  readonly compressedSize: number
  /** Bytes when read. */
  readonly uncompressedSize: number
  readonly method: 'stored' | 'deflated' | 'other'
  readonly crc32: number
  /** Where its local header begins, bytes from the start of the archive. */
  readonly offset: number
  /** Where the next entry begins: its data must end before. */
  readonly boundary: number
}

/**
 * Reads and checks the directory; no entry's data is touched.
 * @throws BookFault zip.*
 */
export async function readDirectory(source: ByteSource, limits: ZipLimits): Promise<ZipEntry[]> {
  const entries: ZipEntry[] = []
  const names = new Set<string>()
  let total = 0
  try {
    const zip = await fromRandomAccessReaderPromise(new DirectoryReader(source), source.size, {
      autoClose: false,
      decodeStrings: false,
      validateEntrySizes: false,
    })
    if (zip.entryCount > limits.maxEntries) throw new BookFault('zip.too_many_entries', `${zip.entryCount}`)
    for await (const found of zip.eachEntry()) {
      const entry = checkedEntry(found, limits)
      if (names.has(entry.name)) throw new BookFault('zip.duplicate', entry.name)
      names.add(entry.name)
      total += entry.uncompressedSize
      if (total > limits.maxTotalBytes) throw new BookFault('zip.too_large', `${total} bytes in all`)
      entries.push(entry)
    }
  } catch (error) {
    if (isBookFault(error)) throw error
    const message = error instanceof Error ? error.message : String(error)
    if (/strong encryption/.test(message)) throw new BookFault('zip.encrypted', message, error)
    throw new BookFault('zip.not_zip', message, error)
  }
  return withBoundaries(entries, source.size).filter((entry) => !entry.name.endsWith('/'))
}

function checkedEntry(found: Entry, limits: ZipLimits): ZipEntry {
  const name = checkedName(found)
  if (found.isEncrypted()) throw new BookFault('zip.encrypted', name)
  const { compressedSize, uncompressedSize, compressionMethod } = found
  if (uncompressedSize > limits.maxEntryBytes) {
    throw new BookFault('zip.too_large', `${name}: ${uncompressedSize} bytes`)
  }
  if (uncompressedSize > limits.ratioFreeBytes && uncompressedSize > compressedSize * limits.maxRatio) {
    throw new BookFault('zip.bomb', `${name}: ${compressedSize} bytes become ${uncompressedSize}`)
  }
  if (compressionMethod === 0 && compressedSize !== uncompressedSize) {
    throw new BookFault('zip.damaged', `${name}: stored, but of two sizes`)
  }
  return {
    name,
    compressedSize,
    uncompressedSize,
    method: compressionMethod === 0 ? 'stored' : compressionMethod === 8 ? 'deflated' : 'other',
    crc32: found.crc32,
    offset: found.relativeOffsetOfLocalHeader,
    boundary: 0,
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true })
const UTF8_FLAG = 0x800

function checkedName(entry: Entry): string {
  const raw = entry.fileNameRaw
  // EPUB 3.3 §4.2.3 wants UTF-8; many writers keep to it without setting the flag.
  const flags = isUtf8(raw) ? entry.generalPurposeBitFlag | UTF8_FLAG : entry.generalPurposeBitFlag
  const written = getFileNameLowLevel(flags, raw, entry.extraFields, true)
  const name = written.normalize('NFC').replace(/^(?:\.\/)+/, '')
  const parts = name.replace(/\/$/, '').split('/')
  const leadsOut = parts.some((part) => part === '' || part === '.' || part === '..')
  if (leadsOut || /^[a-z]:|[\\\p{Cc}]/iu.test(name)) throw new BookFault('zip.path', written)
  return name
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    utf8.decode(bytes)
    return true
  } catch {
    return false
  }
}

/** Local file header without name and extra field (APPNOTE 4.3.7). */
export const LOCAL_HEADER_BYTES = 30

/** Entries that share bytes make a small archive huge (Fifield, "A better zip bomb", 2019). */
function withBoundaries(entries: readonly ZipEntry[], size: number): ZipEntry[] {
  const ordered = [...entries].sort((a, b) => a.offset - b.offset)
  return ordered.map((entry, index) => {
    const boundary = ordered[index + 1]?.offset ?? size
    if (entry.offset + LOCAL_HEADER_BYTES + entry.compressedSize > size) {
      throw new BookFault('zip.damaged', `${entry.name} ends beyond the file`)
    }
    if (entry.offset + LOCAL_HEADER_BYTES + entry.compressedSize > boundary) {
      throw new BookFault('zip.bomb', `${entry.name} overlaps the next entry`)
    }
    return { ...entry, boundary }
  })
}

const WINDOW_BYTES = 64 * 1024

/**
 * yauzl asks for some fifty bytes at a time, twice per entry, front to back: one window of the file serves
 * nearly all of it.
 */
class DirectoryReader extends RandomAccessReader {
  readonly #source: ByteSource
  #start = 0
  #window: Buffer = Buffer.alloc(0)

  constructor(source: ByteSource) {
    super()
    this.#source = source
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null, bytesRead: number) => void,
  ): void {
    this.#copy(buffer, offset, length, position, callback)
  }

  readonly #copy = callbackify(async (buffer: Buffer, offset: number, length: number, position: number) =>
    (await this.#bytes(position, length)).copy(buffer, offset),
  )

  async #bytes(position: number, length: number): Promise<Buffer> {
    const from = position - this.#start
    if (from < 0 || from + length > this.#window.length) {
      const wanted = Math.max(length, Math.min(WINDOW_BYTES, this.#source.size - position))
      this.#window = await this.#source.read(position, wanted)
      this.#start = position
      return this.#window.subarray(0, length)
    }
    return this.#window.subarray(from, from + length)
  }
}
