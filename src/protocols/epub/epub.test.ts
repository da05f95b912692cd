import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isBookFault } from '../book-fault.ts'
import { zipBytes } from '../zip/write-zip.ts'
import { damaged, rawZip } from '../zip/zip.fixtures.ts'
import { readEpub } from './epub.ts'
import { CONTAINER, PNG, madeEpub, opfOf, page, type MadeEpub } from './epub.fixtures.ts'

const read = async (made: MadeEpub = {}) => readEpub(await madeEpub(made))

describe('the description of an EPUB 3', () => {
  test('is read with its refinements', async () => {
    const metadata = `
      <dc:identifier id="id">urn:uuid:1</dc:identifier>
      <dc:identifier>urn:isbn:978-5-17-090630-7</dc:identifier>
      <dc:title id="t2">A subtitle</dc:title><meta refines="#t2" property="title-type">subtitle</meta>
      <dc:title id="t1">  Белая
        гвардия </dc:title><meta refines="#t1" property="title-type">main</meta>
      <dc:creator id="a">Михаил Булгаков</dc:creator>
      <meta refines="#a" property="role" scheme="marc:relators">aut</meta>
      <meta refines="#a" property="file-as">Булгаков, Михаил</meta>
      <dc:creator>Second Author</dc:creator>
      <dc:creator id="i">Painter</dc:creator><meta refines="#i" property="role">ill</meta>
      <dc:contributor id="t">Translator</dc:contributor><meta refines="#t" property="role">trl</meta>
      <dc:language>ru</dc:language><dc:publisher>АСТ</dc:publisher><dc:date>2015-03-01</dc:date>
      <dc:description>&lt;p&gt;Киев, &lt;b&gt;1918&lt;/b&gt;.&lt;/p&gt;&lt;p&gt;Снег.&lt;/p&gt;</dc:description>
      <dc:subject>Роман</dc:subject><dc:subject>Роман</dc:subject><dc:subject> </dc:subject>
      <meta property="belongs-to-collection" id="s">Всё</meta>
      <meta refines="#s" property="collection-type">series</meta>
      <meta refines="#s" property="group-position">2.5</meta>`
    expect(await read({ metadata })).toMatchObject({
      title: 'Белая гвардия',
      subtitle: 'A subtitle',
      authors: [
        { name: 'Михаил Булгаков', sortName: 'Булгаков, Михаил' },
        { name: 'Second Author', sortName: null },
      ],
      contributors: [
        { name: 'Painter', sortName: null, role: 'ill' },
        { name: 'Translator', sortName: null, role: 'trl' },
      ],
      language: 'ru',
      annotation: 'Киев, 1918.\nСнег.',
      series: { name: 'Всё', number: 2.5 },
      publisher: 'АСТ',
      year: 2015,
      isbn: '9785170906307',
      identifier: 'urn:uuid:1',
      subjects: ['Роман'],
      version: '3.0',
    })
  })

  test('knows the layout, the direction and the way through the book', async () => {
    const described = await read({
      metadata: '<meta property="rendition:layout">pre-paginated</meta>',
      manifest: '<item id="n" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>',
      spine:
        '<spine page-progression-direction="rtl"><itemref idref="c1"/><itemref idref="c2" linear="no"/></spine>',
      files: { 'OPS/nav.xhtml': page('<nav/>') },
    })
    expect(described).toMatchObject({
      title: null,
      layout: 'fixed',
      direction: 'rtl',
      tableOfContents: 'OPS/nav.xhtml',
      spine: [
        { name: 'OPS/text/one.xhtml', linear: true },
        { name: 'OPS/text/two more.xhtml', linear: false },
      ],
    })
    expect(await read()).toMatchObject({ layout: 'reflowable', direction: 'ltr', tableOfContents: null })
  })

  test('lists what the manifest names and the archive lacks', async () => {
    const manifest =
      '<item id="x" href="gone.css" media-type="text/css"/><item id="y" href="http://x/y.css"/>'
    expect((await read({ manifest })).missing).toEqual(['OPS/gone.css'])
  })
})

describe('the description of an EPUB 2', () => {
  test('is read with opf: attributes and calibre’s series', async () => {
    const metadata = `
      <dc:title>T</dc:title>
      <dc:creator opf:role="aut" opf:file-as="Verne, Jules">Jules Verne</dc:creator>
      <dc:creator opf:role="edt">Ed</dc:creator>
      <dc:identifier id="id" opf:scheme="ISBN">5-17-090630-1</dc:identifier>
      <dc:identifier opf:scheme="ISBN">0-306-40615-2</dc:identifier>
      <dc:date opf:event="modification">2021</dc:date><dc:date opf:event="publication">1870</dc:date>
      <meta name="calibre:series" content="Voyages"/><meta name="calibre:series_index" content="6.0"/>`
    const manifest = '<item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/>'
    const spine = '<spine toc="ncx"><itemref idref="c1"/></spine>'
    const files = { 'OPS/toc.ncx': '<ncx/>' }
    expect(await read({ version: '2.0', metadata, manifest, spine, files })).toMatchObject({
      authors: [{ name: 'Jules Verne', sortName: 'Verne, Jules' }],
      contributors: [{ name: 'Ed', role: 'edt' }],
      isbn: '0306406152',
      year: 1870,
      series: { name: 'Voyages', number: 6 },
      tableOfContents: 'OPS/toc.ncx',
    })
  })
})

