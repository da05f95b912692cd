import { Readable } from 'node:stream'
import { crc32, inflateRaw, inflateRawSync } from 'node:zlib'
import { BookFault } from '../book-fault.ts'
import { bytesSource, fileSource, type ByteSource } from './byte-source.ts'
import {
  LOCAL_HEADER_BYTES,
  ZIP_LIMITS,
  readDirectory,
  type ZipEntry,
  type ZipLimits,
} from './zip-directory.ts'

export { ZIP_LIMITS, type ZipEntry, type ZipLimits }

/** Where an entry's stored bytes lie in the archive; `end` is exclusive. */
export interface ByteRange {
  start: number
  end: number
}

/**
 * Opens an archive and checks its whole directory.
 * @param archive a path, or the bytes themselves
 * @throws BookFault zip.*; the system's own error when there is no such file
 */
export async function openZip(
  archive: string | Uint8Array,
  limits: Partial<ZipLimits> = {},
): Promise<ZipArchive> {
  const source = typeof archive === 'string' ? await fileSource(archive) : bytesSource(archive)
  try {
    return new ZipArchive(source, await readDirectory(source, { ...ZIP_LIMITS, ...limits }))
  } catch (error) {
    await source.close()
    throw error
  }
}

/** An open archive. Reading is random and may run in parallel; close it when done. */
export class ZipArchive {
  /** The files, in their order in the archive; folders are left out. */
  readonly entries: readonly ZipEntry[]
  readonly #byName: ReadonlyMap<string, ZipEntry>
  readonly #source: ByteSource
  #folded: ReadonlyMap<string, ZipEntry> | null = null
  #streams = 0
  #closing = false

  constructor(source: ByteSource, entries: readonly ZipEntry[]) {
    this.#source = source
    this.entries = entries
    this.#byName = new Map(entries.map((entry) => [entry.name, entry]))
  }

  /** The entry of exactly this name. */
  entry(name: string): ZipEntry | undefined {
    return this.#byName.get(name.normalize('NFC'))
  }

  /** The entry of this name, or else one that differs in case only: some packers write `meta-inf`. */
  entryAnyCase(name: string): ZipEntry | undefined {
    this.#folded ??= new Map(this.entries.map((entry) => [entry.name.toLowerCase(), entry]))
    return this.entry(name) ?? this.#folded.get(name.normalize('NFC').toLowerCase())
  }

  /**
   * One file, inflated and checked against its declared size and CRC.
   * @param maxBytes what the caller is ready to hold
   * @throws BookFault zip.no_entry, zip.too_large, zip.bomb, zip.method, zip.damaged
   */
  async readEntry(name: string, maxBytes = Number.POSITIVE_INFINITY): Promise<Buffer> {
    const entry = this.#wanted(name)
    if (entry.uncompressedSize > maxBytes) {
      throw new BookFault('zip.too_large', `${entry.name}: ${entry.uncompressedSize} bytes`)
    }
    const stored = await this.#stored(entry)
    const bytes = entry.method === 'stored' ? stored : await inflated(stored, entry)
    if (bytes.length !== entry.uncompressedSize) throw new BookFault('zip.damaged', `${entry.name}: size`)
    if (crc32(bytes) !== entry.crc32) throw new BookFault('zip.damaged', `${entry.name}: checksum`)
    return bytes
  }

