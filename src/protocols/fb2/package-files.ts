import { createHash } from 'node:crypto'
import type { BookDescription, BookPerson } from '../book-description.ts'
import { serialiseDocument } from '../xml/serialise.ts'
import { element, type XmlElement, type XmlNode } from '../xml/xml.ts'
import type { Chapter } from './chapters.ts'
import type { NamedImage } from './conversion.ts'
import type { TocEntry } from './sections.ts'

const XHTML = 'http://www.w3.org/1999/xhtml'
const OPS = 'http://www.idpf.org/2007/ops'
const DOCTYPE = '<!DOCTYPE html>\n'

/** The EPUB's one style sheet: structure only, the reader's own settings decide the look. */
export const STYLE = `body { margin: 0 1em; }
h1 { font-size: 1.5em; }
h2 { font-size: 1.3em; }
h3 { font-size: 1.15em; }
h4, h5, h6 { font-size: 1em; }
h1, h2, h3, h4, h5, h6, .title { text-align: center; text-indent: 0; break-after: avoid; hyphens: none; }
p { margin: 0; text-indent: 1.5em; }
h1 + p, h2 + p, h3 + p { text-indent: 0; }
.subtitle { margin: 1em 0; text-align: center; text-indent: 0; font-weight: bold; break-after: avoid; }
.empty-line { height: 1em; }
.epigraph { margin: 1em 0 1em 30%; font-style: italic; }
.cite, .annotation { margin: 1em 1.5em; }
.poem { margin: 1em 0 1em 2em; }
.stanza { margin: 0.7em 0; }
.v { margin-left: 1em; text-indent: -1em; }
.text-author, .date { margin: 0.3em 0; text-align: right; text-indent: 0; }
.image { margin: 1em 0; text-align: center; }
.image figcaption { font-size: 0.9em; }
img { max-width: 100%; max-height: 100vh; }
p img { vertical-align: middle; }
code { font-family: monospace; white-space: pre-wrap; }
.table { margin: 1em 0; }
table { border-collapse: collapse; margin: 0 auto; }
td, th { border: 1px solid; padding: 0.2em 0.5em; vertical-align: top; }
td p { text-indent: 0; }
.left { text-align: left; }
.right { text-align: right; }
.center { text-align: center; }
.middle { vertical-align: middle; }
.bottom { vertical-align: bottom; }
aside { margin: 1em 0; }
.note-title { font-weight: bold; text-indent: 0; }
.back { text-align: right; }
a[role="doc-noteref"] { font-size: 0.75em; line-height: 0; vertical-align: super; white-space: nowrap; }
sup a[role="doc-noteref"] { font-size: 1em; vertical-align: baseline; }
.titlepage, .cover { text-align: center; }
.titlepage p, .cover p { text-indent: 0; }
`

/** A whole XHTML document (EPUB 3.3 §6.1). */
export function pageDocument(title: string, language: string, body: XmlNode[], stylePath: string): string {
  const head = element('head', {}, [
    element('meta', { charset: 'utf-8' }),
    element('title', {}, [title]),
    element('link', { rel: 'stylesheet', type: 'text/css', href: stylePath }),
  ])
  const names = { xmlns: XHTML, 'xmlns:epub': OPS, lang: language, 'xml:lang': language }
  return serialiseDocument(element('html', names, [head, element('body', {}, body)]), DOCTYPE)
}

/** The navigation document (EPUB 3.3 §7). */
export function navDocument(
  title: string,
  language: string,
  toc: readonly TocEntry[],
  fileOf: ReadonlyMap<string, string>,
): string {
  const list = (entries: readonly TocEntry[]): XmlElement =>
    element(
      'ol',
      {},
      entries.map((entry) => {
        const link = element('a', { href: `${fileOf.get(entry.id) ?? ''}#${entry.id}` }, [entry.title])
        return element('li', {}, entry.children.length > 0 ? [link, list(entry.children)] : [link])
      }),
    )
  const nav = element('nav', { 'epub:type': 'toc', role: 'doc-toc', id: 'toc' }, [list(toc)])
  return pageDocument(title, language, [nav], 'style.css')
}

