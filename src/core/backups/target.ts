import { createHash } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import { link, lstat, mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { archiveEnd, paddingAfter, tarHeader } from '#protocols/tar/tar.ts'
import { syncFolder } from '../shared/sync-folder.ts'
import { BackupFault } from './faults.ts'
import type { Line } from './manifest.ts'
import { completeName, manifestName } from './manifest.ts'

/** Where a backup is written: under another name, which it loses only when it is whole and on the disk. */
export interface BackupTarget {
  path: string
  put(name: string, bytes: Buffer): Promise<void>
  /** Takes a stored file, which never changes. */
  copy(name: string, from: string): Promise<Line>
  /** Writes what the backup is known by, and gives it its name. */
  finish(manifest: Buffer, complete: Buffer): Promise<void>
  /** Removes what there is of it. */
  discard(): Promise<void>
}

/** What a backup is called until it is whole. */
export const partialPath = (path: string): string => `${path}.partial`

export const isArchivePath = (path: string): boolean => path.endsWith('.tar')

/**
 * @param path ends in `.tar` for one file; else a folder
 * @param earlier a folder of an earlier backup, whose files that haven't changed are shared instead of copied
 * @throws BackupFault when something is there already
 */
export async function openTarget(path: string, earlier?: EarlierFiles): Promise<BackupTarget> {
  if (await exists(path))
    throw new BackupFault(
      'exists',
      `${path} уже есть. Укажите другое имя: старую копию программа не трогает.`,
    )
  await rm(partialPath(path), { recursive: true, force: true })
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  return isArchivePath(path) ? openArchive(path) : openFolder(path, earlier)
}

/** The files of an earlier backup in a folder, by name. */
export interface EarlierFiles {
  folder: string
  lines: ReadonlyMap<string, Line>
}

async function openFolder(path: string, earlier: EarlierFiles | undefined): Promise<BackupTarget> {
  const draft = partialPath(path)
  const folders = new Set<string>()
  const place = async (name: string) => {
    const folder = dirname(join(draft, name))
    if (!folders.has(folder)) {
      await mkdir(folder, { recursive: true, mode: 0o700 })
      folders.add(folder)
    }
    return join(draft, name)
  }
  const write = async <Result>(name: string, fill: (file: FileHandle) => Promise<Result>) => {
    const file = await open(await place(name), 'wx', 0o600)
    try {
      const result = await fill(file)
      await file.sync()
      return result
    } finally {
      await file.close()
    }
  }
  const put = (name: string, bytes: Buffer) => write(name, (file) => file.writeFile(bytes))
  await place(manifestName)
  return {
    path,
    put,
    async copy(name, from) {
      const known = earlier && (await shared(earlier, name, from, await place(name)))
      return known ?? write(name, (file) => copied(name, from, (chunk) => file.writeFile(chunk)))
    },
    async finish(manifest, complete) {
      await put(manifestName, manifest)
      for (const folder of folders) await syncFolder(folder)
      await put(completeName, complete)
      await syncFolder(draft)
      await rename(draft, path)
      await syncFolder(dirname(path))
    },
    discard: () => rm(draft, { recursive: true, force: true }),
  }
}

/**
 * One more name for the earlier backup's file. A disk that can't do that, or another one, copies.
 * @returns undefined when the file isn't there as it is in the storage
 */
async function shared(
  { folder, lines }: EarlierFiles,
  name: string,
  from: string,
  to: string,
): Promise<Line | undefined> {
  const line = lines.get(name)
  if (!line) return undefined
  const source = join(folder, name)
  const sizes = await Promise.all([source, from].map((path) => stat(path).catch(() => undefined)))
  if (sizes.some((found) => found?.size !== line.size)) return undefined
  return link(source, to).then(
    () => line,
    () => undefined,
  )
}

async function openArchive(path: string): Promise<BackupTarget> {
  const draft = partialPath(path)
  const file = await open(draft, 'wx', 0o600)
  const append = (bytes: Buffer) => file.writeFile(bytes)
  const put = async (name: string, bytes: Buffer) => {
    await append(tarHeader(name, bytes.length))
    await append(bytes)
    await append(Buffer.alloc(paddingAfter(bytes.length)))
  }
  return {
    path,
    put,
    async copy(name, from) {
      const line = await copied(name, from, append, (size) => append(tarHeader(name, size)))
      await append(Buffer.alloc(paddingAfter(line.size)))
      return line
    },
    async finish(manifest, complete) {
      await put(manifestName, manifest)
      await put(completeName, complete)
      await append(archiveEnd)
      await file.sync()
      await file.close()
      await rename(draft, path)
      await syncFolder(dirname(path))
    },
    async discard() {
      await file.close().catch(() => {})
      await rm(draft, { force: true })
    },
  }
}

/** Hashes a file while it is copied. @param begin is told its size first */
async function copied(
  name: string,
  from: string,
  write: (chunk: Buffer) => Promise<void>,
  begin?: (size: number) => Promise<void>,
): Promise<Line> {
  const file = await open(from, 'r')
  try {
    const { size } = await file.stat()
    await begin?.(size)
    const hash = createHash('sha256')
    let read = 0
    for await (const chunk of file.createReadStream({ highWaterMark: 1024 * 1024, autoClose: false })) {
      hash.update(chunk as Buffer)
      read += (chunk as Buffer).length
      await write(chunk as Buffer)
    }
    if (read !== size) throw new Error(`${name} has changed while it was copied`)
    return { name, size, sha256: hash.digest('hex') }
  } finally {
    await file.close()
  }
}

const exists = (path: string) =>
  lstat(path).then(
    () => true,
    () => false,
  )
