import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { open, readFile, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { archiveEnd, blockSize, paddingAfter, tarHeader } from '#protocols/tar/tar.ts'
import { BackupFault, damaged, unfinished } from './faults.ts'
import type { Complete, Line, Manifest } from './manifest.ts'
import { completeName, completeSize, manifestName, readComplete, readManifest, sha256 } from './manifest.ts'

/** A backup that was finished, open for reading. */
export interface BackupSource extends Manifest {
  complete: Complete
  /** A file's bytes. @throws BackupFault at their end, when they aren't those that were written */
  content(line: Line): AsyncGenerator<Buffer>
  close(): Promise<void>
}

/** @throws BackupFault when there is no whole backup */
export async function openBackup(path: string): Promise<BackupSource> {
  const found = await stat(path).catch(() => undefined)
  if (!found) throw new BackupFault('not_a_backup', `Резервной копии ${path} нет.`)
  return found.isDirectory() ? openFolder(path) : openArchive(path, found.size)
}

async function openFolder(path: string): Promise<BackupSource> {
  const file = (name: string) =>
    readFile(join(path, name)).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined
      throw error
    })
  const [completeBytes, manifestBytes] = [await file(completeName), await file(manifestName)]
  if (!completeBytes && !manifestBytes) await refuseCollection(path)
  if (!completeBytes) throw unfinished(path)
  const { complete, manifest } = known(path, completeBytes, manifestBytes)
  return {
    ...manifest,
    complete,
    content: (line) =>
      whole(path, line, createReadStream(join(path, line.name), { highWaterMark: chunkSize })),
    close: async () => {},
  }
}

const chunkSize = 1024 * 1024

/** A folder of backups was named, or something else. */
async function refuseCollection(path: string): Promise<never> {
  const names = (await readdir(path)).filter((name) => isBackupName(name)).toSorted()
  const newest = names.findLast((name) => !name.endsWith('.partial'))
  if (newest)
    throw new BackupFault(
      'not_a_backup',
      `В папке ${path} несколько копий. Укажите одну; последняя — ${join(path, newest)}.`,
    )
  if (path.endsWith('.partial')) throw unfinished(path)
  throw new BackupFault('not_a_backup', `В папке ${path} нет законченной резервной копии.`)
}

/** The names that this program gives to backups in a folder of them. */
export const isBackupName = (name: string): boolean =>
  /^smart-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ(\.partial)?$/.test(name)

/** Ends, as `openTarget` writes it, in: manifest, `complete.json`, two blocks of zeros. */
async function openArchive(path: string, size: number): Promise<BackupSource> {
  const file = await open(path, 'r')
  try {
    const tailSize = blockSize + completeSize + archiveEnd.length
    if (size < tailSize || size % blockSize !== 0) throw unfinished(path)
    const tail = await readAt(file, size - tailSize, tailSize)
    if (!tail.subarray(-archiveEnd.length).equals(archiveEnd)) throw unfinished(path)
    if (!tail.subarray(0, blockSize).equals(tarHeader(completeName, completeSize)))
      throw damaged(path, completeName)
    const completeBytes = tail.subarray(blockSize, blockSize + completeSize)
    const expected = readComplete(completeBytes)
    const place = size - tailSize - (expected ? sizeInArchive(expected.size) : 0)
    if (!expected || place < 0) throw damaged(path, completeName)
    const entry = (at: number, name: string, length: number) => archived(file, path, at, name, length)
    const manifestBytes = await collected(entry(place, manifestName, expected.size))
    const { complete, manifest } = known(path, completeBytes, manifestBytes)
    const places = new Map<string, number>()
    let at = 0
    for (const line of manifest.lines) {
      places.set(line.name, at)
      at += sizeInArchive(line.size)
    }
    if (at !== place) throw damaged(path, manifestName)
    return {
      ...manifest,
      complete,
      content: (line) => whole(path, line, entry(places.get(line.name) ?? 0, line.name, line.size)),
      close: () => file.close(),
    }
  } catch (error) {
    await file.close()
    throw error
  }
}

const sizeInArchive = (size: number) => blockSize + size + paddingAfter(size)

/** The manifest, once it is sure to be as it was written. */
function known(path: string, completeBytes: Buffer, manifestBytes: Buffer | undefined) {
  const complete = readComplete(completeBytes)
  if (!complete) throw damaged(path, completeName)
  if (!manifestBytes || sha256(manifestBytes) !== complete.sha256) throw damaged(path, manifestName)
  if (manifestBytes.length !== complete.size) throw damaged(path, completeName)
  const manifest = readManifest(manifestBytes)
  if (!manifest)
    throw new BackupFault('newer', `Резервная копия ${path} записана в виде, которого эта версия не знает.`)
  return { complete, manifest }
}

/** An entry's bytes; its header and what fills up its last block are those that this program writes. */
async function* archived(
  file: FileHandle,
  path: string,
  at: number,
  name: string,
  size: number,
): AsyncGenerator<Buffer> {
  if (!(await readAt(file, at, blockSize)).equals(tarHeader(name, size))) throw damaged(path, name)
  const end = at + blockSize + size
  for (let place = at + blockSize; place < end;) {
    const chunk = await readAt(file, place, Math.min(chunkSize, end - place))
    if (chunk.length === 0) return
    place += chunk.length
    yield chunk
  }
  const padding = paddingAfter(size)
  if (!(await readAt(file, end, padding)).equals(Buffer.alloc(padding))) throw damaged(path, name)
}

async function* whole(path: string, line: Line, chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const hash = createHash('sha256')
  let size = 0
  try {
    for await (const chunk of chunks) {
      hash.update(chunk)
      size += chunk.length
      yield chunk
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw damaged(path, `нет файла ${line.name}`)
    throw error
  }
  if (size !== line.size || hash.digest('hex') !== line.sha256) throw damaged(path, line.name)
}

export async function collected(chunks: AsyncIterable<Buffer>): Promise<Buffer> {
  const all: Buffer[] = []
  for await (const chunk of chunks) all.push(chunk)
  return Buffer.concat(all)
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length)
  const { bytesRead } = await file.read(buffer, 0, length, position)
  return buffer.subarray(0, bytesRead)
}
