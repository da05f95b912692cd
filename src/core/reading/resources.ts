import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import { mediaTypeFor } from '#protocols/epub/media-types.ts'
import type { GzipFrame, ZipArchive } from '#protocols/zip/zip.ts'
import { gzipFrame } from '#protocols/zip/zip.ts'
import { notFound } from '../shared/errors.ts'
import { packageOf } from './package.ts'

/** A file of a book as it is sent. */
export interface BookResource {
  mediaType: string
  encoding: 'gzip' | undefined
  /** Bytes as sent. */
  length: number
  /** Changes with the content. */
  etag: string
  body(): Readable
}

/**
 * What the reader's page fetches and puts together itself goes as plain text: opened in a tab of its own, a
 * chapter is its source and can do nothing. Only what a browser must fetch by itself keeps its own type.
 */
const fetchedAsText = new Set(['application/xhtml+xml', 'text/html', 'text/css', 'application/xml'])

/**
 * One file of an open book. What lies deflated is sent as it lies, with a gzip frame around it.
 * @param path where the archive lies
 * @throws notFound
 */
export async function openResource(
  zip: ZipArchive,
  path: string,
  name: string,
  gzip: boolean,
): Promise<BookResource> {
  const entry = zip.entryAnyCase(name)
  if (!entry) throw notFound()
  const { parts } = await packageOf(zip)
  const declared = parts.manifest.find((item) => item.name === entry.name)?.mediaType
  const type = mediaTypeFor(entry.name, declared)
  const resource = {
    mediaType: fetchedAsText.has(type) ? 'text/plain; charset=utf-8' : type,
    etag: `"${entry.crc32.toString(16)}-${entry.uncompressedSize}"`,
  }
  const frame = gzipFrame(entry)
  if (frame && !gzip) {
    const bytes = await zip.readEntry(entry.name)
    return { ...resource, encoding: undefined, length: bytes.length, body: () => Readable.from([bytes]) }
  }
  const range = await zip.rawRange(entry.name)
  return {
    ...resource,
    encoding: frame ? 'gzip' : undefined,
    length: frame?.length ?? entry.compressedSize,
    body: () => Readable.from(framed(path, range, frame), { objectMode: false }),
  }
}

async function* framed(
  path: string,
  { start, end }: { start: number; end: number },
  frame: GzipFrame | null,
) {
  if (frame) yield frame.header
  if (end > start) yield* createReadStream(path, { start, end: end - 1 }) as AsyncIterable<Buffer>
  if (frame) yield frame.trailer
}
