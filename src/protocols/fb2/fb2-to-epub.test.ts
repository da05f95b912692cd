import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readEpub } from '../epub/epub.ts'
import { escapeText } from '../xml/serialise.ts'
import { zipBytes, type ZipInput } from '../zip/write-zip.ts'
import { breach, convert } from './converted.fixtures.ts'
import { fb2ToEpub } from './fb2-to-epub.ts'
import { PNG_BINARY, madeFb2, type MadeFb2 } from './fb2.fixtures.ts'
import { readFb2 } from './fb2.ts'

const source = (entries: readonly ZipInput[], name: string) => {
  const found = entries.find((entry) => entry.name.endsWith(name))
  if (!found) throw new Error(`no ${name} in ${entries.map((entry) => entry.name).join(', ')}`)
  return Buffer.from(found.bytes).toString()
}
const bodyOf = (entries: readonly ZipInput[], name: string) =>
  source(entries, name).replace(/^[^]*<body>|<\/body>[^]*$/g, '')
const chapter = (made: MadeFb2) => bodyOf(convert(made), 'chapter-002.xhtml')

const call = (id: string, note: string, text: string) =>
  `<a id="${id}" epub:type="noteref" role="doc-noteref" href="notes-001.xhtml#${note}">${text}</a>`

const back = (id: string, file: string) =>
  `<a epub:type="backlink" role="doc-backlink" href="${file}.xhtml#${id}">↩</a>`

