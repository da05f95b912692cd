import { chown, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ensureBuild } from '../../scripts/build.ts'
import { asOrdinaryUser } from '../../src/core/shared/postgres/children.fixtures.ts'
import { runningPostgres } from '../../src/core/shared/postgres/embedded.ts'
import { isAlive, processesIn, until } from '../../src/core/shared/postgres/processes.ts'
import { onServer } from '../support/server-commands.ts'
import type { RunningSystem, SystemOptions } from '../support/system.ts'
import { runCommand } from '../support/steps.ts'
import { launchSystem, startSystem } from '../support/system.ts'

let outer: string
let dataDir: string
let systems: RunningSystem[]

beforeEach(async () => {
  await ensureBuild()
  // mkdtemp makes a private folder, as root's home is: nobody else may even pass through it.
  outer = await mkdtemp(join(tmpdir(), 'smart-start-'))
  dataDir = join(outer, 'Папка данных ёлки')
  systems = []
})
afterEach(async () => {
  for (const system of systems) await system.dispose()
  await rm(outer, { recursive: true, force: true })
})

const started = async (options: SystemOptions = {}) => kept(await startSystem({ dataDir, ...options }))
const run = async (options: SystemOptions = {}) => kept(await launchSystem({ dataDir, ...options }))
const kept = (system: RunningSystem) => {
  systems.push(system)
  return system
}

const onDatabase = async (command: string) => {
  const url = await runningPostgres(dataDir)
  if (!url) throw new Error('no database server runs')
  return (await onServer(url, command)).rows as unknown[]
}
const serverProcesses = () => processesIn(join(dataDir, 'postgres'))

describe('a command at the console', () => {
  const command = (...words: string[]) => runCommand(words, { SMART_DATA_DIR: dataDir })

  it.each([
    ['backup', 'backups'],
    ['audit', 'verify'],
    ['key', 'rotate'],
    ['library', 'list'],
  ])('says that nothing is where it looks, and makes nothing there: %s %s', async (...words) => {
    const { code, output } = await command(...words)
    expect(code).toBe(1)
    expect(output).toContain(`В папке данных ${dataDir} системы нет`)
    expect(await readdir(outer)).toEqual([])
  })

  it('keeps no backup of a system that isn’t set up yet', async () => {
    await started()
    const { code, output } = await command('backup', join(outer, 'backups'))
    expect([code, await readdir(outer)]).toEqual([1, ['Папка данных ёлки']])
    expect(output).toContain('системы нет')
  })

  it.each([['backupp'], ['staff', 'add', '--nam', 'x']])(
    'that nobody knows is told so: %s %s',
    async (...words) => {
      const { code, output } = await command(...words)
      expect(code).toBe(2)
      expect(output).toContain('npm run smart -- help')
    },
  )
})

describe('npm start', () => {
  it.each([
    ['HOST', 'nowhere.invalid', 'У этого компьютера нет адреса nowhere.invalid'],
    ['DATABASE_URL', 'postgres://smart:x@127.0.0.1:1/smart', 'База данных не отвечает'],
  ])('that can’t be ends with a sentence about %s, whatever fails', async (name, value, told) => {
    const system = await run({ env: { [name]: value } })
    expect(await system.exited).toBe(1)
    expect(system.output()).toContain(told)
    expect(system.output()).toContain(name)
  })

  it('brings the system up in a private folder, with no variable and no language set', async () => {
    const system = await started()
    const ready = await fetch(`${system.origin}/readyz`)
    expect([ready.status, await ready.text()]).toEqual([
      200,
      'База данных отвечает.\nВ папку данных можно писать.\nОбработчик заданий работает.\n',
    ])
    const page = await fetch(system.origin)
    expect(page.status).toBe(200)
    expect(await page.text()).toContain('lang="ru"')
    expect(
      await onDatabase(`select current_setting('server_encoding') as encoding, upper('ё') as upper`),
    ).toEqual([{ encoding: 'UTF8', upper: 'Ё' }])
    expect(system.output()).not.toContain('postgres://')
  })

  it('works for an ordinary user', async () => {
    const { prefix, uid, gid } = await asOrdinaryUser()
    await mkdir(dataDir, { mode: 0o700 })
    for (const folder of [outer, dataDir]) await chown(folder, uid, gid)
    const system = await started({ prefix })
    expect((await fetch(`${system.origin}/readyz`)).status).toBe(200)
    expect(await system.stop()).toBe(0)
  })

  it('is refused with a sentence on a folder where the system runs already, which goes on', async () => {
    const first = await started()
    const second = await run()
    expect(await second.exited).not.toBe(0)
    expect(second.output()).toContain(`Папка данных ${dataDir} уже занята`)
    expect(second.output()).not.toContain('    at ')
    expect((await fetch(`${first.origin}/readyz`)).status).toBe(200)
  })

  it.each([
    [{ SMART_ROLE: 'web' }, 'Для SMART_ROLE=web нужна переменная DATABASE_URL'],
    [{ SMART_ROLE: 'worker' }, 'Для SMART_ROLE=worker нужна переменная DATABASE_URL'],
    [{ PORT: 'восемь' }, 'Переменная окружения PORT задана неверно'],
    [{ DATABASE_URL: 'mysql://localhost' }, 'Переменная окружения DATABASE_URL задана неверно'],
  ])('with %o stops with a sentence, before it makes anything', async (env, sentence) => {
    const system = await run({ env })
    expect(await system.exited).not.toBe(0)
    expect(system.output()).toContain(sentence)
    expect(system.output()).not.toContain('    at ')
    expect(await readdir(outer)).toEqual([])
  })
})

