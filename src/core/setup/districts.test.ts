import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { encodeWindows1251 } from '#protocols/sheet/text-encoding.ts'
import type { TextEncoding } from '#protocols/text/decode-text.ts'
import type { TestApp, TestNetwork } from '../../../tests/support/app.ts'
import { createTestApp, createTestNetwork } from '../../../tests/support/app.ts'
import { authorise } from '../staff/actors.ts'
import { linesOf, typedLibraries } from './setup.ts'

let app: TestApp
let network: TestNetwork
beforeEach(async () => {
  app = await createTestApp()
  network = await createTestNetwork(app)
})
afterEach(() => app.dispose())

const admin = () => authorise(network.admin, 'settings.change')
const add = (list: string) => app.setup.districts.add(admin(), list)
const names = async () => (await app.network.within('all')).map(({ code, name }) => `${code} ${name}`)

describe('a list of district libraries', () => {
  it('is added under the next codes, with what is known of each', async () => {
    const list =
      'Название;Почта\nСолигаличская; sol@library.test; 8 49436 5-10-00; пл. Ленина, 1\n\nЧухломская'
    expect(await add(list)).toEqual({ added: 2, faults: [] })
    expect(await names()).toEqual(expect.arrayContaining(['004 Солигаличская', '005 Чухломская']))
    const added = (await app.network.within('all')).find(({ code }) => code === '004')
    expect(added).toMatchObject({
      kind: 'district',
      email: 'sol@library.test',
      phone: '8 49436 5-10-00',
      address: 'пл. Ленина, 1',
    })
  })

  it('with a wrong row adds nothing, and says of every wrong row what is wrong with it', async () => {
    const before = await names()
    const list = [
      'Хорошая',
      'Вторая; не почта',
      '; only@mail.test',
      'буйская районная  библиотека',
      'хорошая',
      'Я'.repeat(201),
    ].join('\n')
    const { added, faults } = await add(list)
    expect(added).toBe(0)
    expect(faults.map(({ row, fault }) => [row, fault])).toEqual([
      [2, 'email'],
      [3, 'name_missing'],
      [4, 'known'],
      [5, 'twice'],
      [6, 'too_long'],
    ])
    expect(await names()).toEqual(before)
  })

  it('that is empty, or too long for three digits, is refused', async () => {
    await expect(add(' \n;;\n')).rejects.toMatchObject({ code: 'setup.list_empty' })
    const many = Array.from({ length: 997 }, (_, index) => `Библиотека ${index}`).join('\n')
    await expect(add(many)).rejects.toMatchObject({ code: 'network.full' })
  })

  it('that two send at once is added once: the second one’s libraries are known already', async () => {
    const both = await Promise.all([add('Одна\nДругая'), add('Одна\nДругая')])
    expect(both.map(({ added }) => added).toSorted()).toEqual([0, 2])
    expect(both.flatMap(({ faults }) => faults.map(({ fault }) => fault))).toEqual(['known', 'known'])
  })
})

describe('a table with libraries', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'smart-libraries-'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))
  const read = async (bytes: Uint8Array | string, encoding?: TextEncoding, typed = '') => {
    const path = join(folder, 'list')
    await writeFile(path, bytes)
    return app.setup.districts.readFile(admin(), path, typed, encoding)
  }

  it('becomes the lines that one could have typed, each on its own row', async () => {
    const text = await read('Название;Почта\r\n"Буйская; районная";bui@x.test\r\n\r\nГаличская')
    expect(text.split('\n')).toEqual([
      'Название; Почта',
      'Буйская, районная; bui@x.test',
      ...(text.split('\n').length === 4 ? [''] : []),
      'Галичская',
    ])
  })

  it('whose encoding nobody can tell isn’t taken under wrong names, until somebody names one', async () => {
    const bytes = encodeWindows1251('КОД;НАЗВАНИЕ\r\n01;БУЙ')
    await expect(read(bytes)).rejects.toMatchObject({
      code: 'file.encoding',
      values: { 'windows-1251': 'КОД;НАЗВАНИЕ' },
    })
    expect(await read(bytes, 'windows-1251')).toContain('БУЙ')
  })

  it('beside a list that was typed is a question: neither of the two is dropped unseen', async () => {
    await expect(read('Буйская', undefined, 'Галичская')).rejects.toMatchObject({
      code: 'setup.list_and_file',
      status: 422,
    })
    expect(await read('Буйская', undefined, ' \n')).toBe('Буйская')
  })

  it('with more rows than any table of libraries is said to be too large', async () => {
    await expect(read('Библиотека\n'.repeat(20_002))).rejects.toMatchObject({ code: 'setup.list_too_large' })
  })

  it.each([
    ['nothing', ''],
    ['a PDF', '%PDF-1.7 '],
    ['an old workbook', Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0, 0])],
    ['a torn archive', Buffer.from([0x50, 0x4b, 3, 4, 1, 2, 3])],
  ])('that is %s is refused with a sentence', async (_what, bytes) => {
    await expect(read(bytes)).rejects.toMatchObject({ code: 'setup.list_unreadable', status: 422 })
  })
})

