import { randomUUID } from 'node:crypto'
import { copyFile, mkdir, open, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join, normalize } from 'node:path'

/**
 * Where publication files and covers lie. Keys are relative paths such as `books/ab/ab12….epub`; a stored
 * file never changes.
 */
export interface Storage {
  /** Keeps a copy of a local file under a key, durably; an existing key with the same content is left. */
  put(key: string, localPath: string): Promise<void>
  /** @param bytes at once, or as they come: what breaks off is not kept */
  putBytes(key: string, bytes: Uint8Array | AsyncIterable<Uint8Array>): Promise<void>
  /** A local path to read the file from. @throws when there is none */
  localPath(key: string): Promise<string>
  remove(key: string): Promise<void>
  /** Every key, in order. */
  keys(): AsyncIterable<string>
  /** Throws when the storage can't be written to. */
  check(): Promise<void>
}

export function createFileStorage(folder: string): Storage {
  const pathOf = (key: string) => {
    const clean = normalize(key)
    if (clean.startsWith('..') || clean.startsWith('/')) throw new Error('storage key outside the storage')
    return join(folder, clean)
  }
  const place = async (key: string, write: (draft: string) => Promise<void>) => {
    const path = pathOf(key)
    const draft = join(folder, `.draft-${randomUUID()}`)
    await mkdir(dirname(path), { recursive: true })
    try {
      await write(draft)
      await flush(draft)
      // Rename is atomic: a reader sees the whole file or none, also after a crash.
      await rename(draft, path)
    } catch (error) {
      await rm(draft, { force: true })
      throw error
    }
  }
  return {
    put: (key, localPath) => place(key, (draft) => copyFile(localPath, draft)),
    putBytes: (key, bytes) =>
      place(key, async (draft) => {
        const file = await open(draft, 'w')
        try {
          await file.writeFile(bytes)
        } finally {
          await file.close()
        }
      }),
    async localPath(key) {
      const path = pathOf(key)
      await stat(path)
      return path
    },
    remove: (key) => rm(pathOf(key), { force: true }),
    keys: () => keysIn(folder, ''),
    async check() {
      await mkdir(folder, { recursive: true })
      const probe = join(folder, `.probe-${randomUUID()}`)
      try {
        // A byte: on a full disk an empty file can still be made.
        await writeFile(probe, '.')
      } finally {
        await rm(probe, { force: true })
      }
    },
  }
}

/** One folder's names at a time. What begins with a dot is somebody's draft. */
async function* keysIn(folder: string, before: string): AsyncGenerator<string> {
  const entries = await readdir(join(folder, before), { withFileTypes: true }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return []
      throw error
    },
  )
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name.startsWith('.')) continue
    if (entry.isDirectory()) yield* keysIn(folder, `${before}${entry.name}/`)
    else if (entry.isFile()) yield `${before}${entry.name}`
  }
}

async function flush(path: string): Promise<void> {
  const file = await open(path, 'r+')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}
