import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { completeName } from './manifest.ts'
import { isBackupName, openBackup } from './source.ts'
import type { EarlierFiles } from './target.ts'
import { partialPath } from './target.ts'

/** A backup's name in a folder of backups; names sort by time. */
export const backupName = (madeAt: Date): string =>
  `smart-${madeAt.toISOString().slice(0, 19).replaceAll(':', '-')}Z`

/** The backups in a folder that were finished or look like it, the oldest first. */
async function backupsIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  return names.filter((name) => isBackupName(name)).toSorted()
}

/** The files of the newest whole backup in a folder, if there is one. */
export async function earlierFiles(folder: string): Promise<EarlierFiles | undefined> {
  for (const name of (await backupsIn(folder)).toReversed()) {
    const path = join(folder, name)
    const source = await openBackup(path).catch(() => undefined)
    if (source) return { folder: path, lines: new Map(source.lines.map((line) => [line.name, line])) }
  }
  return undefined
}

/** Keeps the newest so many, and nothing of those that broke off. Whoever calls it makes no backup meanwhile. */
export async function rotate(folder: string, keep: number): Promise<void> {
  const names = await backupsIn(folder)
  const partial = names.filter((name) => name === partialPath(name.replace(/\.partial$/, '')))
  const whole = names.filter((name) => !partial.includes(name))
  for (const name of [...partial, ...whole.slice(0, -keep)]) {
    // First what it is known by: a removal that breaks off leaves nothing that looks whole.
    await rm(join(folder, name, completeName), { force: true })
    await rm(join(folder, name), { recursive: true, force: true })
  }
}
