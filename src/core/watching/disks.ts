import { stat, statfs } from 'node:fs/promises'
import { seconds } from '../shared/clock.ts'
import { within } from '../shared/within.ts'

/** What the system writes to: its data, files that are being taken in, and copies of all of it. */
export type DiskUse = 'data' | 'uploads' | 'backups'

export interface DiskState {
  /** The first of the uses that this file system has. */
  use: DiskUse
  /** Bytes that this user may still write. */
  free: number
  total: number
}

/** Each file system that these folders lie on. A folder that isn't there yet is left out: nothing was written there. */
export async function diskStates(folders: [DiskUse, string][]): Promise<DiskState[]> {
  const states = await Promise.all(folders.map(([use, folder]) => diskState(use, folder)))
  const seen = new Set<number>()
  return states.flatMap((state) => {
    if (!state || seen.has(state.device)) return []
    seen.add(state.device)
    const { device: _device, ...disk } = state
    return [disk]
  })
}

/** A folder on another computer may not answer at all. */
const diskState = (use: DiskUse, folder: string): Promise<(DiskState & { device: number }) | undefined> =>
  within(seconds(3), lookOnce(folder)).then(
    (found) => ({ use, ...found }),
    () => undefined,
  )

type Look = Omit<DiskState, 'use'> & { device: number }
const looks = new Map<string, Promise<Look>>()

/** A look that hangs holds one of the few threads for files until the folder answers: one for each folder at most. */
export function lookOnce(folder: string, look: (folder: string) => Promise<Look> = lookAt): Promise<Look> {
  const pending = looks.get(folder)
  if (pending) return pending
  const made = look(folder).finally(() => looks.delete(folder))
  looks.set(folder, made)
  return made
}

async function lookAt(folder: string): Promise<Look> {
  const { dev } = await stat(folder)
  const { bavail, blocks, bsize } = await statfs(folder)
  return { device: dev, free: bavail * bsize, total: blocks * bsize }
}

/**
 * PostgreSQL makes its log in pieces of 16 MB: with less than that it ends, and while it recovers it wants another.
 * A byte may still be written then.
 */
const databaseNeeds = 32 * 1024 ** 2

/** Whether a database that lies in this folder can't run for want of space. */
export const isFull = (folder: string): Promise<boolean> =>
  within(seconds(3), lookOnce(folder)).then(
    ({ free }) => free < databaseNeeds,
    () => false,
  )
