import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, sep } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Storage } from './storage.ts'
import { createFileStorage } from './storage.ts'

let outer: string
let folder: string
let storage: Storage

beforeEach(async () => {
  outer = await mkdtemp(join(tmpdir(), 'smart-storage-'))
  folder = join(outer, 'files')
  storage = createFileStorage(folder)
})
afterEach(() => rm(outer, { recursive: true, force: true }))

const everything = async () =>
  (await readdir(outer, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))

describe('the file storage', () => {
  it('gives back what was put, by bytes or from a file', async () => {
    const source = join(outer, 'source')
    await writeFile(source, 'книга')
    await storage.put('books/ab/ab12.epub', source)
    await storage.putBytes('covers/ab/ab12.jpg', Buffer.from('обложка'))
    expect(await readFile(await storage.localPath('books/ab/ab12.epub'), 'utf8')).toBe('книга')
    expect(await readFile(await storage.localPath('covers/ab/ab12.jpg'), 'utf8')).toBe('обложка')
    expect(await readFile(source, 'utf8')).toBe('книга')
  })

  it('never leaves its folder, whatever the key', async () => {
    const step = fc.constantFrom('..', '.', '', 'books', 'a', '...', '..a')
    const key = fc.array(step, { minLength: 1, maxLength: 6 }).map((steps) => steps.join('/'))
    await fc.assert(
      fc.asyncProperty(key, async (key) => {
        await storage.putBytes(key, Buffer.of(1)).catch(() => {})
        expect((await everything()).filter((path) => !path.startsWith(folder + sep))).toEqual([])
        const found = await storage.localPath(key).catch(() => undefined)
        expect(
          found === undefined ||
            found === folder ||
            found.startsWith(folder + sep) ||
            found === `${folder}${sep}`,
        ).toBe(true)
        await rm(folder, { recursive: true, force: true })
      }),
    )
  })

  it.each(['../outside', 'books/../../outside', '/etc/passwd', '..'])('refuses the key %s', async (key) => {
    await writeFile(join(outer, 'outside'), 'kept')
    await expect(storage.putBytes(key, Buffer.of(1))).rejects.toThrow('outside the storage')
    await expect(storage.localPath(key)).rejects.toThrow('outside the storage')
    await expect((async () => storage.remove(key))()).rejects.toThrow('outside the storage')
    expect(await readFile(join(outer, 'outside'), 'utf8')).toBe('kept')
  })

  it('shows a whole file or none while it is put: a reader never sees a part', async () => {
    const versions = [1, 2].map((byte) => Buffer.alloc(3_000_000, byte))
    const writer = { done: false }
    const write = async () => {
      for (let round = 0; round < 10; round += 1)
        for (const bytes of versions) await storage.putBytes('books/one', bytes)
    }
    const writes = write().finally(() => {
      writer.done = true
    })
    let seen = 0
    while (!writer.done) {
      const bytes = await storage.localPath('books/one').then(
        (path) => readFile(path),
        () => undefined,
      )
      if (!bytes) continue
      seen += 1
      expect(versions.some((version) => version.equals(bytes))).toBe(true)
    }
    await writes
    expect(seen).toBeGreaterThan(0)
  })

  it('leaves nothing behind when putting fails, and what was there stays', async () => {
    await storage.putBytes('books/one', Buffer.from('kept'))
    await expect(storage.put('books/one', join(outer, 'missing'))).rejects.toThrow('ENOENT')
    expect(await everything()).toEqual([join(folder, 'books', 'one')])
    expect(await readFile(await storage.localPath('books/one'), 'utf8')).toBe('kept')
  })

  it('has nothing under a key that was removed, and removing it again does no harm', async () => {
    await storage.putBytes('books/one', Buffer.of(1))
    await storage.remove('books/one')
    await storage.remove('books/one')
    await expect(storage.localPath('books/one')).rejects.toThrow('ENOENT')
  })

  it('says whether it can be written to', async () => {
    await storage.check()
    expect(await everything()).toEqual([])
    await mkdir(join(outer, 'other'))
    await writeFile(join(outer, 'other', 'file'), '')
    await expect(createFileStorage(join(outer, 'other', 'file')).check()).rejects.toThrow()
  })
})
