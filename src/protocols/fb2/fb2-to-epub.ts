import { lineOf } from '../book-description.ts'
import { BookFault } from '../book-fault.ts'
import { serialiseDocument } from '../xml/serialise.ts'
import { attribute, child, childElements, element, type XmlElement, type XmlNode } from '../xml/xml.ts'
import { writeZip, type ZipInput } from '../zip/write-zip.ts'
import { blocksOf } from './blocks.ts'
import { ChapterWriter, filesOfIds, type Chapter } from './chapters.ts'
import { Conversion, type NamedImage } from './conversion.ts'
import type { Fb2Book } from './fb2.ts'
import { STYLE, navDocument, packageDocument, pageDocument } from './package-files.ts'
import { headingOf, notesOf, sectionOf, tocOf, tocTitle, weightOf, type TocEntry } from './sections.ts'
import { html } from './xhtml.ts'

const UNTITLED = 'Без названия'

/**
 * A book in FB2 as the files of an EPUB 3: a page per section of the text (long ones divided), the notes
 * after it, a nested table of contents. The same FB2 gives the same bytes.
 * @returns the archive's entries in order, ready for `writeZip`
 * @throws BookFault fb2.empty
 */
export function fb2ToEpub(book: Fb2Book): ZipInput[] {
  const { description } = book
  const title = description.title ?? UNTITLED
  const language = languageOf(description.language)
  const noteBodies = new Set(book.bodies.filter((body, index) => index > 0 && isNotes(body)))
  const conversion = new Conversion(book, noteBodies)
  const cover = coverOf(book, conversion)
  const text = new ChapterWriter('chapter', true)
  const notes = new ChapterWriter('notes', false)
  const toc: TocEntry[] = []
  for (const body of book.bodies) {
    const entries = noteBodies.has(body)
      ? writeNotes(conversion, notes, body)
      : writeBody(conversion, text, body, book)
    for (const entry of entries) toc.push(entry)
  }
  conversion.closeNotes()
  const chapters = [...(cover ? [coverPage(cover)] : []), ...text.chapters, ...notes.chapters]
  const first = chapters.find(({ name }) => name.includes('chapter')) ?? chapters[0]
  if (!first) throw new BookFault('fb2.empty')
  const fileOf = filesOfIds(chapters)
  conversion.resolveLinks(new Map([...fileOf].map(([id, name]) => [id, name.replace(/^text\//, '')])))
  if (toc.length === 0) {
    first.nodes.unshift(html('span', { id: 'start' }))
    fileOf.set('start', first.name)
    toc.push({ title, id: 'start', children: [] })
  }
  const { images } = conversion
  const content = { description, title, language, chapters, images, coverName: cover?.name ?? null }
  return [
    { ...file('mimetype', 'application/epub+zip'), stored: true },
    file('META-INF/container.xml', container()),
    file('OPS/package.opf', packageDocument(content)),
    file('OPS/nav.xhtml', navDocument(title, language, toc, fileOf)),
    file('OPS/style.css', STYLE),
    ...chapters.map(({ name, nodes }) =>
      file(`OPS/${name}`, pageDocument(title, language, nodes, '../style.css')),
    ),
    ...images.map(({ name, bytes }) => ({ name: `OPS/${name}`, bytes, stored: true })),
  ]
}

const file = (name: string, source: string): ZipInput => ({ name, bytes: Buffer.from(source) })

/** Writes the EPUB that `fb2ToEpub` makes to a new file. */
export async function writeFb2AsEpub(book: Fb2Book, path: string): Promise<void> {
  await writeZip(fb2ToEpub(book), path)
}

/** A later body with a name is no part of the text (FB2 schema: `body/@name` is for notes and the like). */
const isNotes = (body: XmlElement) => (attribute(body, 'name') ?? '').trim() !== ''

function writeBody(
  conversion: Conversion,
  writer: ChapterWriter,
  body: XmlElement,
  book: Fb2Book,
): TocEntry[] {
  const isFirst = body === book.bodies[0]
  const title = child(body, 'title')
  const id = conversion.idOf(body) ?? conversion.newId('body')
  const page = html('section', { id, class: 'titlepage', 'epub:type': isFirst ? 'titlepage' : undefined })
  if (title) page.children.push(headingOf(conversion, title, 'h1'))
  else if (isFirst) page.children.push(...ownTitle(book))
  const sections = childElements(body, 'section')
  const rest = body.children.filter((node) => node !== title && !isOf(node, 'section'))
  for (const block of blocksOf(conversion, rest)) page.children.push(block)
  if (page.children.length > 0) {
    const weight = page.children.reduce(
      (sum, node) => sum + (typeof node === 'string' ? 0 : weightOf(node)),
      0,
    )
    const items = page.children.filter((node) => typeof node !== 'string')
    writer.writeAll([{ shell: { ...page, children: [] }, id, title: null, items, weight }])
  }
  const rendered = sections.map((section) => sectionOf(conversion, section, 1))
  // The table of contents is read off before the sections are put into files.
  const entries = tocOf(rendered)
  writer.writeAll(rendered)
  const name = title && !isFirst ? tocTitle(conversion, title) : null
  return name === null ? entries : [{ title: name, id, children: entries }]
}

const isOf = (node: XmlNode, local: string) => typeof node !== 'string' && node.local === local

/** A title page for a text that begins without one. */
function ownTitle({ description }: Fb2Book): XmlElement[] {
  const authors = description.authors.map(({ name }) => html('p', {}, [name]))
  return [...authors, html('h1', { class: 'title' }, [description.title ?? UNTITLED])]
}

function writeNotes(conversion: Conversion, writer: ChapterWriter, body: XmlElement): TocEntry[] {
  const notes = notesOf(conversion, body, 1)
  const register = (section: typeof notes) => {
    if (section.shell.name === 'aside') conversion.note(section.shell, section.id)
    for (const item of section.items) if ('shell' in item) register(item)
  }
  register(notes)
  const entries = tocOf([notes])
  writer.writeAll([notes])
  return entries
}

function coverOf(book: Fb2Book, conversion: Conversion): NamedImage | null {
  if (!book.cover || book.coverId === null) return null
  return conversion.image(book.coverId)
}

function coverPage(cover: NamedImage): Chapter {
  const image = html('img', { src: `../${cover.name}`, alt: '' })
  const node = html('section', { class: 'cover', 'epub:type': 'cover' }, [html('p', {}, [image])])
  return { name: 'text/cover.xhtml', linear: true, nodes: [node], weight: 0 }
}

/** A language tag (BCP 47) of what the book says; `und` when that is none. */
function languageOf(language: string | null): string {
  const written = lineOf(language)?.replace('_', '-') ?? ''
  try {
    return Intl.getCanonicalLocales(written)[0] ?? 'und'
  } catch {
    return 'und'
  }
}

function container(): string {
  const rootfile = element('rootfile', {
    'full-path': 'OPS/package.opf',
    'media-type': 'application/oebps-package+xml',
  })
  const names = { version: '1.0', xmlns: 'urn:oasis:names:tc:opendocument:xmlns:container' }
  return serialiseDocument(element('container', names, [element('rootfiles', {}, [rootfile])]))
}
