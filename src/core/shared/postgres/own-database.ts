import { runningPostgres, startEmbeddedPostgres } from './embedded.ts'
import { DataDirInUse, lockDataDir } from './lock.ts'

interface OwnDatabase {
  url: string
  release(): Promise<void>
}

/**
 * The embedded database for a command at the console: the server of the running system when there is one,
 * else one started for the time of the command.
 */
export async function openOwnDatabase(dataDir: string): Promise<OwnDatabase> {
  try {
    return await startOwnDatabase(dataDir)
  } catch (error) {
    if (!(error instanceof DataDirInUse)) throw error
    const url = await runningPostgres(dataDir)
    if (!url) throw error
    return { url, release: async () => {} }
  }
}

/** The same for a command that wants it to itself. @throws DataDirInUse when the system runs */
export async function startOwnDatabase(dataDir: string): Promise<OwnDatabase> {
  const lock = await lockDataDir(dataDir)
  const postgres = await startEmbeddedPostgres({ dataDir }).catch(async (error: unknown) => {
    await lock.release()
    throw error
  })
  return {
    url: postgres.url,
    async release() {
      await postgres.stop()
      await lock.release()
    },
  }
}