describe('stopping', () => {
  it('by SIGTERM ends well and leaves no process and no lock behind', async () => {
    const system = await started()
    expect(await serverProcesses()).not.toEqual([])
    expect(await system.stop()).toBe(0)
    expect(await serverProcesses()).toEqual([])
    expect(await readdir(dataDir)).not.toContain('lock')
    expect(await readdir(join(dataDir, 'postgres'))).not.toContain('postmaster.pid')
  })

  it('by SIGTERM while it still starts leaves no process behind', async () => {
    const system = await run()
    expect(await until(async () => (await serverProcesses()).length > 0, 60_000)).toBe(true)
    await system.stop()
    expect(await until(async () => (await serverProcesses()).length === 0, 60_000)).toBe(true)
  })
})

describe('after kill -9', () => {
  it('the next start on the same folder works, and what was committed is there', async () => {
    const first = await started()
    await onDatabase(`insert into settings (key, value) values ('region.name', '"Костромская область"')`)
    const orphans = await serverProcesses()
    await first.kill9()
    expect(orphans.filter(isAlive)).not.toEqual([])
    const second = await started()
    expect(await onDatabase(`select value from settings where key = 'region.name'`)).toEqual([
      { value: 'Костромская область' },
    ])
    expect(orphans.filter(isAlive)).toEqual([])
    expect(await second.stop()).toBe(0)
  })

  it.each(['postgres runs', 'listening'])('at «%s» the next start works', async (killAt) => {
    const first = await run({ env: { SMART_LOG_LEVEL: 'debug' }, killAt })
    expect(await first.exited).toBe(null)
    const second = await started()
    expect(await second.stop()).toBe(0)
  })
})

/** Sends a form by hand: `fetch` has its own mind about Host and Origin. */
function post(system: RunningSystem, headers: Record<string, string>, cardNumber = '1'): Promise<number> {
  const body = new URLSearchParams({ cardNumber, password: 'wrong' }).toString()
  return new Promise((resolve, reject) => {
    const sent = request(`${system.origin}/sign-in`, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'content-length': Buffer.byteLength(body),
        ...headers,
      },
    })
    sent.once('error', reject)
    sent.once('response', (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
    sent.end(body)
  })
}

const wrongPassword = 401
const foreignForm = 403
const tooManyAttempts = 429

describe('what a client says about itself', () => {
  const claims = {
    'x-smart-protocol': 'https',
    'x-smart-host': 'evil.test',
    'x-smart-address': '203.0.113.1',
    'x-forwarded-host': 'evil.test',
    'x-forwarded-proto': 'https',
  }

  it('doesn’t make another site’s form our own', async () => {
    const system = await started()
    expect(await post(system, { origin: system.origin })).toBe(wrongPassword)
    expect(await post(system, { origin: system.origin, ...claims })).toBe(wrongPassword)
    expect(await post(system, { origin: 'https://evil.test' })).toBe(foreignForm)
    expect(await post(system, { origin: 'https://evil.test', ...claims })).toBe(foreignForm)
  })

  it('behind a set ORIGIN doesn’t do so by the Host header either', async () => {
    const system = await started({ env: { ORIGIN: 'https://library.test/' } })
    expect(await post(system, { origin: 'https://library.test', host: 'anything.test' })).toBe(wrongPassword)
    expect(await post(system, { origin: 'https://evil.test', host: 'evil.test', ...claims })).toBe(
      foreignForm,
    )
    expect(await post(system, { origin: system.origin })).toBe(foreignForm)
  })

  it('doesn’t get it more attempts at a password; a configured proxy’s word about its clients counts', async () => {
    const attempts = async (system: RunningSystem) => {
      const statuses = []
      for (let attempt = 1; attempt <= 6; attempt += 1) {
        const address = `203.0.113.${attempt}`
        const headers = { origin: system.origin, 'x-forwarded-for': address, 'x-smart-address': address }
        statuses.push(await post(system, headers, '42'))
      }
      return statuses
    }
    const stranger = await started()
    expect(await attempts(stranger)).toEqual([...Array<number>(5).fill(wrongPassword), tooManyAttempts])
    await stranger.stop()
    const proxied = await started({ env: { TRUSTED_PROXY: '127.0.0.1' } })
    expect(await attempts(proxied)).toEqual(Array(6).fill(wrongPassword))
  })
})