describe('a converted book', () => {
  test('is an EPUB 3 with the same words about itself, notes beside the reading order', async () => {
    const titleInfo = `<genre>sf</genre><author><first-name>А</first-name><last-name>Б</last-name></author>
      <book-title>Три &amp; четыре</book-title><annotation><p>О книге</p></annotation><lang>ru-RU</lang>
      <sequence name="С" number="2"/><coverpage><image l:href="#pic.png"/></coverpage>`
    const rest = `<body name="notes"><section id="n1"><p>Note</p></section></body>${PNG_BINARY}`
    const entries = convert({ titleInfo, rest })
    const epub = await readEpub(await zipBytes(entries))
    expect(epub).toMatchObject({
      version: '3.0',
      title: 'Три & четыре',
      authors: [{ name: 'А Б', sortName: 'Б, А' }],
      annotation: 'О книге',
      language: 'ru-RU',
      series: { name: 'С', number: 2 },
      subjects: ['sf'],
      cover: { mediaType: 'image/png' },
      tableOfContents: 'OPS/nav.xhtml',
      missing: [],
    })
    expect(epub.spine.map(({ name, linear }) => [name.replace('OPS/text/', ''), linear])).toEqual([
      ['cover.xhtml', true],
      ['chapter-001.xhtml', true],
      ['chapter-002.xhtml', true],
      ['notes-001.xhtml', false],
    ])
    expect(entries[0]).toMatchObject({ name: 'mimetype', stored: true })
    expect(breach(entries)).toBeNull()
  })

  test('has the same bytes for the same book', async () => {
    expect(await zipBytes(convert())).toEqual(await zipBytes(convert()))
  })

  test('begins with a title page of its own where the text has none', () => {
    const titleInfo = '<book-title>К</book-title><author><nickname>А</nickname></author>'
    expect(bodyOf(convert({ titleInfo }), 'chapter-001.xhtml')).toContain('<p>А</p><h1 class="title">К</h1>')
    const body = '<title><p>Own</p></title><epigraph><p>E</p></epigraph><section><p>x</p></section>'
    expect(bodyOf(convert({ body }), 'chapter-001.xhtml')).toMatch(/<h1 class="title">Own<\/h1><blockquote/)
  })

  test('shows poems, quotations, epigraphs and lines', () => {
    const body = `<section><epigraph><p>E</p><text-author>A</text-author></epigraph><subtitle>***</subtitle>
      <poem><title><p>T</p></title><stanza><v>one</v><v>two</v></stanza><text-author><p>P</p><p>Q</p></text-author><date>1830</date></poem>
      <cite><p>C</p></cite><empty-line/>bare <emphasis>words</emphasis></section>`
    expect(chapter({ body }).replaceAll(/>\s+</g, '><')).toBe(
      '<section id="section"><blockquote class="epigraph" epub:type="epigraph"><p>E</p><p class="text-author">A</p></blockquote>' +
        '<p class="subtitle">***</p>' +
        '<div class="poem"><div class="title"><p>T</p></div><div class="stanza"><p class="v">one</p><p class="v">two</p></div>' +
        '<p class="text-author">P<br/>Q</p><p class="date">1830</p></div>' +
        '<blockquote class="cite"><p>C</p></blockquote><div class="empty-line"></div>' +
        '<p>bare <em>words</em></p></section>',
    )
  })

  test('keeps inline styles and the spaces of code', () => {
    const body =
      '<section><p><strong>a</strong> <strikethrough>b</strikethrough> x<sup>2</sup><sub>i</sub> <style name="n">s</style>  <code>if\n  x</code></p></section>'
    expect(chapter({ body })).toContain(
      '<p><strong>a</strong> <s>b</s> x<sup>2</sup><sub>i</sub> <span>s</span> <code>if\n  x</code></p>',
    )
  })

  test('escapes what the text says', () => {
    const body =
      '<section><p>&lt;script&gt;alert(1)&lt;/script&gt; &amp;amp; <image l:href="#x" alt="&quot;&gt;&lt;b"/></p></section>'
    expect(chapter({ body })).toContain(
      '<p>&lt;script&gt;alert(1)&lt;/script&gt; &amp;amp; <span class="no-image">"&gt;&lt;b</span></p>',
    )
  })

  test('shows no element that it does not know', () => {
    const body =
      '<section><p>a<script>b</script></p><script>c</script><iframe src="x"/><svg><p onclick="d">e</p></svg></section>'
    expect(chapter({ body })).toBe('<section id="section"><p>a</p><p>b</p><p>c</p><p></p><p>e</p></section>')
  })

  test('keeps tables with spans', () => {
    const body =
      '<section><table><tr><th colspan="2" align="center">H</th></tr><tr><td rowspan="1e9">a</td><td><p>b</p></td></tr></table></section>'
    expect(chapter({ body })).toContain(
      '<div class="table"><table><tbody><tr><th class="center" colspan="2">H</th></tr><tr><td>a</td><td><p>b</p></td></tr></tbody></table></div>',
    )
  })

  test('shows pictures, in blocks and in lines, and a word for a missing one', () => {
    const body =
      '<section><image l:href="#pic.png" alt="A" title="T"/><p>x <image xlink:href="#pic.png"/> <image l:href="#none" alt="gone"/></p></section>'
    const entries = convert({ body, rest: PNG_BINARY })
    expect(bodyOf(entries, 'chapter-002.xhtml')).toContain(
      '<figure class="image"><img src="../images/pic.png" alt="A"/><figcaption>T</figcaption></figure>' +
        '<p>x <img src="../images/pic.png" alt=""/> <span class="no-image">gone</span></p>',
    )
    expect(entries.filter(({ name }) => name.startsWith('OPS/images/'))).toHaveLength(1)
    expect(breach(entries)).toBeNull()
  })

  test('leads from the call to the note and back, also from note to note', () => {
    const body =
      '<section><title><p>T<a l:href="#n1" type="note">1</a></p></title><p>x<a l:href="#n1">1</a></p></section>'
    const rest = `<body name="notes"><title><p>Notes</p></title>
      <section id="n1"><title><p>1</p></title><p>See <a l:href="#n2" type="note">2</a></p></section>
      <section id="n2"><cite><p>Deep</p></cite></section></body>`
    const entries = convert({ body, rest })
    const notes = bodyOf(entries, 'notes-001.xhtml')
    expect(bodyOf(entries, 'chapter-002.xhtml')).toContain(call('ref', 'n1', '1'))
    expect(notes).toContain(
      '<aside id="n1" epub:type="footnote" role="doc-footnote"><p class="note-title">1</p>' +
        `<p>See ${call('ref-3', 'n2', '2')} ${back('ref', 'chapter-002')} ${back('ref-2', 'chapter-002')}</p></aside>`,
    )
    expect(notes).toContain(
      `<p>Deep</p></blockquote><p class="back">${back('ref-3', 'notes-001')}</p></aside>`,
    )
    expect(source(entries, 'nav.xhtml')).toContain('>T</a>')
    expect(source(entries, 'nav.xhtml')).toContain('#notes">Notes</a>')
  })

  test('keeps links between sections and to the web, and nothing else', () => {
    const body = `<section id="s 1"><p id="1p"><a l:href="#s2">to</a> <a l:href="https://a.b/?c&amp;d">web</a>
      <a l:href="javascript:alert(1)">js</a> <a l:href="#gone">gone</a> <a l:href="file:///etc">file</a></p></section>
      <section id="s2"><p><a l:href="#1p">back</a></p></section><section id="s2"><p>twice</p></section>`
    const entries = convert({ body })
    expect(bodyOf(entries, 'chapter-002.xhtml')).toBe(
      '<section id="s_1"><p id="id-1p"><a href="chapter-003.xhtml#s2">to</a> <a href="https://a.b/?c&amp;d">web</a> ' +
        '<span>js</span> <span>gone</span> <span>file</span></p></section>',
    )
    expect(breach(entries)).toBeNull()
  })

  test('has a nested table of contents, and always at least one entry', () => {
    const body = `<section><title><p>Part</p><p>One</p></title><section><title><p>Chapter</p></title><p>x</p></section></section>
      <section><section><title><p>Loose</p></title><p>y</p></section></section>`
    const nav = source(convert({ body }), 'nav.xhtml')
      .replaceAll(/<a [^>]*>/g, '')
      .replaceAll('</a>', '')
    expect(nav).toContain('<ol><li>Part. One<ol><li>Chapter</li></ol></li><li>Loose</li></ol>')
    const untitled = convert({ body: '<section><p>x</p></section>' })
    expect(source(untitled, 'nav.xhtml')).toContain('>Книга</a></li></ol>')
    expect(breach(untitled)).toBeNull()
  })
})