describe('the cover', () => {
  test.each<[string, MadeEpub]>([
    [
      'is the one with the property cover-image',
      { manifest: '<item id="z" href="pic.png" media-type="image/png" properties="cover-image"/>' },
    ],
    ['is what the older meta names', { metadata: '<meta name="cover" content="pic"/>' }],
    ['is what the older meta names by file', { metadata: '<meta name="cover" content="pic.png"/>' }],
    [
      'is the picture on the page that the guide calls cover',
      {
        guide: '<guide><reference type="cover" href="text/one.xhtml"/></guide>',
        files: { 'OPS/text/one.xhtml': page('<svg><image xlink:href="../pic.png"/></svg>') },
      },
    ],
    [
      'is at last an image called cover',
      { manifest: '<item id="my-cover" href="pic.png" media-type="image/png"/>' },
    ],
  ])('%s', async (_rule, made) => {
    expect((await read(made)).cover).toEqual({ bytes: PNG, mediaType: 'image/png' })
  })

  test('is none where nothing is a picture', async () => {
    expect((await read()).cover).toBeNull()
    const text = { metadata: '<meta name="cover" content="pic"/>', files: { 'OPS/pic.png': 'no picture' } }
    expect((await read(text)).cover).toBeNull()
  })
})

const fault = (code: string) => expect.objectContaining({ code })

const without = async (name: string) => {
  const all = {
    'META-INF/container.xml': CONTAINER,
    'OPS/book.opf': opfOf({}),
    'OPS/text/one.xhtml': page(''),
  }
  const left = Object.entries(all).filter(([key]) => key !== name)
  return zipBytes(left.map(([key, content]) => ({ name: key, bytes: Buffer.from(content) })))
}

const encryption = (algorithm: string) =>
  '<encryption><enc:EncryptedData xmlns:enc="http://www.w3.org/2001/04/xmlenc#">' +
  `<enc:EncryptionMethod Algorithm="${algorithm}"/></enc:EncryptedData></encryption>`

const outcome = (book: Uint8Array) =>
  readEpub(book).then(
    ({ spine }) => spine.length > 0,
    (error: unknown) => isBookFault(error),
  )

describe('a bad EPUB is a fault with a code', () => {
  test('no zip, no container, no package, no text', async () => {
    await expect(readEpub(Buffer.from('%PDF-1.7'))).rejects.toEqual(fault('epub.not_zip'))
    await expect(readEpub(await without('META-INF/container.xml'))).rejects.toEqual(
      fault('epub.no_container'),
    )
    await expect(readEpub(await without('OPS/book.opf'))).rejects.toEqual(fault('epub.no_opf'))
    await expect(readEpub(await without('OPS/text/one.xhtml'))).rejects.toEqual(fault('epub.empty_spine'))
    await expect(read({ spine: '<spine/>' })).rejects.toEqual(fault('epub.empty_spine'))
    await expect(read({ files: { 'OPS/book.opf': '<html/>' } })).rejects.toEqual(fault('epub.no_opf'))
  })

  test('a truncated file', async () => {
    const whole = await madeEpub()
    await expect(readEpub(whole.subarray(0, whole.length - 50))).rejects.toEqual(fault('epub.not_zip'))
  })

  test('one under DRM; obfuscated fonts alone are none', async () => {
    const aes = encryption('http://www.w3.org/2001/04/xmlenc#aes128-cbc')
    const fonts = encryption('http://www.idpf.org/2008/embedding')
    await expect(read({ files: { 'META-INF/encryption.xml': aes } })).rejects.toEqual(fault('epub.encrypted'))
    await expect(read({ files: { 'META-INF/rights.xml': '<rights/>' } })).rejects.toEqual(
      fault('epub.encrypted'),
    )
    await expect(read({ files: { 'META-INF/encryption.xml': fonts } })).resolves.toMatchObject({
      title: 'Book',
    })
    await expect(readEpub(rawZip([{ name: 'mimetype', flags: 1 }]))).rejects.toEqual(fault('zip.encrypted'))
  })

  test('a billion laughs in the package', async () => {
    const opf = `<!DOCTYPE package [<!ENTITY a "lol"><!ENTITY b "&a;&a;">]>${opfOf({}).replace(/^<\?.*?\?>/, '')}`
    await expect(read({ files: { 'OPS/book.opf': opf } })).rejects.toEqual(fault('xml.entities'))
  })

  test('a bomb among its texts', async () => {
    await expect(read({ files: { 'OPS/text/one.xhtml': ' '.repeat(5_000_000) } })).rejects.toEqual(
      fault('zip.bomb'),
    )
  })

  test('a reference out of the archive reaches nothing', async () => {
    const manifest = '<item id="x" href="../../../etc/passwd" media-type="text/css"/>'
    expect((await read({ manifest })).resources.map(({ name }) => name)).toEqual([
      'OPS/text/one.xhtml',
      'OPS/text/two more.xhtml',
      'OPS/pic.png',
    ])
  })

  test('whatever happened to the bytes, of the zip or of the package', async () => {
    const whole = await madeEpub()
    const opf = Buffer.from(opfOf({ metadata: '<dc:title>T</dc:title><meta name="cover" content="pic"/>' }))
    const share = fc.double({ min: 0, max: 1, noNaN: true })
    const damage = fc.record({
      at: share,
      bytes: fc.uint8Array({ maxLength: 12 }),
      keep: fc.oneof(fc.constant(1), share),
    })
    await fc.assert(
      fc.asyncProperty(damage, fc.boolean(), async (found, inZip) => {
        const book = inZip
          ? damaged(whole, found)
          : await madeEpub({ files: { 'OPS/book.opf': damaged(opf, found) } })
        expect(await outcome(book)).toBe(true)
      }),
      { numRuns: 400 },
    )
    await fc.assert(
      fc.asyncProperty(fc.uint8Array(), async (bytes) => {
        expect(await outcome(bytes)).toBe(true)
      }),
    )
  })
})
