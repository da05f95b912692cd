import { imageTypeOf, type BookImage } from '../book-description.ts'
import { isBookFault } from '../book-fault.ts'
import { attribute, descendants, parseXml, type XmlElement } from '../xml/xml.ts'
import type { ZipArchive } from '../zip/zip.ts'
import { MAX_PACKAGE_BYTES, resolveHref } from './container.ts'
import { legacyCoverId } from './metadata.ts'
import type { PackageParts } from './package-document.ts'

const MAX_COVER_BYTES = 32 * 1024 * 1024

/**
 * The cover: EPUB 3's `cover-image` (EPUB 3.3 §5.6.2.1), the older `<meta name="cover">`, the guide, and at
 * last an image that is called cover. Null when none of them leads to a picture.
 * @throws BookFault zip.* when the picture is there but can't be read
 */
export async function readCover(
  zip: ZipArchive,
  opf: XmlElement,
  parts: PackageParts,
): Promise<BookImage | null> {
  for (const name of coverCandidates(opf, parts)) {
    const cover = (await imageAt(zip, name)) ?? (await imageInPage(zip, name))
    if (cover) return cover
  }
  return null
}

function coverCandidates(opf: XmlElement, { manifest, guide }: PackageParts): string[] {
  const legacy = legacyCoverId(opf)
  const items = [
    manifest.find((item) => item.properties.includes('cover-image')),
    manifest.find((item) => legacy !== undefined && item.id === legacy),
    // Some writers put the file's name where its id belongs.
    manifest.find((item) => legacy !== undefined && item.name.endsWith(`/${legacy}`)),
  ]
  const named = manifest.find(
    (item) => item.mediaType.startsWith('image/') && /cover|oblozhka|обложка/i.test(item.id + item.name),
  )
  const names = [...items, ...guide.filter(({ type }) => type === 'cover'), named].map((found) => found?.name)
  return [...new Set(names.filter((name) => name !== undefined))]
}

async function imageAt(zip: ZipArchive, name: string): Promise<BookImage | null> {
  if (isPage(name) || (zip.entry(name)?.uncompressedSize ?? 0) > MAX_COVER_BYTES) return null
  const bytes = await zip.readEntry(name, MAX_COVER_BYTES)
  const mediaType = imageTypeOf(bytes)
  return mediaType === null ? null : { bytes, mediaType }
}

/** The first picture of a cover page. */
async function imageInPage(zip: ZipArchive, name: string): Promise<BookImage | null> {
  if (!isPage(name) || (zip.entry(name)?.uncompressedSize ?? 0) > MAX_PACKAGE_BYTES) return null
  for (const found of descendants(await pageTree(zip, name))) {
    const href =
      found.local === 'img' ? attribute(found, 'src') : found.local === 'image' && attribute(found, 'href')
    const wanted = href ? resolveHref(name, href) : null
    const entry = wanted === null ? undefined : zip.entryAnyCase(wanted)
    const image = entry && (await imageAt(zip, entry.name))
    if (image) return image
  }
  return null
}

const isPage = (name: string) => /\.(?:x?html?|xht|xml)$/i.test(name)

async function pageTree(zip: ZipArchive, name: string): Promise<XmlElement> {
  const bytes = await zip.readEntry(name, MAX_PACKAGE_BYTES)
  try {
    return parseXml(bytes)
  } catch (error) {
    // A cover page that is no XML costs the cover, not the book; a hostile one costs the book.
    if (isBookFault(error) && error.code === 'xml.not_xml') {
      return { name: '', local: '', attributes: new Map(), children: [] }
    }
    throw error
  }
}
