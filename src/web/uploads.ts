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
import { expected, unreadable } from '#core/shared/errors.ts'
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
 * On a full disk the fields are there all the same.
 * @param openFile where a file's bytes go
 * @param makeFolder where its files lie
 */
export async function receiveUpload(
  request: Request,
  openFile: (path: string) => Writable = createWriteStream,
  makeFolder: () => Promise<string> = () => mkdtemp(join(tmpdir(), 'smart-upload-')),
): Promise<Upload> {
  const folder = await makeFolder().catch(noneOnFullDisk)
  const upload: Upload = {
    fields: {},
    files: [],
    discard: async () => {
      if (folder) await rm(folder, { recursive: true, force: true })
    },
  }
  if (!folder) upload.fault = diskFull()
  const targets: Writable[] = []
  const closings: Promise<void>[] = []
  let failure: Error | undefined
  try {
    const type = request.headers.get('content-type') ?? ''
    const parser = new Busboy({
      headers: { 'content-type': type },
      // A pasted list of libraries is the longest that a field has.
      limits: { files: 500, fields: 50, fieldSize: 1_000_000 },
    })
    const fail = (error: Error) => {
      failure ??= error
      parser.destroy(error)
    }
    parser.on('field', (name, value, _nameCut, cut) => {
      upload.fields[name] = storable(value)
      if (cut) upload.fault = textTooLong()
    })
    parser.on('file', (_field, stream, name) => {
      stream.on('error', fail)
      // Browsers send an empty part for a file input that nobody used.
      if (!name || !folder || upload.fault) {
        stream.resume()
        return
      }
      const path = join(folder, String(upload.files.length))
      upload.files.push({ path, name })
      const target = openFile(path)
      targets.push(target)
      closings.push(new Promise((resolve) => target.once('close', resolve)))
      target.on('error', (error) => {
        if (outageOf(error) !== 'disk') return fail(error)
        // The rest of the form is still read on a full disk: what was typed comes before and after the files.
        upload.fault = diskFull()
        stream.unpipe(target)
        stream.resume()
      })
      stream.pipe(target)
    })
    if (request.body) await pipeline(Readable.fromWeb(request.body as never), parser)
    await Promise.all(closings)
    if (failure) throw failure
    if (upload.fault) await dropFiles(upload)
    return upload
  } catch (error) {
    // Whoever hangs up in the middle of a file leaves it without an end.
    for (const target of targets) target.destroy()
    // A file that is still being opened would be made after its folder was emptied.
    await Promise.all(closings)
    await upload.discard()
    throw noForm.test(String(error)) ? unreadable() : error
  }
}

/** What the parser says of a body that is no form, or ends before it does. */
const noForm = /unexpected end of multipart data|Boundary not found|(Unsupported|Missing) Content-Type/i

function noneOnFullDisk(error: unknown): undefined {
  if (outageOf(error) !== 'disk') throw error
}

/** Gives a full disk its space back at once. */
async function dropFiles(upload: Upload): Promise<void> {
  for (const { path } of upload.files.splice(0)) await rm(path, { force: true })
}
