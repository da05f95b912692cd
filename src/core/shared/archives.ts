import { openZip } from '#protocols/zip/zip.ts'
import type { ZipArchive } from '#protocols/zip/zip.ts'

/** Open archives at once; each holds one file descriptor and its directory. */
const mostOpen = 64

interface Held {
  archive: Promise<ZipArchive>
  users: number
}

/**
 * Keeps recently used archives open: a book's directory is read once, not at every page. Stored files never
 * change, so what is open is never out of date.
 */
export interface Archives {
  /** Runs `work` on the archive, which stays open at least until it ends. */
  use<Result>(path: string, work: (archive: ZipArchive) => Promise<Result>): Promise<Result>
  close(): Promise<void>
}

export function createArchives(): Archives {
  const held = new Map<string, Held>()

  /** Closes the archives that were used longest ago, except those at work. */
  async function makeRoom(most: number): Promise<void> {
    for (const [path, { archive, users }] of held) {
      if (held.size <= most) return
      if (users > 0) continue
      held.delete(path)
      await archive.then((open) => open.close()).catch(() => undefined)
    }
  }

  return {
    async use(path, work) {
      const found = held.get(path) ?? { archive: openZip(path), users: 0 }
      // Set anew, so that the map's order is the order of use.
      held.delete(path)
      held.set(path, found)
      found.users += 1
      try {
        return await work(await found.archive)
      } catch (error) {
        // One that didn't open isn't kept: the next attempt may.
        await found.archive.catch(() => held.delete(path))
        throw error
      } finally {
        found.users -= 1
        await makeRoom(mostOpen)
      }
    },
    close: () => makeRoom(0),
  }
}
