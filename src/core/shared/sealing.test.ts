import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runChild } from './postgres/children.fixtures.ts'
import { masterKey, shutKeysOff } from './key-files.ts'
import { createSealer } from './sealing.ts'

const sealer = createSealer(Buffer.alloc(32, 1))
const stranger = createSealer(Buffer.alloc(32, 2))
const text = fc.string({ unit: 'grapheme' })

describe('a seal', () => {
  it('opens to what was sealed, in its own context', () => {
    fc.assert(
      fc.property(text, text, (plain, context) => {
        expect(sealer.open(sealer.seal(plain, context), context)).toBe(plain)
      }),
    )
  })

  it('doesn’t open in another context', () => {
    fc.assert(
      fc.property(text, text, text, (plain, context, other) => {
        fc.pre(context !== other)
        expect(() => sealer.open(sealer.seal(plain, context), other)).toThrow()
      }),
    )
  })

  it('doesn’t open under another key', () => {
    fc.assert(
      fc.property(text, text, (plain, context) => {
        expect(() => stranger.open(sealer.seal(plain, context), context)).toThrow()
      }),
    )
  })

  it('doesn’t open with a changed byte, wherever it is', () => {
    fc.assert(
      fc.property(text, fc.nat(), fc.integer({ min: 1, max: 255 }), (plain, place, change) => {
        const sealed = sealer.seal(plain, 'reader')
        const at = place % sealed.length
        sealed.writeUInt8(sealed.readUInt8(at) ^ change, at)
        expect(() => sealer.open(sealed, 'reader')).toThrow()
      }),
    )
  })

  it('doesn’t open with a piece cut off', () => {
    fc.assert(
      fc.property(text, fc.nat(), (plain, length) => {
        const sealed = sealer.seal(plain, 'reader')
        expect(() => sealer.open(sealed.subarray(0, length % sealed.length), 'reader')).toThrow()
      }),
    )
  })

  it('of the same text is another one every time', () => {
    expect(sealer.seal('текст', 'reader').equals(sealer.seal('текст', 'reader'))).toBe(false)
  })
})

describe('a mac', () => {
  it('tells apart the same bytes divided otherwise', () => {
    fc.assert(
      fc.property(fc.array(text), fc.array(text), (parts, others) => {
        const same = JSON.stringify(parts) === JSON.stringify(others)
        expect(sealer.mac(...parts).equals(sealer.mac(...others))).toBe(same)
      }),
    )
    expect(sealer.mac('ab', 'c').equals(sealer.mac('a', 'bc'))).toBe(false)
    expect(sealer.mac('a').equals(sealer.mac('a', ''))).toBe(false)
  })

  it('has a key of its own: a blind name tells nothing about it', () => {
    expect(sealer.mac('a').equals(stranger.mac('a'))).toBe(false)
    expect(sealer.blind('a').equals(stranger.blind('a'))).toBe(false)
    expect(sealer.blind('a').equals(sealer.blind('a'))).toBe(true)
    expect(sealer.blind('a').equals(sealer.mac('a'))).toBe(false)
  })
})

describe('the master key', () => {
  let dataDir: string

  beforeEach(async () => {
    dataDir = join(await mkdtemp(join(tmpdir(), 'smart-key-')), 'data')
  })
  afterEach(() => rm(join(dataDir, '..'), { recursive: true, force: true }))

  it('is made once, for its owner’s eyes only, and stays', async () => {
    const key = await masterKey(dataDir)
    expect(key).toHaveLength(32)
    expect(await masterKey(dataDir)).toEqual(key)
    expect((await stat(join(dataDir, 'secret.key'))).mode & 0o777).toBe(0o600)
    expect((await stat(dataDir)).mode & 0o777).toBe(0o700)
  })

  it('is one for all processes that make it at once', async () => {
    // Many folders, one after the other: each is another chance to meet.
    const folders = Array.from({ length: 30 }, (_, index) => join(dataDir, String(index)))
    const makers = [1, 2, 3, 4].map(() =>
      runChild(`
        import { masterKey } from '#core/shared/key-files.ts'
        say('ready')
        await go()
        const keys = []
        for (const folder of ${JSON.stringify(folders)}) keys.push((await masterKey(folder)).toString('hex'))
        say(keys.join(' '))
      `),
    )
    await Promise.all(makers.map((child) => child.line()))
    for (const child of makers) child.go()
    const keys = await Promise.all(makers.map((child) => child.line()))
    await Promise.all(makers.map((child) => child.exited))
    const kept = await Promise.all(folders.map((folder) => readFile(join(folder, 'secret.key'), 'hex')))
    expect(new Set(keys)).toEqual(new Set([kept.join(' ')]))
    for (const folder of folders) expect(await readdir(folder)).toEqual(['secret.key'])
  })

  it('is one also for makers with the same pid, as processes in containers have', async () => {
    const keys = await Promise.all([1, 2, 3, 4].map(() => masterKey(dataDir)))
    const kept = await readFile(join(dataDir, 'secret.key'))
    expect(keys).toEqual([kept, kept, kept, kept])
    expect(await readdir(dataDir)).toEqual(['secret.key'])
  })

  it.each([0o640, 0o604, 0o666])(
    'that others may read (%o) is shut off to them, with a sentence',
    async (mode) => {
      const key = await masterKey(dataDir)
      const path = join(dataDir, 'secret.key')
      await chmod(path, mode)
      const said: string[] = []
      await shutKeysOff(dataDir, (sentence) => said.push(sentence))
      expect(await masterKey(dataDir)).toEqual(key)
      expect((await stat(path)).mode & 0o777).toBe(0o600)
      expect(said).toEqual([expect.stringContaining(`Файл ключа ${path} был открыт другим пользователям`)])
      await shutKeysOff(dataDir, (sentence) => said.push(sentence))
      expect(said).toHaveLength(1)
    },
  )

  it.each([0, 31, 33])('of %i bytes is refused with a sentence and not replaced', async (length) => {
    await masterKey(dataDir)
    const path = join(dataDir, 'secret.key')
    await writeFile(path, Buffer.alloc(length))
    await expect(masterKey(dataDir)).rejects.toThrow(`Файл ключа ${path} повреждён`)
    expect(await readFile(path)).toHaveLength(length)
  })
})
