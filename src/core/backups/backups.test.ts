import { readdir, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { TestApp, TestNetwork } from '../../../tests/support/app.ts'
import { createTestApp, createTestNetwork } from '../../../tests/support/app.ts'
import { newFolder, verified } from '../../../tests/support/backups.ts'
import { onServer } from '../../../tests/support/server-commands.ts'
import { runChild } from '../shared/postgres/children.fixtures.ts'
import { oneAtATime } from '../shared/one-at-a-time.ts'
import { masterKey } from '../shared/key-files.ts'
import { authorise } from '../staff/actors.ts'
import { writeBackup } from './making.ts'
import { openTarget } from './target.ts'

let app: TestApp
let network: TestNetwork
let work: Awaited<ReturnType<typeof newFolder>>
let own: string

beforeEach(async () => {
  app = await createTestApp()
  network = await createTestNetwork(app)
  work = await newFolder()
  own = app.environment.backupDir
})
afterEach(async () => {
  await app.dispose()
  await work.remove()
})

const admin = () => authorise(network.admin, 'backups.manage')
const nightly = (keep = 7) => app.backups.change(admin(), { nightly: true, time: '03:00', keep })
const names = async (folder = own) => (await readdir(folder).catch(() => [])).toSorted()
const wholeKey = () => masterKey(app.environment.dataDir)
const state = async () =>
  (await app.backups.standing(admin())).last.map((entry) => [entry.state, entry.fault])

describe('the nightly backup', () => {
  it('is made once a night, in the region’s time, when an administrator wants it', async () => {
    // Moscow: 02:59.
    app.setTime('2026-11-24T23:59:00Z')
    await app.backups.makeDue()
    expect(await names()).toEqual([])
    app.setTime('2026-11-24T00:30:00Z')
    await nightly()
    await app.backups.makeDue()
    expect(await names()).toEqual(['smart-2026-11-24T00-30-00Z'])
    app.setTime('2026-11-24T23:59:00Z')
    await app.backups.makeDue()
    expect(await names()).toHaveLength(1)
    app.setTime('2026-11-25T00:00:00Z')
    await app.backups.makeDue()
    await app.backups.makeDue()
    expect(await names()).toEqual(['smart-2026-11-24T00-30-00Z', 'smart-2026-11-25T00-00-00Z'])
    await verified(join(own, 'smart-2026-11-25T00-00-00Z'), await wholeKey())
  })

  it('keeps so many, the newest, and removes what broke off; other files in the folder stay', async () => {
    await nightly(2)
    const left = await openTarget(join(own, 'smart-2026-11-01T00-00-00Z'))
    await left.put('tables/half', Buffer.from('half'))
    const foreign = await openTarget(join(own, 'notes'))
    await foreign.finish(Buffer.from('mine'), Buffer.from('mine'))
    for (const day of [24, 25, 26]) {
      app.setTime(`2026-11-${day}T00:30:00Z`)
      expect(await app.backups.makeDue()).toBeUndefined()
    }
    expect(await names()).toEqual(['notes', 'smart-2026-11-25T00-30-00Z', 'smart-2026-11-26T00-30-00Z'])
  })

  it('shares the files that an earlier one has, and is whole without it', async () => {
    await app.storage.putBytes('books/one', Buffer.from('one'))
    await nightly(1)
    await app.backups.makeDue()
    const links = async (name: string) => {
      const [newest] = (await names()).toReversed()
      return (await stat(join(own, newest ?? '', 'files', 'books', name))).nlink
    }
    expect(await links('one')).toBe(1)
    const [first = ''] = await names()
    await app.storage.putBytes('books/two', Buffer.from('two'))
    app.setTime('2026-11-26T00:30:00Z')
    const second = await app.backups.make('nightly', own)
    expect([await links('one'), await links('two')]).toEqual([2, 1])
    app.setTime('2026-11-27T00:30:00Z')
    await app.backups.makeDue()
    expect(await names()).not.toContain(first)
    expect(await names()).toHaveLength(1)
    expect(second.files).toBe(2)
    await verified(join(own, (await names())[0] ?? ''), await wholeKey())
  })

  it('that fails is noted and tried again an hour later', async () => {
    await nightly()
    // A file where the folder of backups should be.
    await writeFile(own, 'not a folder')
    expect(await app.backups.makeDue()).toBe('no_access')
    expect(await state()).toEqual([['failed', 'no_access']])
    await rm(own)
    expect(await app.backups.makeDue()).toBeUndefined()
    expect(await names()).toEqual([])
    app.setTime('2026-11-24T10:00:01Z')
    expect(await app.backups.makeDue()).toBeUndefined()
    expect(await names()).toHaveLength(1)
  })

  it('asked for on the page is made by a worker', async () => {
    await app.backups.ask(admin())
    expect(
      (
        await onServer(
          String(app.pool.options.connectionString),
          `select key from graphile_worker.jobs where task_identifier = 'backups:make'`,
        )
      ).rows,
    ).toHaveLength(1)
    await app.backups.makeAsked()
  })
})

describe('making a backup', () => {
  it('is done by one at a time', async () => {
    const alone = await oneAtATime(app.db, 'backups', async () => {
      await expect(app.backups.make('console', work.path)).rejects.toThrow('уже делается')
    })
    expect(alone).toBe(true)
    expect(await names(work.path)).toEqual([])
  })

  it('leaves an existing file alone', async () => {
    const path = join(work.path, 'one.tar')
    await app.backups.make('console', path)
    const before = await stat(path)
    await expect(app.backups.make('console', path)).rejects.toThrow('уже есть')
    expect((await stat(path)).mtimeMs).toBe(before.mtimeMs)
  })

  for (const path of ['folder', 'one.tar'])
    it(`on a full disk says so and leaves nothing behind (${path})`, async () => {
      const target = await openTarget(join(work.path, path))
      const full = {
        ...target,
        put: (name: string, bytes: Buffer) =>
          name.startsWith('tables/staff')
            ? Promise.reject(Object.assign(new Error('full'), { code: 'ENOSPC' }))
            : target.put(name, bytes),
      }
      const databaseUrl = String(app.pool.options.connectionString)
      const { storage, sealer } = app
      await expect(
        writeBackup({ databaseUrl, storage, sealer }, full, app.clock(), new AbortController().signal),
      ).rejects.toThrow('не хватило места')
      expect(await names(work.path)).toEqual([])
    })

  it('ends with the program, leaves nothing behind, and is noted', async () => {
    app.backups.stop()
    expect(await app.backups.makeAsked()).toBe('stopped')
    expect(await state()).toEqual([['failed', 'stopped']])
    expect(await names()).toEqual([])
  })

  it('may miss a file that was removed meanwhile', async () => {
    await app.storage.putBytes('books/gone', Buffer.from('gone'))
    await app.storage.putBytes('books/stays', Buffer.from('stays'))
    const storage = {
      ...app.storage,
      localPath: async (key: string) => {
        await app.storage.remove('books/gone')
        return app.storage.localPath(key)
      },
    }
    const databaseUrl = String(app.pool.options.connectionString)
    const target = await openTarget(join(work.path, 'one'))
    const { sealer } = app
    const { files } = await writeBackup(
      { databaseUrl, storage, sealer },
      target,
      app.clock(),
      new AbortController().signal,
    )
    expect(files).toBe(1)
    await verified(join(work.path, 'one'), await wholeKey())
  })

  for (const [point, name] of [
    ['backup:database', ''],
    ['backup:files', 'one.tar'],
  ] as const)
    it(`killed at ${point} leaves what is known as unfinished, and the next one goes through (${name || 'folder'})`, async () => {
      await app.storage.putBytes('books/one', Buffer.from('one'))
      const place = join(work.path, name)
      const child = runChild(
        `
          import { createApp } from './src/app.ts'
          import { readEnvironment } from '#core/shared/environment.ts'
          import { createLog } from '#core/shared/log.ts'
          const environment = readEnvironment({ SMART_DATA_DIR: ${JSON.stringify(app.environment.dataDir)} })
          const databaseUrl = ${JSON.stringify(app.pool.options.connectionString)}
          const app = await createApp({ environment, databaseUrl, log: createLog('silent') })
          await app.backups.make('console', ${JSON.stringify(place)})
          say('made')
        `,
        { env: { SMART_TEST_KILL_AT: point } },
      )
      await child.exited
      await expect(child.line()).rejects.toThrow('ended')
      const [partial = ''] = await names(work.path)
      expect(partial).toMatch(/\.partial$/)
      await expect(verified(join(work.path, partial), await wholeKey())).rejects.toThrow('не закончена')
      const { path } = await app.backups.make('console', place)
      await verified(path, await wholeKey())
      expect(await state()).toEqual([
        ['failed', 'interrupted'],
        ['done', null],
      ])
    })
})
