import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { onServer } from '../../../../tests/support/server-commands.ts'
import { runChild } from './children.fixtures.ts'
import { lockDataDir } from './lock.ts'
import { openOwnDatabase } from './own-database.ts'

let dataDir: string

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'smart-own-'))
})
afterEach(() => rm(dataDir, { recursive: true, force: true }))

/** Opens the database in a process of its own, says its address, and releases it when told to go on. */
const opener = () =>
  runChild(`
    import { openOwnDatabase } from '#core/shared/postgres/own-database.ts'
    const own = await openOwnDatabase(${JSON.stringify(dataDir)})
    say(own.url)
    await go()
    await own.release()
  `)

describe('the database of a command at the console', () => {
  it('is a server for the time of the command when none runs, and nothing is left', async () => {
    const own = await openOwnDatabase(dataDir)
    expect((await onServer(own.url, 'select 1 as works')).rows).toEqual([{ works: 1 }])
    await own.release()
    await expect(onServer(own.url, 'select 1')).rejects.toThrow('ECONNREFUSED')
    expect(await readdir(dataDir)).not.toContain('lock')
    expect(await readdir(join(dataDir, 'postgres'))).not.toContain('postmaster.pid')
  })

  it('is the running system’s own when one runs, which goes on after the command', async () => {
    const system = opener()
    const url = await system.line()
    const own = await openOwnDatabase(dataDir)
    expect(own.url).toBe(url)
    await own.release()
    expect((await onServer(url, 'select 1 as works')).rows).toEqual([{ works: 1 }])
    system.go()
    await system.exited
  })

  it('is refused with a sentence when the folder is taken and no server runs in it', async () => {
    const lock = await lockDataDir(dataDir)
    await expect(openOwnDatabase(dataDir)).rejects.toThrow('уже занята')
    await lock.release()
  })
})
