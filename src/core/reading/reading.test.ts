import { buffer } from 'node:stream/consumers'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { TestApp, TestNetwork } from '../../../tests/support/app.ts'
import { createTestApp, createTestNetwork, testStart } from '../../../tests/support/app.ts'
import { addBook, addReader } from '../../../tests/support/people-and-books.ts'
import { page } from '#protocols/epub/epub.fixtures.ts'
import type { ReaderActor } from '../staff/actors.ts'

const long = page(`<p>${'Долгий зимний вечер. '.repeat(400)}</p>`).replace(
  '</head>',
  '<link href="../look.css" rel="stylesheet"/><link href="../night.css" rel="alternate stylesheet"/>' +
    '<link href="https://elsewhere.test/x.css" rel="stylesheet"/></head>',
)

let app: TestApp
let network: TestNetwork
let reader: ReaderActor
let publication: string
let loan: string

beforeAll(async () => {
  app = await createTestApp()
  network = await createTestNetwork(app)
})
afterAll(() => app.dispose())

let serial = 0
beforeEach(async () => {
  app.setTime(testStart)
  serial += 1
  reader = await addReader(app, network.bui)
  publication = await addBook(app, {
    metadata: `<dc:title xmlns:dc="http://purl.org/dc/elements/1.1/">Book ${serial}</dc:title>`,
    manifest:
      '<item id="js" href="evil.js" media-type="text/plain"/><item id="css" href="look.css" media-type="text/css"/>' +
      '<item id="night" href="night.css" media-type="text/css"/>' +
      '<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>',
    files: {
      'OPS/text/one.xhtml': long,
      'OPS/evil.js': 'alert(1)',
      'OPS/look.css': 'p{}',
      'OPS/night.css': 'p{}',
      'OPS/nav.xhtml': page(
        '<nav xmlns:epub="http://www.idpf.org/2007/ops" epub:type="toc"><ol><li><a href="text/one.xhtml">Раз</a>' +
          '<ol><li><a href="text/one.xhtml#a%20b">Внутри</a></li></ol></li><li><span>Никуда</span></li></ol></nav>',
      ),
    },
  })
  loan = (await app.circulation.borrow(reader, publication)).id
})

const resource = (name: string, gzip = true, actor = reader) => app.reading.resource(actor, loan, name, gzip)
const notLent = { code: 'circulation.not_lent', status: 403 }

describe('the text of a lent book', () => {
  it('is sent as it lies in the file, with a gzip frame around it', async () => {
    const { encoding, length, body } = await resource('OPS/text/one.xhtml')
    const sent = await buffer(body())
    expect(encoding).toBe('gzip')
    expect(sent.length).toBe(length)
    expect(sent.length).toBeLessThan(long.length / 10)
    expect(gunzipSync(sent).toString()).toBe(long)
  })

  it('is inflated for a receiver without gzip', async () => {
    const { encoding, length, body } = await resource('OPS/text/one.xhtml', false)
    const sent = await buffer(body())
    expect(encoding).toBeUndefined()
    expect(sent.length).toBe(length)
    expect(sent.toString()).toBe(long)
  })

  it('is plain text for a browser that opens it by its own address, and no file is ever a script', async () => {
    expect((await resource('OPS/text/one.xhtml')).mediaType).toBe('text/plain; charset=utf-8')
    expect((await resource('OPS/look.css')).mediaType).toBe('text/plain; charset=utf-8')
    expect((await resource('OPS/evil.js')).mediaType).toBe('application/octet-stream')
    expect((await resource('OPS/pic.png')).mediaType).toBe('image/png')
  })

  it('begins at the first text of the reading order, and later where the reader stopped', async () => {
    const first = await app.reading.open(reader, loan)
    expect(first.package.first).toBe('OPS/text/one.xhtml')
    expect(first.package.sections[0]?.size).toBe(Buffer.byteLength(long))
    expect(first.package.styles).toEqual(['OPS/look.css'])
    expect(first.package.contents).toEqual([
      { label: 'Раз', depth: 0, name: 'OPS/text/one.xhtml', fragment: '' },
      { label: 'Внутри', depth: 1, name: 'OPS/text/one.xhtml', fragment: 'a b' },
      { label: 'Никуда', depth: 0, name: null, fragment: '' },
    ])
    await app.reading.savePosition(reader, loan, { locator: 'epubcfi(/6/4!/4)', fraction: 0.9, revision: 0 })
    const again = await app.reading.open(reader, loan)
    expect(again.package.first).toBe('OPS/text/two more.xhtml')
    expect(again.position).toEqual({ locator: 'epubcfi(/6/4!/4)', fraction: 0.9, revision: 1 })
  })

  it('is open for as long as the server’s clock says, whatever a device thinks', async () => {
    app.setTime('2026-12-08T20:59:58.999Z')
    expect((await app.reading.open(reader, loan)).openFor).toBe(1000)
  })

  it('is nothing but what the book holds, whatever name is asked for', async () => {
    const names = [
      '',
      '../secret.key',
      '/etc/passwd',
      'OPS/../../../etc/passwd',
      'OPS',
      'OPS/none.xhtml',
      '..',
    ]
    for (const name of names) await expect(resource(name)).rejects.toMatchObject({ status: 404 })
    await fc.assert(
      fc.asyncProperty(fc.string({ maxLength: 60 }), async (name) => {
        await expect(resource(`../${name}`)).rejects.toMatchObject({ status: 404 })
      }),
      { numRuns: 30 },
    )
  })
})