describe('a typed line', () => {
  const notHeading = (text: string) => !/^(название|библиотека|наименование|name|library)/.test(text)

  it('is read whatever spaces, line ends and cell ends stand around', () => {
    const word = fc.stringMatching(/^[а-яё]{1,12}$/u).filter(notHeading)
    fc.assert(
      fc.property(
        fc.array(word, { maxLength: 30 }),
        fc.constantFrom('\n', '\r\n', '\n\n'),
        fc.constantFrom(' ; ', '\t'),
        (words, end, cell) => {
          const text = words.map((each) => `  ${each}${cell}${each}@x.test${cell}12 `).join(end)
          expect(typedLibraries(text).map(({ name, email, phone }) => [name, email, phone])).toEqual(
            words.map((each) => [each, `${each}@x.test`, '12']),
          )
        },
      ),
    )
  })

  it('stands under its heading, whatever the order of the columns and whatever else is in the table', () => {
    const columns = {
      name: ['Название', 'библиотека', 'Наименование учреждения'],
      email: ['Почта', 'E-mail', 'Адрес электронной почты'],
      phone: ['Телефон', 'тел.'],
      address: ['Адрес', 'Почтовый адрес'],
      other: ['№', 'Директор'],
    }
    const named = (key: keyof typeof columns) => fc.constantFrom(...columns[key])
    const heading = fc.record({
      name: named('name'),
      email: named('email'),
      phone: named('phone'),
      address: named('address'),
      other: named('other'),
    })
    const order = fc.shuffledSubarray(['name', 'email', 'phone', 'address', 'other'] as const, {
      minLength: 5,
    })
    const row = { name: 'Буйская', email: 'bui@x.test', phone: '12', address: 'Ленина, 1', other: '7' }
    const { other: _other, ...library } = row
    fc.assert(
      fc.property(heading, order, fc.constantFrom(';', '\t'), (labels, keys, end) => {
        const cells = [keys.map((key) => labels[key]), keys.map((key) => row[key])]
        const typed = cells.map((line) => line.join(end)).join('\n')
        const read = linesOf(cells.map((line, index) => ({ number: index + 1, cells: line })))
        for (const text of [typed, read]) expect(typedLibraries(text)).toEqual([{ row: 2, ...library }])
      }),
    )
  })

  it('under a heading that names some columns only has the others at their usual places, if these are free', () => {
    const [usual] = typedLibraries('Название;Почта\nБуйская;bui@x.test;12;Ленина, 1')
    expect(usual).toMatchObject({ phone: '12', address: 'Ленина, 1' })
    const [taken] = typedLibraries('Название;Директор;Телефон\nБуйская;Иванова;12')
    expect(taken).toMatchObject({ name: 'Буйская', email: '', phone: '12', address: '' })
  })

  it('out of a table’s rows is that row again, unless a cell held what ends cells', () => {
    const cell = fc.stringMatching(/^[а-яёa-z@.,]{1,10}$/u).filter(notHeading)
    fc.assert(
      fc.property(fc.array(fc.tuple(cell, cell, cell, cell), { minLength: 1, maxLength: 10 }), (rows) => {
        const text = linesOf(rows.map((cells, index) => ({ number: index + 2, cells })))
        expect(typedLibraries(text).map(({ row, name }) => [row, name])).toEqual(
          rows.map(([name], index) => [index + 2, name]),
        )
      }),
    )
  })
})
