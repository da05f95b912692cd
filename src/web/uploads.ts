import { createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Busboy } from '@fastify/busboy'

export interface Upload {
  fields: Record<string, string>
  /** Files as they lie on disk, with the names that their owner gave them. */
  files: { path: string; name: string }[]
  /** Removes the files. */
  discard(): Promise<void>
}

/** Receives a multipart form, its files streamed to disk: a batch of books never lies in memory. */
export async function receiveUpload(request: Request): Promise<Upload> {
  const folder = await mkdtemp(join(tmpdir(), 'smart-upload-'))
  const upload: Upload = {
    fields: {},
    files: [],
    discard: () => rm(folder, { recursive: true, force: true }),
  }
  const writes: Promise<void>[] = []
  try {
    const type = request.headers.get('content-type') ?? ''
    const parser = new Busboy({
      headers: { 'content-type': type },
      // A pasted list of libraries is the longest that a field has; what is beyond would be cut off.
      limits: { files: 500, fields: 50, fieldSize: 200_000 },
    })
    parser.on('field', (name, value) => {
      upload.fields[name] = value
    })
    parser.on('file', (_field, stream, name) => {
      // Browsers send an empty part for a file input that nobody used.
      if (!name) {
        stream.resume()
        return
      }
      const path = join(folder, String(upload.files.length))
      upload.files.push({ path, name })
      const write = pipeline(stream, createWriteStream(path))
      // A body that is cut off, or a full disk: the parser ends too, and nothing is left without a listener.
      write.catch((error: unknown) => parser.destroy(error as Error))
      writes.push(write)
    })
    if (request.body) await pipeline(Readable.fromWeb(request.body as never), parser)
    await Promise.all(writes)
    return upload
  } catch (error) {
    await Promise.allSettled(writes)
    await upload.discard()
    throw error
  }
}