describe('a book that is not lent', () => {
  const everyDoor = (actor: ReaderActor) => [
    () => app.reading.open(actor, loan),
    () => resource('OPS/text/one.xhtml', true, actor),
    () => resource('OPS/pic.png', true, actor),
    () => app.reading.position(actor, loan),
    () => app.reading.savePosition(actor, loan, { locator: 'epubcfi(/6/2!/4)', fraction: 0.1, revision: 0 }),
  ]

  it('is closed to every other reader', async () => {
    const other = await addReader(app, network.bui)
    for (const door of everyDoor(other)) await expect(door()).rejects.toMatchObject(notLent)
  })

  it('is closed as soon as it is given back', async () => {
    await app.circulation.giveBack(reader, loan)
    for (const door of everyDoor(reader)) await expect(door()).rejects.toMatchObject(notLent)
  })

  it('is open up to its due moment and closed from it on, without any job having run', async () => {
    app.setTime('2026-12-08T20:59:59.998Z')
    for (const door of everyDoor(reader)) await expect(door()).resolves.not.toThrow()
    app.setTime('2026-12-08T20:59:59.999Z')
    for (const door of everyDoor(reader)) await expect(door()).rejects.toMatchObject(notLent)
  })

  it('is closed to a reader who is found to be too young for it', async () => {
    await app.db.updateTable('publications').set({ age_mark: 18 }).where('id', '=', publication).execute()
    const child = { ...reader, birthDate: '2015-01-01' }
    for (const door of everyDoor(child)) await expect(door()).rejects.toMatchObject(notLent)
  })
})

describe('the place where a reader stopped', () => {
  const place = (revision: number, fraction = 0.5) => ({ locator: 'epubcfi(/6/2!/4/2)', fraction, revision })

  it('is found again with another loan of the same book', async () => {
    await app.reading.savePosition(reader, loan, place(0))
    await app.circulation.giveBack(reader, loan)
    const next = await app.circulation.borrow(reader, publication)
    expect((await app.reading.open(reader, next.id)).position).toEqual(place(1))
  })

  it('is not overwritten by a device that has not seen the newest one', async () => {
    await app.reading.savePosition(reader, loan, place(0, 0.1))
    await app.reading.savePosition(reader, loan, place(1, 0.8))
    const stale = app.reading.savePosition(reader, loan, place(1, 0.2))
    await expect(stale).rejects.toMatchObject({ code: 'reading.position_behind', status: 409 })
    const begun = app.reading.savePosition(reader, loan, place(0, 0))
    await expect(begun).rejects.toMatchObject({ code: 'reading.position_behind' })
    expect(await app.reading.position(reader, loan)).toEqual(place(2, 0.8))
  })

  it('is saved by exactly one of two devices that save at the same moment', async () => {
    for (const revision of [0, 1, 2]) {
      const outcomes = await Promise.allSettled(
        Array.from({ length: 8 }, (_, index) =>
          app.reading.savePosition(reader, loan, place(revision, index / 10)),
        ),
      )
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    }
    expect((await app.reading.position(reader, loan))?.revision).toBe(3)
  })
})
