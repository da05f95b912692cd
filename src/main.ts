import { createApp } from './app.ts'
import { publishApp } from './app-handle.ts'
import { migrate } from '#core/shared/migrate.ts'
import { readEnvironment } from '#core/shared/environment.ts'
import type { Log } from '#core/shared/log.ts'
import { createLog } from '#core/shared/log.ts'
import { lockDataDir } from '#core/shared/postgres/lock.ts'
import { startEmbeddedPostgres } from '#core/shared/postgres/embedded.ts'
import { databaseRefusal } from '#core/shared/postgres/refusal.ts'
import { startHeartbeat } from '#core/watching/heartbeat.ts'
import { startServer } from './server.ts'
import { startWorker } from './worker.ts'

/** Starts what the role asks for; every step's undoing is remembered for the shutdown, in reverse order. */
export async function main(): Promise<void> {
  const environment = readEnvironment(process.env)
  const log = createLog()
  const undo: (() => Promise<void>)[] = []
  const shutDown = async () => {
    for (const step of undo.splice(0).toReversed()) await step().catch((error: unknown) => log.error(error))
  }
  stopOnSignals(shutDown)
  try {
    const databaseUrl = environment.databaseUrl ?? (await startOwnDatabase(environment.dataDir, log, undo))
    await migrate(databaseUrl).catch(tellRefusal)
    const app = await createApp({ environment, databaseUrl, log })
    undo.push(() => app.close())
    publishApp(app)
    if (environment.demo && environment.role !== 'worker') {
      const { fillDemoRegion } = await import('./demo/fill.ts')
      await fillDemoRegion(app)
    }
    const works = environment.role !== 'web'
    const heartbeat = await startHeartbeat(app, {
      role: environment.role,
      works,
      readsMail: works && environment.intakeImapUrl !== undefined,
    })
    undo.push(() => heartbeat.stop())
    if (works) {
      const worker = await startWorker(app)
      undo.push(() => worker.stop())
    }
    if (environment.role !== 'worker') {
      const server = await startServer(environment, log)
      undo.push(() => server.stop())
      const setUp = (await app.setup.needed())
        ? `\nПервый запуск. Откройте: ${app.origin}/staff/setup?key=${app.setup.linkKey()}`
        : ''
      console.log(`Смарт-библиотека открыта: ${app.origin}${setUp}`)
    }
  } catch (error) {
    await shutDown()
    throw error
  }
}

/** The first that speaks to the database tells why that can't be; later errors of a line are another's. */
function tellRefusal(error: unknown): never {
  const refusal = databaseRefusal(error)
  throw refusal ? new Error(refusal, { cause: error }) : error
}

async function startOwnDatabase(dataDir: string, log: Log, undo: (() => Promise<void>)[]): Promise<string> {
  const lock = await lockDataDir(dataDir)
  undo.push(() => lock.release())
  const postgres = await startEmbeddedPostgres({
    dataDir,
    log: (line) => log.debug(line),
    warn: (line) => log.warn(line),
  })
  undo.push(() => postgres.stop())
  return postgres.url
}

function stopOnSignals(shutDown: () => Promise<void>): void {
  let stopping = false
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      // A second Ctrl+C doesn't cut the database's own shutdown short.
      if (stopping) return
      stopping = true
      void shutDown().then(() => process.exit(0))
    })
  }
}
