import { imageTypeOf, type BookDescription, type BookImage } from '../book-description.ts'
import { BookFault, isBookFault } from '../book-fault.ts'
import {
  attribute,
  child,
  childElements,
  descendants,
  parseXml,
  textOf,
  type XmlElement,
} from '../xml/xml.ts'
import { openZip, type ZipLimits } from '../zip/zip.ts'
import { readDescription } from './fb2-description.ts'

/** A book in FictionBook 2.x (http://www.gribuser.ru/xml/fictionbook/2.0), read but not yet laid out. */
export interface Fb2Book {
  description: BookDescription
  cover: BookImage | null
  /** The cover's id among the binaries. */
  coverId: string | null
  /** `body` elements; the first is the text, later ones mostly notes. */
  bodies: XmlElement[]
  /** `binary` elements by id, in base64 as written. */
  binaries: ReadonlyMap<string, string>
}

/** Characters of one FB2: a thousand pages with pictures stay below 50 MB. */
const MAX_LENGTH = 128 * 1024 * 1024

/** Bytes of the .fb2 inside a .fb2.zip. */
const MAX_ZIPPED_BYTES = 128 * 1024 * 1024

/** Elements that end a paragraph left open: text elements hold none of them. */
const BLOCKS = new Set(
  'p v section title subtitle poem stanza cite epigraph table tr empty-line text-author annotation'.split(
    ' ',
  ),
)
const PARTS = new Set(['body', 'binary', 'description'])
const INLINE = new Set('strong emphasis style a strikethrough sub sup code'.split(' '))

/**
 * Reads an FB2: UTF-8, UTF-16 or windows-1251, with the small faults that FB2 files have (unclosed tags,
 * stray `&`, undeclared prefixes). One that ends in the middle is refused: its end would be missed by readers first.
 * @throws BookFault fb2.not_fb2, fb2.cut_off, fb2.empty, xml.*
 */
export function readFb2(bytes: Uint8Array): Fb2Book {
  const root = fictionBook(bytes)
  const bodies = childElements(root, 'body')
  if (!bodies.some(holdsSomething)) throw new BookFault('fb2.empty')
  const binaries = new Map<string, string>()
  for (const binary of childElements(root, 'binary')) {
    const id = attribute(binary, 'id')?.trim()
    if (id && !binaries.has(id)) binaries.set(id, textOf(binary))
  }
  const description = child(root, 'description')
  const titleInfo = child(description, 'title-info')
  const coverImage = child(child(titleInfo, 'coverpage'), 'image')
  const coverId = attribute(coverImage, 'href')?.trim().replace(/^#/, '') ?? null
  return {
    description: readDescription(description),
    cover: imageOf(binaries, coverId ?? undefined),
    coverId,
    bodies,
    binaries,
  }
}

/**
 * The bytes of the one .fb2 in a .fb2.zip.
 * @throws BookFault zip.*, fb2.not_one_in_zip
 */
export async function unzipFb2(archive: string | Uint8Array, limits?: Partial<ZipLimits>): Promise<Buffer> {
  const zip = await openZip(archive, limits)
  try {
    const books = zip.entries.filter(({ name }) => /\.fb2$/i.test(name) && !name.startsWith('__MACOSX/'))
    const [book] = books
    if (!book || books.length > 1) throw new BookFault('fb2.not_one_in_zip', `${books.length} .fb2 files`)
    return await zip.readEntry(book.name, MAX_ZIPPED_BYTES)
  } finally {
    await zip.close()
  }
}

/** True for bytes that begin as a zip archive does. */
export const looksZipped = (bytes: Uint8Array) => bytes[0] === 0x50 && bytes[1] === 0x4b

/**
 * The picture that a reference such as `#cover.jpg` means; null for a foreign address, a missing one, or
 * what is no picture that browsers show.
 */
export function imageOf(binaries: ReadonlyMap<string, string>, href: string | undefined): BookImage | null {
  const base64 = binaries.get(href?.trim().replace(/^#/, '') ?? '')
  if (base64 === undefined) return null
  const bytes = Buffer.from(base64, 'base64')
  const mediaType = imageTypeOf(bytes)
  // The schema knows JPEG and PNG; an SVG could bring script along.
  return mediaType === null || mediaType === 'image/svg+xml' ? null : { bytes, mediaType }
}

function fictionBook(bytes: Uint8Array): XmlElement {
  try {
    let cutOff = false
    const onCutOff = () => (cutOff = true)
    const root = parseXml(bytes, { limits: { maxLength: MAX_LENGTH }, keepOpen, onCutOff })
    if (root.local.toLowerCase() !== 'fictionbook') throw new BookFault('fb2.not_fb2', `<${root.name}>`)
    if (cutOff) throw new BookFault('fb2.cut_off')
    return root
  } catch (error) {
    if (isBookFault(error) && error.code === 'xml.not_xml')
      throw new BookFault('fb2.not_fb2', undefined, error)
    throw error
  }
}

function keepOpen(opening: string, open: readonly XmlElement[]): number {
  if (PARTS.has(opening)) return 1
  if (!BLOCKS.has(opening)) return open.length
  const block = open.findLastIndex(({ local }) => !INLINE.has(local))
  const local = open[block]?.local
  return local === 'p' || local === 'v' ? block : open.length
}

function holdsSomething(body: XmlElement): boolean {
  for (const found of descendants(body)) {
    if (found.local === 'image') return true
    if (found.children.some((node) => typeof node === 'string' && node.trim() !== '')) return true
  }
  return false
}