export interface PackageContent {
  description: BookDescription
  title: string
  language: string
  chapters: readonly Chapter[]
  images: readonly NamedImage[]
  /** Name of the cover's picture. */
  coverName: string | null
}

const idOf = (chapterName: string) => chapterName.replaceAll(/^text\/|\.xhtml$/g, '')

/** The package document (EPUB 3.3 §5). Its date of modification is fixed: same book, same bytes. */
export function packageDocument(content: PackageContent): string {
  const { chapters, images, coverName } = content
  const manifest = [
    element('item', {
      id: 'nav',
      href: 'nav.xhtml',
      'media-type': 'application/xhtml+xml',
      properties: 'nav',
    }),
    element('item', { id: 'style', href: 'style.css', 'media-type': 'text/css' }),
    ...chapters.map(({ name }) =>
      element('item', { id: idOf(name), href: name, 'media-type': 'application/xhtml+xml' }),
    ),
    ...images.map(({ name, mediaType }, index) =>
      element('item', {
        id: `image-${index + 1}`,
        href: name,
        'media-type': mediaType,
        properties: name === coverName ? 'cover-image' : undefined,
      }),
    ),
  ]
  const spine = chapters.map(({ name, linear }) =>
    element('itemref', { idref: idOf(name), linear: linear ? undefined : 'no' }),
  )
  const names = {
    xmlns: 'http://www.idpf.org/2007/opf',
    version: '3.0',
    'unique-identifier': 'identifier',
    'xml:lang': content.language,
  }
  return serialiseDocument(
    element('package', names, [
      element('metadata', { 'xmlns:dc': 'http://purl.org/dc/elements/1.1/' }, metadataOf(content)),
      element('manifest', {}, manifest),
      element('spine', {}, spine),
    ]),
  )
}

const simple = (name: string, text: string | number | null) =>
  text === null ? [] : [element(`dc:${name}`, {}, [String(text)])]

const refine = (id: string, property: string, text: string, scheme?: string) =>
  element('meta', { refines: `#${id}`, property, scheme }, [text])

function metadataOf({ description, title, language, images, coverName }: PackageContent): XmlElement[] {
  const person = (name: string, id: string, { name: full, sortName }: BookPerson, role: string) => [
    element(`dc:${name}`, { id }, [full]),
    ...(role ? [refine(id, 'role', role, 'marc:relators')] : []),
    ...(sortName ? [refine(id, 'file-as', sortName)] : []),
  ]
  const { series, authors, contributors, isbn } = description
  const coverIndex = images.findIndex(({ name }) => name === coverName)
  return [
    element('dc:identifier', { id: 'identifier' }, [identifierOf(description, title)]),
    ...simple('identifier', isbn && `urn:isbn:${isbn}`),
    ...simple('title', title),
    ...simple('language', language),
    element('meta', { property: 'dcterms:modified' }, ['2000-01-01T00:00:00Z']),
    ...authors.flatMap((author, index) => person('creator', `author-${index + 1}`, author, 'aut')),
    ...contributors.flatMap((found, index) =>
      person('contributor', `contributor-${index + 1}`, found, found.role),
    ),
    ...simple('description', description.annotation),
    ...simple('publisher', description.publisher),
    ...simple('date', description.year),
    ...description.subjects.flatMap((subject) => simple('subject', subject)),
    ...(series
      ? [
          element('meta', { property: 'belongs-to-collection', id: 'series' }, [series.name]),
          refine('series', 'collection-type', 'series'),
          ...(series.number === null ? [] : [refine('series', 'group-position', String(series.number))]),
        ]
      : []),
    ...(coverIndex === -1 ? [] : [element('meta', { name: 'cover', content: `image-${coverIndex + 1}` })]),
  ]
}

/** The book's own id where it has one, so that the same book keeps its name; in the form of a UUID. */
function identifierOf(description: BookDescription, title: string): string {
  const authors = description.authors.map(({ name }) => name)
  const hash = createHash('sha256')
    .update(JSON.stringify([description.identifier, title, authors]))
    .digest('hex')
  const parts = [hash.slice(0, 8), hash.slice(8, 12), `8${hash.slice(13, 16)}`, `8${hash.slice(17, 20)}`]
  return `urn:uuid:${[...parts, hash.slice(20, 32)].join('-')}`
}
