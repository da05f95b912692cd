import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isBookFault } from '../book-fault.ts'
import { decodeXml } from './decode.ts'
import { textOfHtml } from './html-text.ts'
import { serialise, serialiseDocument } from './serialise.ts'
import { wellFormedFault } from './well-formed.fixtures.ts'
import {
  attribute,
  child,
  childElements,
  descendantsNamed,
  element,
  parseXml,
  textOf,
  type XmlNode,
} from './xml.ts'

describe('reading XML', () => {
  test('finds elements and attributes by local name, whatever the prefix', () => {
    const root = parseXml('<a><l:b l:href="#x" id="1">text</l:b><b xlink:href="#y"/></a>')
    expect(childElements(root, 'b').map((found) => attribute(found, 'href'))).toEqual(['#x', '#y'])
    expect(attribute(child(root, 'b'), 'id')).toBe('1')
    expect(textOf(root)).toBe('text')
  })

  test('puts up with unclosed and stray tags, stray & and <', () => {
    const root = parseXml('<a><b>one & two</i><c>1 < 2 &amp;nbsp; &mdash; &unknown;</b>after</a>')
    expect(textOf(child(root, 'b'))).toBe('one & two1 < 2 &nbsp; — &unknown;')
    expect(root.children.at(-1)).toBe('after')
  })

  test('keeps CDATA as text and drops comments and instructions', () => {
    expect(textOf(parseXml('<?x y?><a>1<!-- <b/> --><![CDATA[<&]]>2</a><!-- end -->'))).toBe('1<&2')
  })

  test('takes line ends as one character', () => {
    expect(textOf(parseXml('<a>1\r\n2\r3</a>'))).toBe('1\n2\n3')
  })

  test('refuses a document that declares entities, wherever it hides them', () => {
    const laughs = '<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;&lol;">'
    for (const hostile of [
      `<!DOCTYPE a [${laughs}]><a>&lol2;</a>`,
      `<!DOCTYPE a [ <!ELEMENT a ANY> ${laughs}]><a/>`,
      `<!DOCTYPE a SYSTEM "x>y" [${laughs}]><a/>`,
      '<!DOCTYPE a [<!ENTITY % x SYSTEM "file:///etc/passwd"> %x;]><a/>',
    ]) {
      expect(() => parseXml(hostile)).toThrow(expect.objectContaining({ code: 'xml.entities' }))
    }
    expect(textOf(parseXml('<!DOCTYPE a PUBLIC "-//x" "y.dtd"><a>&lol;</a>'))).toBe('&lol;')
  })

  test('refuses what is too deep, too large or no XML', () => {
    expect(() => parseXml('<a>'.repeat(300))).toThrow(expect.objectContaining({ code: 'xml.too_deep' }))
    const small = { limits: { maxLength: 100, maxElements: 5 } }
    expect(() => parseXml(`<a>${'x'.repeat(100)}</a>`, small)).toThrow(
      expect.objectContaining({ code: 'xml.too_large' }),
    )
    expect(() => parseXml(`<a>${'<b/>'.repeat(5)}</a>`, small)).toThrow(
      expect.objectContaining({ code: 'xml.too_large' }),
    )
    expect(() => parseXml('no tags')).toThrow(expect.objectContaining({ code: 'xml.not_xml' }))
  })

  test('throws nothing but faults, for any bytes', () => {
    const pieces = fc.constantFrom(
      '<',
      '>',
      '&',
      '&#',
      ';',
      '<!',
      '[',
      ']]>',
      '<?',
      '"',
      "'",
      '=',
      '/',
      'a',
      ' ',
    )
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          fc.array(pieces).map((all) => all.join('')),
        ),
        (source) => {
          try {
            parseXml(source)
          } catch (error) {
            expect(isBookFault(error)).toBe(true)
          }
        },
      ),
      { numRuns: 1_000 },
    )
  })
})

