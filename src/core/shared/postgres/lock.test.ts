import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runChild } from './children.fixtures.ts'
import { DataDirInUse, lockDataDir } from './lock.ts'

let dataDir: string

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'smart-lock-'))
})
afterEach(() => rm(dataDir, { recursive: true, force: true }))

/** Takes the lock when told to, says what came of it, and keeps it while it lives. */
const contender = () =>
  runChild(`
    import { lockDataDir } from '#core/shared/postgres/lock.ts'
    say('ready')
    await go()
    say(await lockDataDir(${JSON.stringify(dataDir)}).then(() => 'taken', (error) => error.message))
    await go()
  `)

async function holder() {
  const child = contender()
  await child.line()
  child.go()
  expect(await child.line()).toBe('taken')
  return child
}

describe('the data folder’s lock', () => {
  it('refuses a second process with a sentence that names the folder and the first process', async () => {
    const first = await holder()
    const refusal = await lockDataDir(dataDir).catch((error: unknown) => error)
    expect(refusal).toBeInstanceOf(DataDirInUse)
    expect(String(refusal)).toContain(`${dataDir} уже занята`)
    expect(String(refusal)).toContain(`процесс ${first.pid}`)
    await first.kill('SIGKILL')
  })

  it('is free again after its holder was killed', async () => {
    const first = await holder()
    await first.kill('SIGKILL')
    const lock = await lockDataDir(dataDir)
    await lock.release()
  })

  it('is free when its pid was given to another process since', async () => {
    await writeFile(join(dataDir, 'lock'), JSON.stringify({ pid: process.pid, startedAt: 'another time' }))
    const lock = await lockDataDir(dataDir)
    await lock.release()
  })

  it.each(['', '{', 'null', '{"pid":"1"}'])('is free when it can’t be read: %s', async (text) => {
    await writeFile(join(dataDir, 'lock'), text)
    const lock = await lockDataDir(dataDir)
    await lock.release()
  })

  it('goes to exactly one of several processes that start at once, also after a crash', async () => {
    const crashed = await holder()
    await crashed.kill('SIGKILL')
    const contenders = [1, 2, 3, 4].map(contender)
    await Promise.all(contenders.map((child) => child.line()))
    for (const child of contenders) child.go()
    const outcomes = await Promise.all(contenders.map((child) => child.line()))
    expect(outcomes.filter((outcome) => outcome === 'taken')).toHaveLength(1)
    expect(outcomes.filter((outcome) => outcome.includes('уже занята'))).toHaveLength(3)
    await Promise.all(contenders.map((child) => child.kill('SIGKILL')))
  })

  it('leaves nothing behind when it is released, and never takes away another’s', async () => {
    const first = await lockDataDir(dataDir)
    await first.release()
    expect(await readdir(dataDir)).toEqual([])
    const second = await holder()
    await first.release()
    await expect(lockDataDir(dataDir)).rejects.toThrow(DataDirInUse)
    await second.kill('SIGKILL')
  })

  it('says in a sentence that the folder can’t be written to', async () => {
    const file = join(dataDir, 'a file')
    await writeFile(file, '')
    await expect(lockDataDir(join(file, 'data'))).rejects.toThrow(/В папку данных .* нельзя писать/)
  })
})
