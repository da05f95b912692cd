import { cp, readFile, readdir, rm, truncate, writeFile } from 'node:fs/promises'
import { execFile } from 'node:child_process'
import { join, relative } from 'node:path'
import { promisify } from 'node:util'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestApp } from '../../../tests/support/app.ts'
import { createTestApp, createTestNetwork } from '../../../tests/support/app.ts'
import { newFolder, verified } from '../../../tests/support/backups.ts'
import { masterKey } from '../shared/key-files.ts'
import { createSealer } from '../shared/sealing.ts'
import { BackupFault } from './faults.ts'
import { completeFor, writeComplete } from './manifest.ts'
import { openBackup } from './source.ts'

let app: TestApp
let work: Awaited<ReturnType<typeof newFolder>>
let key: Buffer
let archive: string
let folder: string

beforeAll(async () => {
  app = await createTestApp()
  await createTestNetwork(app)
  for (const name of ['one', 'two']) await app.storage.putBytes(`books/${name}`, Buffer.alloc(700, name))
  await app.storage.putBytes('books/empty', Buffer.alloc(0))
  work = await newFolder()
  key = await masterKey(app.environment.dataDir)
  archive = (await app.backups.make('console', join(work.path, 'whole.tar'))).path
  folder = (await app.backups.make('console', join(work.path, 'folders'))).path
})
afterAll(async () => {
  await app.dispose()
  await work.remove()
})

const judged = (path: string): Promise<unknown> =>
  verified(path, key).then(
    () => 'taken for whole',
    (error: unknown) => (error instanceof BackupFault ? error.code : error),
  )

const filesOf = async (path: string) =>
  (await readdir(path, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => relative(path, join(entry.parentPath, entry.name)))

describe('a backup', () => {
  it('that nothing has happened to is whole, as a folder and as one file', async () => {
    await verified(archive, key)
    await verified(folder, key)
  })

  it('of one file is one that tar reads', async () => {
    const { stdout } = await promisify(execFile)('tar', ['-tf', archive])
    const names = stdout.trim().split('\n')
    const source = await openBackup(archive)
    await source.close()
    expect(names).toEqual([...source.lines.map(({ name }) => name), 'manifest.txt', 'complete.json'])
  })

  it('of one file with one wrong bit anywhere is known as damaged', async () => {
    const bytes = await readFile(archive)
    const path = join(work.path, 'bit.tar')
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.nat(7), async (place, bit) => {
        const wrong = Buffer.from(bytes)
        wrong[place] = (wrong[place] ?? 0) ^ (1 << bit)
        await writeFile(path, wrong)
        expect(['damaged', 'unfinished', 'other_key']).toContain(await judged(path))
      }),
      {
        numRuns: 150,
        examples: [
          [0, 0],
          [bytes.length - 1, 7],
          [bytes.length - 1024 - 100, 0],
          [bytes.length - 1100 - 512, 1],
        ],
      },
    )
  })

  it('of one file that was cut anywhere is known as unfinished', async () => {
    const bytes = await readFile(archive)
    const path = join(work.path, 'cut.tar')
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), async (length) => {
        await writeFile(path, bytes.subarray(0, length))
        expect(['unfinished', 'damaged']).toContain(await judged(path))
      }),
      { numRuns: 100, examples: [[0], [bytes.length - 1], [bytes.length - 512], [bytes.length - 1024]] },
    )
    await writeFile(path, Buffer.concat([bytes, Buffer.alloc(512)]))
    expect(await judged(path)).toBe('damaged')
  })

  it('in a folder with one wrong bit, a shorter or a missing file is known as damaged', async () => {
    const copy = join(work.path, 'copy')
    await cp(folder, copy, { recursive: true })
    const names = await filesOf(copy)
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...names),
        fc.nat(),
        fc.constantFrom('bit', 'cut', 'gone'),
        async (name, at, how) => {
          const path = join(copy, name)
          const bytes = await readFile(path)
          const place = at % Math.max(bytes.length, 1)
          if (how === 'gone') await rm(path)
          else if (bytes.length === 0) return
          else if (how === 'cut') await truncate(path, place)
          else {
            const wrong = Buffer.from(bytes)
            wrong[place] = (wrong[place] ?? 0) ^ 1
            await writeFile(path, wrong)
          }
          expect(['damaged', 'unfinished']).toContain(await judged(copy))
          await writeFile(path, bytes)
        },
      ),
      { numRuns: 60, examples: [['complete.json', 8, 'bit']] },
    )
    expect(await judged(copy)).toBe('taken for whole')
  })

  it('is named with the file that is wrong', async () => {
    const copy = join(work.path, 'named')
    await cp(folder, copy, { recursive: true })
    await writeFile(join(copy, 'files', 'books', 'two'), Buffer.alloc(700, 'three'))
    await expect(verified(copy, key)).rejects.toThrow('files/books/two')
    await rm(join(copy, 'files', 'books', 'two'))
    await expect(verified(copy, key)).rejects.toThrow('нет файла files/books/two')
  })

  it('never holds the key, nor any password that the key opens', async () => {
    expect((await readFile(archive)).includes(key)).toBe(false)
    expect((await filesOf(folder)).filter((name) => name.includes('key'))).toEqual([])
  })

  it('of another installation’s key is refused with a sentence, and so is one that somebody without the key has made up', async () => {
    await expect(verified(archive, Buffer.alloc(32, 1))).rejects.toThrow('сделана с другим ключом')
    const forged = join(work.path, 'forged')
    await cp(folder, forged, { recursive: true })
    const manifest = await readFile(join(forged, 'manifest.txt'))
    const stranger = completeFor(manifest, createSealer(Buffer.alloc(32, 1)))
    await writeFile(join(forged, 'complete.json'), writeComplete(stranger))
    await expect(verified(forged, key)).rejects.toThrow('подпись копии')
  })

  it('is asked for by its own name: a folder of several isn’t one', async () => {
    await expect(verified(join(work.path, 'folders'), key)).rejects.toThrow(folder)
    await expect(verified(work.path, key)).rejects.toThrow('нет законченной резервной копии')
    await expect(verified(join(work.path, 'nothing'), key)).rejects.toThrow('нет')
  })
})
