import { createWriteStream } from 'node:fs'
import { buffer } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { ZipFile } from 'yazl'

export interface ZipInput {
  name: string
  bytes: Uint8Array
  /** Not deflated: `mimetype`, pictures. */
  stored?: boolean
}

// yazl writes local time: the same date of the wall clock everywhere, for the same bytes everywhere.
const FIXED_DATE = new Date(2000, 0, 1)

/**
 * Writes an archive whose bytes depend on the entries only, in the given order. An EPUB begins with
 * `mimetype`, stored and without extra field (EPUB 3.3 §4.3): that is what `stored` yields.
 */
export async function writeZip(entries: readonly ZipInput[], path: string): Promise<void> {
  await pipeline(packed(entries), createWriteStream(path))
}

/** The same archive in memory. */
export async function zipBytes(entries: readonly ZipInput[]): Promise<Buffer> {
  return buffer(packed(entries))
}

function packed(entries: readonly ZipInput[]): NodeJS.ReadableStream {
  const zip = new ZipFile()
  for (const { name, bytes, stored } of entries) {
    const content = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    zip.addBuffer(content, name, {
      mtime: FIXED_DATE,
      mode: 0o100644,
      forceDosTimestamp: true,
      compress: stored !== true,
    })
  }
  zip.end()
  return zip.outputStream
}
