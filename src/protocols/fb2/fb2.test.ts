import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isBookFault } from '../book-fault.ts'
import { PNG } from '../epub/epub.fixtures.ts'
import { textOf } from '../xml/xml.ts'
import { zipBytes } from '../zip/write-zip.ts'
import { damaged } from '../zip/zip.fixtures.ts'
import { PNG_BINARY, madeFb2, type MadeFb2 } from './fb2.fixtures.ts'
import { looksZipped, readFb2, unzipFb2 } from './fb2.ts'

const read = (made: MadeFb2 = {}) => readFb2(Buffer.from(madeFb2(made)))
const fault = (code: string) => expect.objectContaining({ code })

describe('the description of an FB2', () => {
  test('is read with people in reading order', () => {
    const titleInfo = `
      <genre>sf</genre><genre>prose_classic</genre>
      <author><first-name>Михаил</first-name><middle-name>Афанасьевич</middle-name><last-name>Булгаков</last-name></author>
      <author><nickname>Кот</nickname></author><author/>
      <book-title>Мастер и
        Маргарита</book-title>
      <annotation><p>Первый <strong>абзац</strong><a l:href="#n1" type="note">[1]</a>.</p><empty-line/><p>Второй.</p></annotation>
      <date value="1966-11-01">ноябрь</date><coverpage><image l:href="#pic.png"/></coverpage>
      <lang>ru</lang>
      <translator><first-name>Анна</first-name><last-name>Р.</last-name></translator>
      <sequence name="Классика" number="7"/>`
    const furtherInfo = `<document-info><id>ID-1</id></document-info>
      <publish-info><publisher>АСТ</publisher><year>2015</year><isbn>978-5-17-090630-7</isbn></publish-info>`
    const { description, cover } = read({ titleInfo, furtherInfo, rest: PNG_BINARY })
    expect(description).toEqual({
      title: 'Мастер и Маргарита',
      subtitle: null,
      authors: [
        { name: 'Михаил Афанасьевич Булгаков', sortName: 'Булгаков, Михаил Афанасьевич' },
        { name: 'Кот', sortName: 'Кот' },
      ],
      contributors: [{ name: 'Анна Р.', sortName: 'Р., Анна', role: 'trl' }],
      language: 'ru',
      annotation: 'Первый абзац.\nВторой.',
      series: { name: 'Классика', number: 7 },
      publisher: 'АСТ',
      year: 2015,
      isbn: '9785170906307',
      identifier: 'ID-1',
      subjects: ['sf', 'prose_classic'],
    })
    expect(cover).toEqual({ bytes: PNG, mediaType: 'image/png' })
  })

  test('takes the year of the work where the edition has none', () => {
    expect(read({ titleInfo: '<date value="1966-11-01">ноябрь</date>' }).description.year).toBe(1966)
    expect(read({ titleInfo: '<date>26.10.2015</date>' }).description.year).toBe(2015)
  })

  test('may be missing altogether', () => {
    const { description, cover } = readFb2(
      Buffer.from('<FictionBook><body><p>Текст</p></body></FictionBook>'),
    )
    expect([description.title, description.authors, cover]).toEqual([null, [], null])
  })
})

