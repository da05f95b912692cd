import { runningPostgres, startEmbeddedPostgres } from './embedded.ts'
import { DataDirInUse, lockDataDir } from './lock.ts'

/**
 * The embedded database for a command at the console: the server of the running system when there is one,
 * else one started for the time of the command.
 */
export async function openOwnDatabase(dataDir: string): Promise<{ url: string; release(): Promise<void> }> {
  try {
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
  } catch (error) {
    if (!(error instanceof DataDirInUse)) throw error
    const url = await runningPostgres(dataDir)
    if (!url) throw error
    return { url, release: async () => {} }
  }
}
