import type { App } from '../../src/app.ts'
import { createApp } from '../../src/app.ts'
import { readEnvironment } from '../../src/core/shared/environment.ts'
import { createLog } from '../../src/core/shared/log.ts'
import { migrate } from '../../src/core/shared/migrate.ts'
import { runningPostgres } from '../../src/core/shared/postgres/embedded.ts'
import type { ReaderActor } from '../../src/core/staff/actors.ts'
import type { RunningSystem } from '../../tests/support/system.ts'
import { newDataDir, removeDataDir, startSystem } from '../../tests/support/system.ts'
import { cardOf, fillLargeRegion, readerPassword } from './large-region.ts'
import type { keepAlive } from './load.ts'
import { proportionalMemory } from './proportional-memory.ts'

/** A region of full size in a scratch folder, served by the production build; all rows but the first use one. */
export interface Region {
  system: RunningSystem
  /** Without a name to be resolved. */
  origin: string
  /** Bytes, between the demonstration's filling and ours. */
  memoryAfterDemo: number
  /** Paths of some thousand books' pages, one after the other. */
  bookPath(n: number): string
  /** Signs the n-th reader in through the form; the session's cookie. */
  signIn(n: number, ask: ReturnType<typeof keepAlive>['ask']): Promise<string>
  /** The use cases over the same database and files, in this process. */
  app(): Promise<App>
  /** The n-th reader, for the use cases. */
  reader(n: number): Promise<ReaderActor>
  close(): Promise<void>
}

const demo = { SMART_DEMO: '1' }

export async function openRegion(): Promise<Region> {
  const dataDir = await newDataDir()
  const { memoryAfterDemo, bookIds } = await filled(dataDir)
  const system = await startSystem({ dataDir, env: demo })
  const origin = system.origin.replace('localhost', '127.0.0.1')
  let opened: Promise<App> | undefined
  const app = () => (opened ??= databaseOf(dataDir).then((url) => appOver(dataDir, url)))
  return {
    system,
    origin,
    memoryAfterDemo,
    bookPath: (n) => `/books/${bookIds[n % bookIds.length]}`,
    async signIn(n, ask) {
      const form = { cardNumber: cardOf(n), password: readerPassword }
      const { status, headers } = await ask(`${origin}/sign-in`, { form })
      const [cookie = ''] = headers['set-cookie'] ?? []
      if (status !== 303) throw new Error(`sign-in answered ${status}`)
      return cookie.split(';')[0] ?? ''
    },
    app,
    async reader(n) {
      const { db } = await app()
      const { id, full_name, birth_date } = await db
        .selectFrom('readers')
        .select(['id', 'full_name', 'birth_date'])
        .where('name_key', '=', `bench ${n}`)
        .executeTakeFirstOrThrow()
      return { kind: 'reader', readerId: id, fullName: full_name, birthDate: birth_date }
    },
    async close() {
      await (await opened)?.close()
      await system.stop()
      await system.dispose()
      await removeDataDir(dataDir)
    },
  }
}

/** Filled by a system that is stopped again, so that what is measured has only served. */
async function filled(dataDir: string): Promise<{ memoryAfterDemo: number; bookIds: string[] }> {
  const system = await startSystem({ dataDir, env: demo })
  try {
    const memoryAfterDemo = await proportionalMemory(system.pid)
    const bookIds = await fillLargeRegion(await databaseOf(dataDir))
    await system.stop()
    return { memoryAfterDemo, bookIds }
  } finally {
    await system.dispose()
  }
}

async function appOver(dataDir: string, databaseUrl: string): Promise<App> {
  const environment = readEnvironment({ ...demo, SMART_DATA_DIR: dataDir })
  return createApp({ environment, databaseUrl, log: createLog('silent') })
}

async function databaseOf(dataDir: string): Promise<string> {
  const url = await runningPostgres(dataDir)
  if (!url) throw new Error('the scratch database does not run')
  return url
}

/** A migrated database without a title, beside the large one on the same server, with files of its own. */
export interface EmptyRegion {
  app: App
  close(): Promise<void>
}

export async function openEmptyRegion(beside: Region): Promise<EmptyRegion> {
  const name = 'bench_empty'
  const large = await beside.app()
  await large.pool.query(`create database ${name}`)
  const url = new URL(await databaseOf(beside.system.dataDir))
  url.pathname = `/${name}`
  await migrate(url.href)
  const dataDir = await newDataDir()
  const app = await appOver(dataDir, url.href)
  return {
    app,
    async close() {
      await app.close()
      await removeDataDir(dataDir)
      await large.pool.query(`drop database ${name}`)
    },
  }
}
