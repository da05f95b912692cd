import { BookFault } from '../book-fault.ts'
import { attribute, descendantsNamed, parseXml, type XmlElement } from '../xml/xml.ts'
import type { ZipArchive } from '../zip/zip.ts'

/** Bytes that package documents and their kin may have; the largest met in the wild is about 3 MB. */
export const MAX_PACKAGE_BYTES = 16 * 1024 * 1024

/** Algorithms that only garble fonts (EPUB 3.3 §4.4, and Adobe's older one): the text stays readable. */
const FONT_OBFUSCATION = new Set(['http://www.idpf.org/2008/embedding', 'http://ns.adobe.com/pdf/enc#RC'])

/**
 * The package document's name out of META-INF/container.xml (EPUB 3.3 §4.2.6.3.1): the first that is there.
 * @throws BookFault epub.no_container, epub.no_opf
 */
export async function packagePath(zip: ZipArchive): Promise<string> {
  const container = zip.entryAnyCase('META-INF/container.xml')
  if (!container) throw new BookFault('epub.no_container')
  const root = parseXml(await zip.readEntry(container.name, MAX_PACKAGE_BYTES))
  const paths = descendantsNamed(root, 'rootfile').map((file) => attribute(file, 'full-path') ?? '')
  for (const path of paths) {
    const entry = path && zip.entryAnyCase(resolveHref('', path) ?? path)
    if (entry) return entry.name
  }
  throw new BookFault('epub.no_opf', paths[0])
}

/**
 * Refuses a book under digital rights management; obfuscated fonts are no reason.
 * @throws BookFault epub.encrypted
 */
export async function refuseEncrypted(zip: ZipArchive): Promise<void> {
  for (const name of ['META-INF/rights.xml', 'META-INF/license.lcpl', 'META-INF/sinf.xml']) {
    if (zip.entryAnyCase(name)) throw new BookFault('epub.encrypted', name)
  }
  const encryption = zip.entryAnyCase('META-INF/encryption.xml')
  if (!encryption) return
  const root = parseXml(await zip.readEntry(encryption.name, MAX_PACKAGE_BYTES))
  for (const method of descendantsNamed(root, 'EncryptionMethod')) {
    const algorithm = attribute(method, 'Algorithm') ?? ''
    if (!FONT_OBFUSCATION.has(algorithm)) throw new BookFault('epub.encrypted', algorithm)
  }
}

/** Apple's own options, which older books of fixed pages tell so by; null when there are none. */
export async function displayOptions(zip: ZipArchive): Promise<XmlElement | null> {
  const entry = zip.entryAnyCase('META-INF/com.apple.ibooks.display-options.xml')
  return entry ? parseXml(await zip.readEntry(entry.name, MAX_PACKAGE_BYTES)) : null
}

/**
 * The entry name that a reference in a document means (EPUB 3.3 §4.2.5): relative to the document's folder,
 * percent-decoded, without fragment. Null for what lies outside the archive.
 * @param from name of the document that holds the reference
 */
export function resolveHref(from: string, href: string): string | null {
  const path = href.trim().split(/[?#]/)[0] ?? ''
  if (path === '' || /^[a-z][a-z0-9+.-]*:|^\/\//i.test(path)) return null
  const parts = path.startsWith('/') ? [] : from.split('/').slice(0, -1)
  for (const part of percentDecoded(path).split('/')) {
    if (part === '..') {
      if (parts.length === 0) return null
      parts.pop()
    } else if (part !== '.' && part !== '') parts.push(part)
  }
  return parts.join('/').normalize('NFC') || null
}

function percentDecoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
