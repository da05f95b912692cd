import { cp, mkdir, readFile, readdir, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { EmbeddedPostgres } from '../../src/core/shared/postgres/embedded.ts'
import { runningPostgres, startEmbeddedPostgres } from '../../src/core/shared/postgres/embedded.ts'
import type { Point } from '../../src/core/shared/points.ts'
import { messagesAtOnce, unsentMessages } from '../support/at-once.ts'
import { everythingIn, filesIn, newFolder, numbersLeftOut } from '../support/backups.ts'
import { newDemoDataDir } from '../support/demo.ts'
import { createFormClient, fieldOf } from '../support/form-client.ts'
import { onServer } from '../support/server-commands.ts'
import type { CommandEnd, Credentials } from '../support/steps.ts'
import { credentialsOf, demoPassword, runCommand } from '../support/steps.ts'
import type { RunningSystem, SystemOptions } from '../support/system.ts'
import { eventually, launchSystem, removeDataDir, startSystem } from '../support/system.ts'
import { expectWholeLog } from '../support/whole-log.ts'

/** One region at work; its backups; an embedded and an external place that they are restored into. */
let source: string
let system: RunningSystem
let work: Awaited<ReturnType<typeof newFolder>>
let server: EmbeddedPostgres
const systems: RunningSystem[] = []

/** The first whom the load registers: with him the restored systems are tried. */
let reader: Credentials
const phoneOf = (n: number) => `+79107${String(n).padStart(6, '0')}`

beforeAll(async () => {
  work = await newFolder()
  source = await newDemoDataDir()
  system = await start({ dataDir: source })
  await messagesAtOnce(system)
})
afterAll(async () => {
  for (const each of systems) await each.dispose()
  await server?.stop()
  await removeDataDir(source)
  await work.remove()
})

const place = (name: string) => join(work.path, name)

async function start(options: SystemOptions): Promise<RunningSystem> {
  const started = await startSystem({ ...options, env: { SMART_DEMO: '1', ...options.env } })
  systems.push(started)
  return started
}

/** The command on the region's own data folder. */
const smart = (words: string[], dataDir = source, env: NodeJS.ProcessEnv = {}): Promise<CommandEnd> =>
  runCommand(words, { SMART_DATA_DIR: dataDir, ...env })
const killAt = (point: Point) => ({ SMART_TEST_KILL_AT: point })

/** An empty data folder with the region's key. */
async function emptyPlace(name: string): Promise<string> {
  await mkdir(place(name), { recursive: true })
  await cp(join(source, 'secret.key'), join(place(name), 'secret.key'))
  return place(name)
}

/** Tables that a restore leaves behind, and those that note it and the backup. */
const ofTheMoment = [
  'sessions',
  'sign_in_failures',
  'passkey_challenges',
  'recovery_codes',
  'staff_links',
  'processes',
  'signs',
  'certificate_check',
  'findings',
  'jobs',
  'audit_log',
  'audit_head',
  'backups',
]

const urlOf = async (dataDir: string) => (await runningPostgres(dataDir)) ?? ''
const numbers = async (url: string) =>
  (
    await onServer(
      url,
      `select (select count(*)::int from readers) as readers,
        (select count(*)::int from readers r where not exists
          (select from cards where reader_id = r.id and state = 'issued')) as "without a card",
        (select count(*)::int from readers r where not exists
          (select from consents where reader_id = r.id)) as "without a consent",
        (select count(*)::int from applications a where state = 'registered' and not exists
          (select from readers where id = a.reader_id)) as "registered as nobody"`,
    )
  ).rows[0] as { readers: number }

/** Registers one reader after the other, through the pages, until it is told to stop. */
async function signUps(): Promise<{ stop(): Promise<number> }> {
  const [librarian, operator] = [createFormClient(system.origin), createFormClient(system.origin)]
  for (const [client, email] of [
    [librarian, 'librarian@demo.test'],
    [operator, 'operator@demo.test'],
  ] as const)
    await client.post('/staff/sign-in', { email, password: demoPassword })
  let count = 0
  const stopping = new AbortController()
  const letters = 'абвгдежзик'
  const work = (async () => {
    while (!stopping.signal.aborted) {
      const page = await librarian.get('/staff/applications/new')
      const sent = await librarian.post('/staff/applications/new', {
        fullName: `Нагрузкин${[...String(count)].map((digit) => letters[Number(digit)]).join('')} Лев`,
        birthDate: '1988-07-06',
        email: '',
        phone: phoneOf(count),
        formKey: fieldOf(page, 'formKey'),
        libraryId: fieldOf(page, 'libraryId'),
        consentVersion: fieldOf(page, 'consentVersion'),
        consentGiven: 'on',
      })
      const path = sent.location.replace('?sent', '')
      const answer = await operator.post(`${path}?/register`, {
        revision: '1',
        providerNumber: '',
        providerPassword: '',
      })
      expect(answer.status).toBe(303)
      count += 1
    }
  })()
  await eventually(async () => (count > 2 ? true : undefined))
  return {
    async stop() {
      stopping.abort()
      await work
      return count
    },
  }
}

async function expectSignIn(origin: string): Promise<void> {
  const answer = await createFormClient(origin).post('/sign-in', {
    cardNumber: reader.number,
    password: reader.password,
  })
  expect([answer.status, answer.location]).toEqual([303, '/shelf'])
}

describe('npm run smart -- backup', () => {
  it('while people are registered makes a backup of one moment, as a folder and as one file', async () => {
    const before = await numbers(await urlOf(source))
    const load = await signUps()
    const [folder, file] = [
      await smart(['backup', place('under-load')]),
      await smart(['backup', place('load.tar')]),
    ]
    const registered = await load.stop()
    expect([folder.code, file.code], folder.output + file.output).toEqual([0, 0])
    expect(file.output).toContain(`Резервная копия готова: ${place('load.tar')}`)
    expect(file.output).toContain('Ключа в ней нет')
    expect((await numbers(await urlOf(source))).readers).toBe(before.readers + registered)
    expect((await smart(['backup', 'verify', place('load.tar')])).output).toContain('цела')
    reader = await credentialsOf(system.origin, phoneOf(0))
  })

  it('killed in the middle leaves nothing that is taken for whole; one that was cut or changed is refused, too', async () => {
    const killed = await smart(['backup', place('killed.tar')], source, killAt('backup:files'))
    expect(killed.code).toBe(null)
    const empty = await emptyPlace('refused')
    await cp(place('load.tar'), place('cut.tar'))
    await truncate(place('cut.tar'), 100_000)
    await cp(place('load.tar'), place('changed.tar'))
    const bytes = await readFile(place('changed.tar'))
    bytes.writeUInt8(bytes.readUInt8(5000) ^ 1, 5000)
    await writeFile(place('changed.tar'), bytes)
    for (const [words, name, sentence] of [
      [['backup', 'verify'], 'killed.tar.partial', 'не закончена'],
      [['restore'], 'cut.tar', 'не закончена'],
      [['restore'], 'changed.tar', 'повреждена'],
    ] as const) {
      const { code, output } = await smart([...words, place(name)], empty)
      expect([code, output], name).toEqual([1, expect.stringContaining(sentence)])
      expect(output).not.toContain('    at ')
    }
    expect(await readdir(empty)).toEqual(['secret.key'])
  })
})

describe('npm run smart -- restore', () => {
  it('is refused where the system runs, and where there are data', async () => {
    const running = await smart(['restore', place('load.tar')])
    expect([running.code, running.output]).toEqual([1, expect.stringContaining('уже занята')])
    const used = await smart(['restore', place('load.tar')], await emptyPlace('other'), {
      DATABASE_URL: await urlOf(source),
    })
    expect([used.code, used.output]).toEqual([1, expect.stringContaining('работает другая программа')])
  })

  it('into an empty database of one’s own brings everything, and the reader signs in there', async () => {
    await eventually(async () => ((await unsentMessages(source)) === 0 ? true : undefined))
    const url = await urlOf(source)
    const whole = await smart(['backup', place('at-rest.tar')])
    expect(whole.code, whole.output).toBe(0)
    const before = await everythingIn(url)

    server = await startEmbeddedPostgres({ dataDir: place('server') })
    await onServer(server.url, 'create database region')
    const external = Object.assign(new URL(server.url), { pathname: '/region' }).href
    const dataDir = await emptyPlace('external')
    const restored = await smart(['restore', place('at-rest.tar')], dataDir, { DATABASE_URL: external })
    expect(restored.code, restored.output).toBe(0)
    expect(restored.output).toContain('Все входы завершены')
    expect(restored.output).toContain('Журнал цел')
    const after = await everythingIn(external)
    for (const table of ofTheMoment) {
      delete before[table]
      delete after[table]
    }
    expect(Object.keys(after).length).toBeGreaterThan(40)
    expect(after).toEqual(numbersLeftOut(before))
    expect(await filesIn(dataDir)).toEqual(await filesIn(source))

    const again = await smart(['restore', place('at-rest.tar')], dataDir, { DATABASE_URL: external })
    expect([again.code, again.output]).toEqual([1, expect.stringContaining('Здесь уже есть данные')])
    const second = await start({ dataDir, env: { DATABASE_URL: external } })
    await expectSignIn(second.origin)
    await second.stop()
  })

  it('into an empty folder, killed in the middle, leaves what doesn’t start, and is done again: of one moment, the log whole', async () => {
    const dataDir = await emptyPlace('embedded')
    const [name = ''] = await readdir(place('under-load'))
    const backup = join(place('under-load'), name)
    const killed = await smart(['restore', backup], dataDir, killAt('restore:loaded'))
    expect(killed.code, killed.output).toBe(null)
    const refused = await launchSystem({ dataDir, env: { SMART_DEMO: '1' } })
    systems.push(refused)
    expect(await refused.exited).toBe(1)
    expect(refused.output()).toContain('Восстановление из резервной копии не закончено')

    const restored = await smart(['restore', backup], dataDir)
    expect(restored.code, restored.output).toBe(0)
    const second = await start({ dataDir })
    expect(await numbers(await urlOf(dataDir))).toEqual({
      readers: expect.any(Number),
      'without a card': 0,
      'without a consent': 0,
      'registered as nobody': 0,
    })
    await expectSignIn(second.origin)
    await expectWholeLog(second)

    const running = await smart(['key', 'rotate'], dataDir)
    expect([running.code, running.output]).toEqual([1, expect.stringContaining('уже занята')])
    await second.stop()
  })
})

describe('the restored folder', () => {
  it('gets another key, under which the log is checked and the next backup is made', async () => {
    const dataDir = place('embedded')
    const before = await readFile(join(dataDir, 'secret.key'))
    const changed = await smart(['key', 'rotate'], dataDir)
    expect([changed.code, changed.output]).toEqual([0, expect.stringContaining('Ключ сменён')])
    expect(await readFile(join(dataDir, 'secret.key'))).not.toEqual(before)
    expect((await smart(['audit', 'verify'], dataDir)).output).toContain('Журнал цел')
    expect((await smart(['backup', place('new-key.tar')], dataDir)).code).toBe(0)
    const { output } = await smart(['restore', place('new-key.tar')], await emptyPlace('old-key'))
    expect(output).toContain('сделана с другим ключом')
  })

  it('of another PostgreSQL is not touched: the start says which, and how to go over', async () => {
    const dataDir = place('embedded')
    await writeFile(join(dataDir, 'postgres', 'PG_VERSION'), '17\n')
    const refused = await launchSystem({ dataDir })
    systems.push(refused)
    expect(await refused.exited).toBe(1)
    expect(refused.output()).toMatch(
      /создана PostgreSQL 17, а эта версия программы работает с PostgreSQL 18[^]*backup ПАПКА/,
    )
    expect(refused.output()).not.toContain('    at ')
  })
})
