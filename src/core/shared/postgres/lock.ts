import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isAlive, startTimeOf } from './processes.ts'

/** Another live process works with this data folder. */
export class DataDirInUse extends Error {
  constructor(dataDir: string, pid: number) {
    super(
      `Папка данных ${dataDir} уже занята работающей Смарт-библиотекой (процесс ${pid}). Второй запуск не нужен.`,
    )
    this.name = 'DataDirInUse'
  }
}

interface Holder {
  pid: number
  startedAt: string
}

/**
 * Takes the data folder for this process. A lock left by a crashed process, or by one whose pid was given
 * to another since, is not in the way.
 * @throws DataDirInUse, or with a sentence when the folder can't be written to
 */
export async function lockDataDir(dataDir: string): Promise<{ release(): Promise<void> }> {
  const path = join(dataDir, 'lock')
  const draft = join(dataDir, `lock.${process.pid}`)
  const self: Holder = { pid: process.pid, startedAt: (await startTimeOf(process.pid)) ?? '' }
  await writeDraft(dataDir, draft, self)
  try {
    // link() fails when the name exists, so exactly one process gets it.
    while (!(await tryLink(draft, path))) {
      const holder = await readHolder(path)
      if (holder && isAlive(holder.pid) && ((await startTimeOf(holder.pid)) ?? '') === holder.startedAt)
        throw new DataDirInUse(dataDir, holder.pid)
      await removeStale(path, `${draft}.stale`, holder)
    }
  } finally {
    await rm(draft, { force: true })
  }
  return {
    async release() {
      const holder = await readHolder(path)
      if (holder?.pid === self.pid && holder.startedAt === self.startedAt) await rm(path, { force: true })
    },
  }
}

async function writeDraft(dataDir: string, draft: string, self: Holder): Promise<void> {
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 })
    await writeFile(draft, JSON.stringify(self))
  } catch (error) {
    throw new Error(
      `В папку данных ${dataDir} нельзя писать (${(error as NodeJS.ErrnoException).code}). Проверьте место на диске и чья это папка или укажите другую в SMART_DATA_DIR.`,
      { cause: error },
    )
  }
}

const tryLink = (from: string, to: string) =>
  link(from, to).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') return false
      throw error
    },
  )

/** Moves the stale lock away; when it turns out to be a fresh one of a process that was quicker, puts it back. */
async function removeStale(path: string, aside: string, seen: Holder | undefined): Promise<void> {
  await rename(path, aside).catch((error: NodeJS.ErrnoException) => {
    // Somebody else has moved it already.
    if (error.code !== 'ENOENT') throw error
  })
  const moved = await readHolder(aside)
  if (moved && JSON.stringify(moved) !== JSON.stringify(seen)) await tryLink(aside, path)
  await rm(aside, { force: true })
}

async function readHolder(path: string): Promise<Holder | undefined> {
  const text = await readFile(path, 'utf8').catch(() => '')
  try {
    const holder = JSON.parse(text) as Partial<Holder>
    return typeof holder.pid === 'number' && typeof holder.startedAt === 'string'
      ? (holder as Holder)
      : undefined
  } catch {
    return undefined
  }
}