  /**
   * Where the stored bytes of a file lie.
   * @throws BookFault zip.no_entry, zip.damaged, zip.bomb
   */
  async rawRange(name: string): Promise<ByteRange> {
    const entry = this.#wanted(name)
    return dataRange(entry, await this.#source.read(entry.offset, LOCAL_HEADER_BYTES))
  }

  /**
   * The bytes of a file as they are stored: raw deflate where `method` is `deflated`. With `gzipFrame` around
   * them they are a gzip file. Not checked against size and CRC: `verifyZip` at import does that.
   * @throws BookFault as `rawRange`
   */
  async rawEntryStream(name: string): Promise<Readable> {
    const range = await this.rawRange(name)
    return Readable.from(this.#chunks(range), { objectMode: false })
  }

  /** Closes the file once the running streams have ended. */
  async close(): Promise<void> {
    this.#closing = true
    if (this.#streams === 0) await this.#source.close()
  }

  /** The stored bytes, mostly with a single read. */
  async #stored(entry: ZipEntry): Promise<Buffer> {
    const wanted = LOCAL_HEADER_BYTES + LIKELY_NAME_BYTES + entry.compressedSize
    const bytes = await this.#source.read(entry.offset, Math.min(wanted, entry.boundary - entry.offset))
    const { start, end } = dataRange(entry, bytes)
    const reached = end <= entry.offset + bytes.length
    return reached
      ? bytes.subarray(start - entry.offset, end - entry.offset)
      : this.#source.read(start, end - start)
  }

  async *#chunks({ start, end }: ByteRange): AsyncGenerator<Buffer> {
    this.#streams += 1
    try {
      for (let position = start; position < end; position += CHUNK_BYTES) {
        yield await this.#source.read(position, Math.min(CHUNK_BYTES, end - position))
      }
    } finally {
      this.#streams -= 1
      if (this.#closing && this.#streams === 0) await this.#source.close()
    }
  }

  #wanted(name: string): ZipEntry {
    const entry = this.entry(name)
    if (!entry) throw new BookFault('zip.no_entry', name)
    return entry
  }
}

const CHUNK_BYTES = 64 * 1024

/** Name and extra field of a local header rarely need more. */
const LIKELY_NAME_BYTES = 256

/** Below this a hop to the thread pool costs more than the work. */
const SYNC_BYTES = 256 * 1024

function dataRange(entry: ZipEntry, header: Buffer): ByteRange {
  if (header.readUInt32LE(0) !== 0x04034b50) throw new BookFault('zip.damaged', `${entry.name}: local header`)
  const start = entry.offset + LOCAL_HEADER_BYTES + header.readUInt16LE(26) + header.readUInt16LE(28)
  const end = start + entry.compressedSize
  if (end > entry.boundary) throw new BookFault('zip.bomb', `${entry.name} overlaps the next entry`)
  return { start, end }
}

/** With `info` Node hands over the engine too, which its types don't say. */
interface Inflated {
  buffer: Buffer
  engine: { bytesWritten: number }
}

async function inflated(stored: Buffer, entry: ZipEntry): Promise<Buffer> {
  if (entry.method === 'other') throw new BookFault('zip.method', entry.name)
  // One byte more than declared is already a lie; zlib stops there instead of filling the memory.
  const maxOutputLength = Math.max(1, entry.uncompressedSize)
  const options = {
    maxOutputLength,
    info: true,
    chunkSize: Math.max(64, Math.min(maxOutputLength, SYNC_BYTES)),
  }
  try {
    const { buffer, engine } =
      entry.uncompressedSize <= SYNC_BYTES
        ? (inflateRawSync(stored, options) as unknown as Inflated)
        : await new Promise<Inflated>((resolve, reject) => {
            inflateRaw(stored, options, (error, result) =>
              error ? reject(error) : resolve(result as unknown as Inflated),
            )
          })
    // Bytes after the end of the deflate stream would break the gzip frame.
    if (engine.bytesWritten === stored.length) return buffer
  } catch (error) {
    const tooMuch = error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE'
    throw new BookFault(tooMuch ? 'zip.bomb' : 'zip.damaged', entry.name, error)
  }
  throw new BookFault('zip.damaged', `${entry.name}: bytes after its end`)
}

/**
 * Reads every file once, so that what is served raw later is known to be sound.
 * @throws BookFault as `readEntry`
 */
export async function verifyZip(zip: ZipArchive): Promise<void> {
  for (const entry of zip.entries) await zip.readEntry(entry.name)
}

/** What stands before and after a raw deflate stream to make it a gzip file (RFC 1952 §2.3). */
export interface GzipFrame {
  /** 10 bytes. */
  header: Buffer
  /** 8 bytes: CRC-32 and size modulo 2³², little-endian. */
  trailer: Buffer
  /** Bytes of the whole: header, stored bytes, trailer (a Content-Length). */
  length: number
}

/** The frame for a deflated entry; null for one that is stored (send it as it is). */
export function gzipFrame(
  entry: Pick<ZipEntry, 'method' | 'crc32' | 'compressedSize' | 'uncompressedSize'>,
): GzipFrame | null {
  if (entry.method !== 'deflated') return null
  const trailer = Buffer.alloc(8)
  trailer.writeUInt32LE(entry.crc32, 0)
  trailer.writeUInt32LE(entry.uncompressedSize % 2 ** 32, 4)
  // ID1 ID2, CM = deflate, no flags, no time, no extra flags, OS = unknown.
  const header = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255])
  return { header, trailer, length: header.length + entry.compressedSize + trailer.length }
}