describe('the encoding of a document', () => {
  const text = 'Привет, мир'
  const windows1251 = Buffer.from([...text].map((letter) => windows1251Byte(letter)))

  test('is what it declares: windows-1251', () => {
    const declared = Buffer.concat([
      Buffer.from('<?xml version="1.0" encoding="windows-1251"?><a>'),
      windows1251,
    ])
    expect(textOf(parseXml(declared))).toBe(text)
  })

  test('is UTF-8 without a word, or what the byte order mark says', () => {
    expect(decodeXml(Buffer.from(`<a>${text}`))).toBe(`<a>${text}`)
    expect(decodeXml(Buffer.from(`\ufeff<a>${text}`))).toBe(`<a>${text}`)
    expect(decodeXml(Buffer.from(`\ufeff<a>${text}`, 'utf16le'))).toBe(`<a>${text}`)
    expect(decodeXml(Buffer.from(`\ufeff<a>${text}`, 'utf16le').swap16())).toBe(`<a>${text}`)
    expect(decodeXml(Buffer.from(`<a>${text}`, 'utf16le'))).toBe(`<a>${text}`)
  })

  test('is not what it declares when the bytes say otherwise', () => {
    const head1251 = '<?xml version="1.0" encoding="windows-1251"?>'
    expect(decodeXml(Buffer.from(head1251 + text))).toBe(head1251 + text)
    const utf8 = Buffer.concat([Buffer.from('<?xml version="1.0" encoding="UTF-8"?>'), windows1251])
    expect(decodeXml(utf8)).toContain(text)
    const unknown = Buffer.concat([Buffer.from('<?xml version="1.0" encoding="x-nonsense"?>'), windows1251])
    expect(decodeXml(unknown)).toContain(text)
  })

  test('costs one letter, not the text, when one byte is broken', () => {
    const broken = Buffer.concat([Buffer.from(text.repeat(50)), Buffer.from([0xff]), Buffer.from(text)])
    expect(decodeXml(broken)).toBe(`${text.repeat(50)}\ufffd${text}`)
  })
})

function windows1251Byte(letter: string): number {
  const code = letter.charCodeAt(0)
  return code < 128 ? code : code - 0x410 + 0xc0
}

const clean = (all: string) => all.toWellFormed().replaceAll(/[^\P{Cc}\t\n\r]|[\ufffe\uffff]/gu, '')

describe('writing XML', () => {
  const special = fc.constantFrom('<', '>', '&', '"', "'", ']]>', '&lt;', '\n', '\0', '\ud800', 'x', ' ')
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(special).map((all) => all.join('')),
  )
  const tree: fc.Arbitrary<XmlNode> = fc.letrec<{ node: XmlNode }>((tie) => ({
    node: fc.oneof(
      text,
      fc
        .tuple(fc.constantFrom('p', 'br', 'x:y'), text, fc.array(tie('node'), { maxLength: 4 }))
        .map(([name, value, children]) => element(name, { title: value }, children)),
    ),
  })).node

  test('is well-formed for any text, and read back the same text', () => {
    fc.assert(
      fc.property(tree, (node) => {
        const written = serialiseDocument(element('root', {}, [node]))
        expect(wellFormedFault(written)).toBeNull()
        expect(textOf(parseXml(written)).trim()).toBe(clean(textOf(node)).trim())
      }),
    )
  })

  test('keeps end tags of all but void elements, so that HTML parsers agree', () => {
    expect(serialise(element('div', { class: undefined }, [element('br'), element('p')]))).toBe(
      '<div><br/><p></p></div>',
    )
  })

  test('finds descendants in document order', () => {
    const root = parseXml('<a><b id="1"><b id="2"/></b><b id="3"/></a>')
    expect(descendantsNamed(root, 'b').map((found) => attribute(found, 'id'))).toEqual(['1', '2', '3'])
  })
})

describe('the text of HTML', () => {
  test('has its blocks on lines and neither markup nor script', () => {
    expect(textOfHtml('<p>One &amp; <b>two</b></p><script>alert(1)</script><p>three').trim()).toMatch(
      /^One & two\n+three$/,
    )
    expect(textOfHtml('plain 1 < 2')).toBe('plain 1 < 2')
  })
})
