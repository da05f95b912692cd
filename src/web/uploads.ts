import { createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Writable } from 'node:stream'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Busboy } from '@fastify/busboy'
import { storable } from '#core/shared/storable.ts'
import type { ExpectedError } from '#core/shared/errors.ts'
import { expected } from '#core/shared/errors.ts'
import { diskFull, outageOf } from '#core/shared/outage.ts'

/** A field is longer than any that a person fills in; what is beyond was cut off. */
export const textTooLong = expected('upload.text_too_long', 413)

export interface Upload {
  fields: Record<string, string>
  /** Files as they lie on disk, with the names that their owner gave them. */
  files: { path: string; name: string }[]
  /** The disk was full: then there are no files, and the fields are there all the same. */
  fault?: ExpectedError
  /** Removes the files. */
  discard(): Promise<void>
}

/**
 * Receives a multipart form, its files streamed to disk: a batch of books never lies in memory.
 * @param openFile where a file's bytes go
 */
export async function receiveUpload(
  request: Request,
  openFile: (path: string) => Writable = createWriteStream,
): Promise<Upload> {
  const folder = await mkdtemp(join(tmpdir(), 'smart-upload-'))
  const upload: Upload = {
    fields: {},
    files: [],
    discard: () => rm(folder, { recursive: true, force: true }),
  }
  const writes: Promise<void>[] = []
  const breakOff: ((error: unknown) => void)[] = []
  try {
    const type = request.headers.get('content-type') ?? ''
    const parser = new Busboy({
      headers: { 'content-type': type },
      // A pasted list of libraries is the longest that a field has.
      limits: { files: 500, fields: 50, fieldSize: 1_000_000 },
    })
    parser.on('field', (name, value, _nameCut, cut) => {
      upload.fields[name] = storable(value)
      if (cut) upload.fault = textTooLong()
    })
    parser.on('file', (_field, stream, name) => {
      // Browsers send an empty part for a file input that nobody used.
      if (!name) {
        stream.resume()
        return
      }
      const path = join(folder, String(upload.files.length))
      upload.files.push({ path, name })
      if (upload.fault) {
        stream.resume()
        return
      }
      const target = openFile(path)
      const write = new Promise<void>((resolve, reject) => {
        breakOff.push(reject)
        // The rest of the form is still read on a full disk: what was typed comes before and after the files.
        const drop = (error: Error) => {
          if (outageOf(error) !== 'disk') return reject(error)
          upload.fault = diskFull()
          stream.unpipe(target)
          stream.resume()
          resolve()
        }
        target.once('error', drop)
        target.once('close', resolve)
        stream.once('error', reject)
        stream.pipe(target)
      })
      // A body that is cut off: the parser ends too, and nothing is left without a listener.
      write.catch((error: unknown) => {
        target.destroy()
        parser.destroy(error as Error)
      })
      writes.push(write)
    })
    if (request.body) await pipeline(Readable.fromWeb(request.body as never), parser)
    await Promise.all(writes)
    if (upload.fault) await dropFiles(upload)
    return upload
  } catch (error) {
    // Whoever hangs up in the middle of a file leaves it without an end.
    for (const each of breakOff) each(error)
    await Promise.allSettled(writes)
    await upload.discard()
    throw error
  }
}

/** Gives a full disk its space back at once. */
async function dropFiles(upload: Upload): Promise<void> {
  for (const { path } of upload.files.splice(0)) await rm(path, { force: true })
}
