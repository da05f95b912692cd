import { createHash } from 'node:crypto'
import { link, mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises'
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
  const draft = join(dataDir, `lock.draft.${process.pid}`)
  const self: Holder = { pid: process.pid, startedAt: (await startTimeOf(process.pid)) ?? '' }
  await writeDraft(dataDir, draft, self)
  try {
    // link() fails when the name exists, so exactly one process gets it.
    while (!(await tryLink(draft, path)) && !(await succeedDeadHolder(dataDir, draft))) {}
  } finally {
    await rm(draft, { force: true })
  }
  return {
    async release() {
      const holder = holderIn(await read(path))
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

/**
 * Becomes the successor of a dead holder. Nobody removes a lock that isn't his own: between the look and the
 * removal it could have become a living one's. Instead a dead lock has one successor, a file named after its
 * content, which exactly one process can link; only that process puts it in the dead one's place.
 * @returns false when things changed meanwhile and are to be looked at again
 * @throws DataDirInUse
 */
async function succeedDeadHolder(dataDir: string, draft: string): Promise<boolean> {
  const path = join(dataDir, 'lock')
  const last = await lastInLine(path)
  if (!last) return false
  const holder = holderIn(last.text)
  if (holder && isAlive(holder.pid) && ((await startTimeOf(holder.pid)) ?? '') === holder.startedAt)
    throw new DataDirInUse(dataDir, holder.pid)
  if (!(await tryLink(draft, last.successor))) return false
  // Another successor may have taken the dead one's place, and its own file with it, since we looked.
  if ((await lastInLine(path))?.text !== (await read(draft))) {
    await rm(last.successor, { force: true })
    return false
  }
  await rename(last.successor, path)
  // What is left of successors that died half-way.
  for (const name of await readdir(dataDir))
    if (successorName.test(name)) await rm(join(dataDir, name), { force: true })
  return true
}

const successorName = /^lock\.[0-9a-f]{64}$/

/** The lock, or the last of its successors. */
async function lastInLine(path: string): Promise<{ text: string; successor: string } | undefined> {
  let last: { text: string; successor: string } | undefined
  for (;;) {
    const text = await read(last?.successor ?? path)
    if (text === undefined) return last
    last = { text, successor: `${path}.${createHash('sha256').update(text).digest('hex')}` }
  }
}

const read = (path: string): Promise<string | undefined> =>
  readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })

function holderIn(text: string | undefined): Holder | undefined {
  try {
    const holder = JSON.parse(text ?? '') as Partial<Holder> | null
    return typeof holder?.pid === 'number' && typeof holder.startedAt === 'string'
      ? (holder as Holder)
      : undefined
  } catch {
    return undefined
  }
}
