import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { madeEpub } from '../../protocols/epub/epub.fixtures.ts'
import { madeFb2 } from '../../protocols/fb2/fb2.fixtures.ts'
import type { TestApp } from '../../../tests/support/app.ts'
import { createTestApp } from '../../../tests/support/app.ts'
import type { Storage } from '../shared/storage.ts'
import { consoleActor } from '../staff/actors.ts'
import { searchPublications } from './catalogue.queries.ts'
import { createBookImport } from './import.ts'

let app: TestApp
let folder: string

beforeAll(async () => {
  app = await createTestApp()
  folder = await mkdtemp(join(tmpdir(), 'smart-import-test-'))
})
afterAll(async () => {
  await app.dispose()
  await rm(folder, { recursive: true, force: true })
})

it('a book on a full disk is an outcome with a sentence, and nothing is in the fund; with space it goes in', async () => {
  const path = join(folder, 'book.epub')
  await writeFile(path, await madeEpub({}))
  // The kernel's own full disk.
  const full = () => writeFile('/dev/full', 'x')
  const storage: Storage = { ...app.storage, put: full, putBytes: full }
  const take = (into: Storage) =>
    createBookImport({ ...app, storage: into }).importFile(consoleActor(), path, 'book.epub', {
      ageMark: 12,
      licence: null,
    })
  expect(await take(storage)).toEqual({ kind: 'fault', code: 'import.disk_full' })
  expect(await app.db.selectFrom('publications').select('id').execute()).toEqual([])
  expect(await readdir(folder)).toEqual(['book.epub'])
  expect(await take(app.storage)).toMatchObject({ kind: 'added' })
})

it('a book is found by a title that was copied with signs that nobody sees, ё or е', async () => {
  const path = join(folder, 'found.fb2')
  await writeFile(path, madeFb2({ titleInfo: '<book-title>Зелё\u00adная тропа</book-title>' }))
  const terms = { ageMark: 0, licence: { kind: 'open' } } as const
  await createBookImport(app).importFile(consoleActor(), path, 'found.fb2', terms)
  for (const query of ['зеленая тропа', '\u202eЗелёная\u200b', 'зе\u00adлё\u00adную\ufeff']) {
    const found = await searchPublications(app.db, 18, query)
    expect(found, query).toHaveLength(1)
  }
})