describe('small faults', () => {
  test('windows-1251, also without a declaration', () => {
    const utf8 = madeFb2().replace('UTF-8', 'windows-1251')
    const bytes = Buffer.from(
      Array.from(utf8, (letter) => {
        const code = letter.charCodeAt(0)
        return code < 128 ? code : code - 0x410 + 0xc0
      }),
    )
    expect(readFb2(bytes).description.title).toBe('Книга')
    expect(readFb2(bytes.subarray(bytes.indexOf('?>') + 2)).description.title).toBe('Книга')
  })

  test('unclosed paragraphs end where the next begins', () => {
    const [body] = read({
      body: '<section><p>One<p>Two <emphasis>three<p>Four</section><section><p>Five</section>',
    }).bodies
    expect(body?.children).toHaveLength(2)
    expect(body && textOf(body)).toBe('OneTwo threeFourFive')
    const [first] = body?.children ?? []
    expect(typeof first === 'object' && first.children).toHaveLength(3)
  })

  test('one that ends in the middle is cut off, wherever that is', () => {
    const whole = madeFb2({ body: '<section><p>Первая</p><p>Вторая</p></section>', rest: PNG_BINARY })
    for (const end of ['Вторая', '</section>', '<binary', '</FictionBook>'])
      expect(() => readFb2(Buffer.from(whole.slice(0, whole.indexOf(end)))), end).toThrow(
        expect.objectContaining({ code: 'fb2.cut_off' }),
      )
    expect(readFb2(Buffer.from(`${whole}\n<!-- the end -->`)).bodies).toHaveLength(1)
  })

  test('ten thousand unclosed paragraphs are no deep document', () => {
    expect(() => read({ body: '<section>' + '<p>x'.repeat(10_000) })).not.toThrow()
  })

  test('stray & and undeclared prefixes', () => {
    const source =
      '<FictionBook><body><p>Tom & Jerry <a xlink:href="#x">x</a> &nbsp;</p></body></FictionBook>'
    expect(textOf(readFb2(Buffer.from(source)).bodies[0])).toBe('Tom & Jerry x \u00a0')
  })

  test('an unclosed body does not swallow the pictures', () => {
    expect(read({ body: '<section><p>x', rest: PNG_BINARY }).binaries.size).toBe(1)
    const open = madeFb2({ rest: PNG_BINARY }).replace('</section></body>', '')
    expect(readFb2(Buffer.from(open)).binaries.size).toBe(1)
  })
})

const outcome = (bytes: Uint8Array) => {
  try {
    return readFb2(bytes).bodies.length > 0
  } catch (error) {
    return isBookFault(error)
  }
}

describe('what is no FB2 is a fault with a code', () => {
  test('another document, none, or one without text', () => {
    expect(() => readFb2(Buffer.from('<html/>'))).toThrow(fault('fb2.not_fb2'))
    expect(() => readFb2(Buffer.from('PK\x03\x04'))).toThrow(fault('fb2.not_fb2'))
    expect(() => readFb2(Buffer.alloc(0))).toThrow(fault('fb2.not_fb2'))
    expect(() => read({ body: '<section><title><p> </p></title></section>' })).toThrow(fault('fb2.empty'))
  })

  test('a billion laughs', () => {
    const laughs = `<!DOCTYPE x [<!ENTITY a "lol"><!ENTITY b "&a;&a;">]>${madeFb2()}`
    expect(() => readFb2(Buffer.from(laughs))).toThrow(fault('xml.entities'))
  })

  test('a document that is too deep', () => {
    expect(() => read({ body: '<section>'.repeat(1_000) })).toThrow(fault('xml.too_deep'))
  })

  test('whatever happened to the bytes', () => {
    const whole = Buffer.from(madeFb2({ rest: PNG_BINARY }))
    const share = fc.double({ min: 0, max: 1, noNaN: true })
    const damage = fc.record({ at: share, bytes: fc.uint8Array({ maxLength: 12 }), keep: share })
    fc.assert(fc.property(damage, (found) => outcome(damaged(whole, found))))
    fc.assert(fc.property(fc.uint8Array(), outcome))
  })
})

describe('a zipped FB2', () => {
  const book = { name: 'книга.fb2', bytes: Buffer.from(madeFb2()) }

  test('is the one .fb2 in the archive', async () => {
    const zip = await zipBytes([{ name: 'readme.txt', bytes: Buffer.from('x') }, book])
    expect(looksZipped(zip)).toBe(true)
    expect(await unzipFb2(zip)).toEqual(book.bytes)
  })

  test('with none or two is refused', async () => {
    const none = await zipBytes([{ name: 'a.txt', bytes: Buffer.from('x') }])
    await expect(unzipFb2(none)).rejects.toEqual(fault('fb2.not_one_in_zip'))
    const two = await zipBytes([book, { ...book, name: 'b.FB2' }])
    await expect(unzipFb2(two)).rejects.toEqual(fault('fb2.not_one_in_zip'))
  })

  test('that is a bomb is refused', async () => {
    const bomb = await zipBytes([{ name: 'a.fb2', bytes: Buffer.alloc(5_000_000, 'x') }])
    await expect(unzipFb2(bomb)).rejects.toEqual(fault('zip.bomb'))
    await expect(unzipFb2(await zipBytes([book]), { maxEntryBytes: 10 })).rejects.toEqual(
      fault('zip.too_large'),
    )
  })
})
