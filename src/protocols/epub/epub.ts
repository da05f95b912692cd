import { BookFault, isBookFault } from '../book-fault.ts'
import type { BookDescription, BookImage } from '../book-description.ts'
import { parseXml } from '../xml/xml.ts'
import { openZip, verifyZip, type ZipArchive, type ZipLimits } from '../zip/zip.ts'
import { displayOptions, MAX_PACKAGE_BYTES, packagePath, refuseEncrypted } from './container.ts'
import { readCover } from './cover.ts'
import { readMetadata } from './metadata.ts'
import { isFixedLayout, readParts, type EpubResource, type SpineItem } from './package-document.ts'

export type { EpubResource, SpineItem }

/** All that an import needs to know of an EPUB 2 or 3. */
export interface EpubDescription extends BookDescription {
  /** As declared: `2.0`, `3.0`. */
  version: string
  cover: BookImage | null
  /** Entry name of the package document. */
  packageName: string
  /** In reading order; never empty. */
  spine: SpineItem[]
  /** Every file of the manifest that is there, the spine's included. */
  resources: EpubResource[]
  /** Files that the manifest names and the archive lacks. */
  missing: string[]
  /** Entry name of the navigation document or NCX, null when the book has none. */
  tableOfContents: string | null
  layout: 'reflowable' | 'fixed'
  direction: 'ltr' | 'rtl'
}

/**
 * Reads a book's description, cover and reading order, and checks every file of the archive: what is sent to
 * readers as it lies must be sound.
 * @param book a path, or the file's bytes
 * @throws BookFault epub.*, zip.*, xml.*; the system's own error when there is no such file
 */
export async function readEpub(
  book: string | Uint8Array,
  limits: Partial<ZipLimits> = {},
): Promise<EpubDescription> {
  const zip = await openZip(book, limits).catch((error: unknown) => {
    const isZip = !isBookFault(error) || error.code !== 'zip.not_zip'
    throw isZip ? error : new BookFault('epub.not_zip', error.detail, error)
  })
  try {
    const description = await describeEpub(zip)
    await verifyZip(zip)
    return description
  } finally {
    await zip.close()
  }
}

async function describeEpub(zip: ZipArchive): Promise<EpubDescription> {
  const packageName = await packagePath(zip)
  await refuseEncrypted(zip)
  const opf = parseXml(await zip.readEntry(packageName, MAX_PACKAGE_BYTES))
  if (opf.local !== 'package') throw new BookFault('epub.no_opf', packageName)
  const parts = readParts(opf, packageName, zip)
  if (parts.spine.length === 0) throw new BookFault('epub.empty_spine', packageName)
  return {
    ...readMetadata(opf),
    version: opf.attributes.get('version')?.slice(0, 10) ?? '2.0',
    cover: await readCover(zip, opf, parts),
    packageName,
    spine: parts.spine,
    resources: parts.manifest.map(({ name, mediaType }) => ({ name, mediaType })),
    missing: parts.missing,
    tableOfContents: parts.tableOfContents,
    layout: isFixedLayout(opf, await displayOptions(zip)) ? 'fixed' : 'reflowable',
    direction: parts.direction,
  }
}
