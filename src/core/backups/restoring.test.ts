import { randomUUID } from 'node:crypto'
import { cp, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { App } from '../../app.ts'
import { createApp } from '../../app.ts'
import type { TestApp, TestNetwork } from '../../../tests/support/app.ts'
import { createTestApp, createTestNetwork } from '../../../tests/support/app.ts'
import { everythingIn, filesIn, newFolder, numbersLeftOut, restored } from '../../../tests/support/backups.ts'
import type { TestDatabase } from '../../../tests/support/postgres.ts'
import { createTestDatabase } from '../../../tests/support/postgres.ts'
import type { RegisteredReader } from '../../../tests/support/registered-reader.ts'
import { registeredReader } from '../../../tests/support/registered-reader.ts'
import { onServer } from '../../../tests/support/server-commands.ts'
import { makeCode } from '../readers/recovery-codes.ts'
import { inTransaction } from '../shared/db.ts'
import { readEnvironment } from '../shared/environment.ts'
import { addJob } from '../shared/jobs.ts'
import { migrate, unfinishedRestore } from '../shared/migrate.ts'
import { runChild } from '../shared/postgres/children.fixtures.ts'
import { makeLink } from '../staff/links.ts'
import { writeBackup } from './making.ts'
import { openTarget } from './target.ts'

let app: TestApp
let network: TestNetwork
let reader: RegisteredReader
let work: Awaited<ReturnType<typeof newFolder>>
let sourceUrl: string
let backup: string

beforeAll(async () => {
  app = await createTestApp()
  network = await createTestNetwork(app)
  reader = await registeredReader(app, network, { email: 'one@reader.test', phone: '+79101110001' })
  await app.storage.putBytes('books/ab/one.epub', Buffer.from('one'))
  await app.storage.putBytes('covers/one-240.webp', Buffer.alloc(3_000_000, 'picture'))
  sourceUrl = String(app.pool.options.connectionString)
  // A job that has failed before, and one that a worker holds.
  await onServer(
    sourceUrl,
    `update graphile_worker._private_jobs set attempts = 3 where id = (select min(id) from graphile_worker._private_jobs)`,
  )
  await onServer(
    sourceUrl,
    `update graphile_worker._private_jobs set locked_at = now(), locked_by = 'worker' where id = (select max(id) from graphile_worker._private_jobs)`,
  )
  await theMoment()
  work = await newFolder()
  backup = (await app.backups.make('console', join(work.path, 'backups'))).path
})
afterAll(async () => {
  await app.dispose()
  await work.remove()
})

/** Tables that a restore leaves empty: sessions, limits, codes, signs of life. */
const momentary = [
  'sessions',
  'sign_in_failures',
  'passkey_challenges',
  'recovery_codes',
  'processes',
  'signs',
  'certificate_check',
  'findings',
] as const

/** What of an installation a restore brings back. */
const lasting = (everything: Record<string, unknown[]>): Record<string, unknown[]> => ({
  ...numbersLeftOut(everything),
  ...Object.fromEntries(momentary.map((table) => [table, []])),
  jobs: everything['jobs']?.filter((job) => !JSON.stringify(job).includes('staff:send-link')) ?? [],
})

/** People are signed in, wait for codes and links, and have mistyped passwords; the system says how it is. */
async function theMoment(): Promise<void> {
  const { actor, card, password } = await registeredReader(app, network)
  const typed = { cardNumber: card, password }
  const from = { address: '127.0.0.1', userAgent: '' }
  await app.sessions.signInReader(typed, from)
  await app.sessions.signInReader({ ...typed, password: 'wrong' }, from).catch(() => undefined)
  await inTransaction(app.db, (tx) => makeCode(tx, app.sealer, app.clock(), actor.readerId))
  for (const [staffId, purpose] of [
    [network.curator.staffId, 'invitation'],
    [network.operator.staffId, 'reset'],
  ] as const)
    await inTransaction(app.db, (tx) => makeLink(tx, app.sealer, app.clock(), { staffId, purpose }))
  await inTransaction(app.db, (tx) => addJob(tx, 'staff:send-link', { staffId: network.operator.staffId }))
  await onServer(
    sourceUrl,
    `insert into passkey_challenges (challenge, purpose, expires_at) values ('c', 'sign-in', now());
     insert into processes (id, role, works, reads_mail, started_at, seen_at, clock_ahead)
       values (gen_random_uuid(), 'all', true, false, now(), now(), 0);
     insert into signs (name, at) values ('queue', now());
     insert into certificate_check (at, origin) values (now(), 'https://library.test');
     insert into findings (code, since) values ('disk', now())`,
  )
}

let empty: TestDatabase
let dataDir: string
beforeEach(async () => {
  empty = await createTestDatabase('template0')
  dataDir = join(work.path, randomUUID())
  await mkdir(dataDir)
  await cp(join(app.environment.dataDir, 'secret.key'), join(dataDir, 'secret.key'))
})
afterEach(() => empty.drop())

/** The tables that the restore itself writes to, and the one that notes the backup's own end. */
const noted = ['audit_log', 'audit_head', 'backups'] as const

async function withRestored(work: (second: App) => Promise<void>): Promise<void> {
  const environment = readEnvironment({
    SMART_DATA_DIR: dataDir,
    SMART_DEMO: '1',
    ORIGIN: 'http://library.test',
  })
  const second = await createApp({ environment, databaseUrl: empty.url, log: app.log, clock: app.clock })
  try {
    await work(second)
  } finally {
    await second.close()
  }
}

describe('a restored installation', () => {
  it('has every row, counter, waiting job and file, but nobody signed in and no code or link of that moment; the log is whole and says what was restored', async () => {
    expect(await restored(backup, empty.url, dataDir, app.clock)).toEqual({ logFaults: [], invitations: 1 })
    const [before, after] = [await everythingIn(sourceUrl), await everythingIn(empty.url)]
    const { rows: links } = await onServer(
      empty.url,
      'select purpose, expires_at <= $1 as over from staff_links',
      [app.clock()],
    )
    expect(links, 'to be sent again').toEqual([{ purpose: 'invitation', over: true }])
    for (const table of [...noted, 'staff_links']) {
      delete before[table]
      delete after[table]
    }
    expect(
      momentary.filter((table) => before[table]?.length === 0),
      'the backup has them all',
    ).toEqual([])
    expect(before['jobs']?.length).toBeGreaterThan(2)
    expect(after).toEqual(lasting(before))
    expect(await filesIn(dataDir)).toEqual(await filesIn(app.environment.dataDir))
    await withRestored(async (second) => {
      expect(await second.audit.verify(second.db)).toBeUndefined()
      const last = await second.db
        .selectFrom('audit_log')
        .select(['action', 'details'])
        .orderBy('seq', 'desc')
        .executeTakeFirstOrThrow()
      expect(last.action).toBe('backups.restore')
      // Its own backup isn't under way here.
      expect(await second.db.selectFrom('backups').select('id').execute()).toEqual([])
    })
  })

  it('knows its readers by card and password, opens seals, and sends what waited', async () => {
    await restored(backup, empty.url, dataDir)
    await withRestored(async (second) => {
      const { rows: jobs } = await onServer(
        empty.url,
        `select payload from graphile_worker._private_jobs where payload->>'messageId' is not null`,
      )
      for (const { payload } of jobs as { payload: { messageId: string } }[])
        await second.messages.send(payload.messageId)
      const outbox = await second.db.selectFrom('demo_outbox').select(['recipient', 'text']).execute()
      expect(outbox.filter(({ text }) => text.includes(reader.password)).length).toBeGreaterThan(0)
      const typed = { cardNumber: reader.card, password: reader.password }
      await second.sessions.signInReader(typed, { address: '127.0.0.1', userAgent: '' })
      // Triggers and keys are back, and counters go on: nothing is given twice.
      await expect(onServer(empty.url, 'delete from cards')).rejects.toThrow()
      await expect(onServer(empty.url, `update readers set library_id = gen_random_uuid()`)).rejects.toThrow()
      const next = await registeredReader(second, network)
      expect(next.card).not.toBe(reader.card)
    })
  })

  it('of one file is the same', async () => {
    const { path } = await app.backups.make('console', join(work.path, `${randomUUID()}.tar`))
    await restored(path, empty.url, dataDir)
    expect((await everythingIn(empty.url))['readers']).toEqual((await everythingIn(sourceUrl))['readers'])
    expect(await filesIn(dataDir)).toEqual(await filesIn(app.environment.dataDir))
  })

  it('is of one moment, whoever registers and whatever is stored while the backup is made', async () => {
    const before = lasting(await everythingIn(sourceUrl))
    const target = await openTarget(join(work.path, randomUUID()))
    const late: string[] = []
    const busy = {
      ...target,
      // Everything changes between any two tables.
      async put(name: string, bytes: Buffer) {
        if (/^tables\/(a|c|l|r)/.test(name)) {
          late.push((await registeredReader(app, network)).card)
          await app.storage.putBytes(`books/late-${late.length}`, Buffer.from(name))
        }
        await target.put(name, bytes)
      },
    }
    const databaseUrl = sourceUrl
    const { storage, sealer } = app
    const { path } = await writeBackup(
      { databaseUrl, storage, sealer },
      busy,
      app.clock(),
      new AbortController().signal,
    )
    expect(late.length).toBeGreaterThan(3)
    expect((await restored(path, empty.url, dataDir)).logFaults).toEqual([])
    const after = await everythingIn(empty.url)
    for (const name of [
      'readers',
      'cards',
      'applications',
      'messages',
      'sealed_passwords',
      'consents',
      'jobs',
    ])
      expect(after[name], name).toEqual(before[name])
    // Counters may be ahead, never behind.
    await withRestored(async (second) => {
      const { card } = await registeredReader(second, network)
      expect(JSON.stringify(after['cards'])).not.toContain(card)
    })
  })

  it('needs an empty place: one that has a library already stays as it is', async () => {
    await restored(backup, empty.url, dataDir)
    const before = await everythingIn(empty.url)
    await expect(restored(backup, empty.url, dataDir)).rejects.toThrow('Здесь уже есть данные')
    expect(await everythingIn(empty.url)).toEqual(before)
  })

  it('may take the place of one that was started and has nobody yet, not of another program’s tables', async () => {
    await migrate(empty.url)
    await restored(backup, empty.url, dataDir)
    const foreign = await createTestDatabase('template0')
    await onServer(foreign.url, 'create table wares (id integer)')
    await expect(restored(backup, foreign.url, dataDir)).rejects.toThrow('таблицы другой программы')
    expect((await onServer(foreign.url, 'select * from wares')).rows).toEqual([])
    await foreign.drop()
  })

  it('isn’t begun while somebody else works with that database', async () => {
    const other = await createTestDatabase('template0')
    const child = runChild(`
      import pg from 'pg'
      const client = new pg.Client({ connectionString: ${JSON.stringify(other.url)} })
      await client.connect()
      say('connected')
      await go()
      await client.end()
    `)
    await child.line()
    await expect(restored(backup, other.url, dataDir)).rejects.toThrow('работает другая программа')
    child.go()
    await child.exited
    await other.drop()
  })
})

describe('a restore that is killed', () => {
  for (const point of ['restore:files', 'restore:loaded', 'restore:committed'])
    it(`at ${point} leaves what no start takes for an installation, and is begun again`, async () => {
      const child = runChild(
        `
        import { restored } from './tests/support/backups.ts'
        await restored(${JSON.stringify(backup)}, ${JSON.stringify(empty.url)}, ${JSON.stringify(dataDir)})
        say('restored')
      `,
        { env: { SMART_TEST_KILL_AT: point } },
      )
      await child.exited
      await expect(child.line()).rejects.toThrow('ended')
      await expect(migrate(empty.url)).rejects.toThrow('Восстановление из резервной копии не закончено')
      await restored(backup, empty.url, dataDir)
      expect((await everythingIn(empty.url))['readers']?.length).toBeGreaterThan(0)
      await migrate(empty.url)
      expect((await onServer(empty.url, `select to_regclass('${unfinishedRestore}') as left`)).rows).toEqual([
        { left: null },
      ])
    })
})