describe('for any FB2', () => {
  const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 12 }), fc.constantFrom(' ', 'слово', '<&>"'))
  const id = fc.constantFrom('', ' id="a"', ' id="n"', ' id="ё 1"', ' xml:lang="en"')
  const names =
    'p v section title subtitle poem stanza cite epigraph table tr td th emphasis strong sup code style empty-line text-author date body script x'
  const { tree } = fc.letrec<{ tree: string }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 6 },
      text.map(escapeText),
      text,
      fc.constantFrom(
        '<image l:href="#pic.png" id="i"/>',
        '<a l:href="#a" type="note">[1]</a>',
        '<a xlink:href="#n" id="n">x',
        '<a l:href="#ё 1">y</a>',
        '<p>',
        '</section>',
        '<image/>',
      ),
      fc
        .tuple(fc.constantFrom(...names.split(' ')), id, fc.array(tie('tree'), { maxLength: 5 }))
        .map(([name, attributes, children]) => `<${name}${attributes}>${children.join('')}</${name}>`),
    ),
  }))

  test('the result is well-formed, holds only what is allowed, every link resolves, and it reads as the same book', async () => {
    const made = fc.record({ title: text, author: text, body: fc.array(tree), notes: fc.array(tree) })
    await fc.assert(
      fc.asyncProperty(made, async ({ title, author, body, notes }) => {
        const titleInfo = `<book-title>${escapeText(title)}</book-title><author><nickname>${escapeText(author)}</nickname></author>`
        const rest = `<body name="notes"><section id="a">${notes.join('')}</section></body>${PNG_BINARY}`
        const book = readFb2(Buffer.from(madeFb2({ titleInfo, body: `<p>x</p>${body.join('')}`, rest })))
        const entries = fb2ToEpub(book)
        expect(breach(entries)).toBeNull()
        const epub = await readEpub(await zipBytes(entries))
        if (book.description.title !== null) expect(epub.title).toBe(book.description.title)
        expect(epub.authors).toEqual(book.description.authors)
      }),
      { numRuns: 300 },
    )
  })
})
