import { packagePath } from '#protocols/epub/container.ts'
import { readParts } from '#protocols/epub/package-document.ts'
import type { PackageParts } from '#protocols/epub/package-document.ts'
import { decodeXml } from '#protocols/xml/decode.ts'
import { parseXml } from '#protocols/xml/xml.ts'
import type { ZipArchive } from '#protocols/zip/zip.ts'

/**
 * A book's own directory, small enough to travel inside the page: with it the first text needs no further
 * round trip than the chapter itself.
 */
export interface BookPackage {
  /** Entry name of the package document. */
  name: string
  /** Package document and table of contents by entry name. */
  documents: Record<string, string>
  /** Bytes of each text of the reading order, by entry name: what progress is reckoned by. */
  sizes: Record<string, number>
  /** Entry name of the text that will be shown first, and of style sheets that it probably needs. */
  first: string
  styles: string[]
}

/** Style sheets that are worth fetching before the chapter names them: more bytes would delay its text. */
const styleBudget = 60_000

interface KnownPackage {
  name: string
  parts: PackageParts
}

const known = new WeakMap<ZipArchive, Promise<KnownPackage>>()

/** The parsed package document, read once per open archive. */
export function packageOf(zip: ZipArchive): Promise<KnownPackage> {
  const found = known.get(zip) ?? readPackage(zip)
  known.set(zip, found)
  return found
}

async function readPackage(zip: ZipArchive): Promise<KnownPackage> {
  const name = await packagePath(zip)
  return { name, parts: readParts(parseXml(await zip.readEntry(name)), name, zip) }
}

/** @param locator where the reader stopped, if he did */
export async function describePackage(zip: ZipArchive, locator: string | undefined): Promise<BookPackage> {
  const { name, parts } = await packageOf(zip)
  const documents: Record<string, string> = {}
  for (const each of [name, parts.tableOfContents])
    if (each) documents[each] = decodeXml(await zip.readEntry(each))
  const size = (entry: string) => zip.entry(entry)?.uncompressedSize ?? 0
  return {
    name,
    documents,
    sizes: Object.fromEntries(parts.spine.map((item) => [item.name, size(item.name)])),
    first: firstText(parts, locator),
    styles: likelyStyles(parts, size),
  }
}

function firstText(parts: PackageParts, locator: string | undefined): string {
  // EPUB CFI: /6 is the spine, its items are counted 2, 4, 6 …
  const [, step] = /^epubcfi\(\/6\/(\d+)/.exec(locator ?? '') ?? []
  const index = step ? Number(step) / 2 - 1 : parts.spine.findIndex((item) => item.linear)
  return (parts.spine[index] ?? parts.spine[0])?.name ?? ''
}

function likelyStyles(parts: PackageParts, size: (entry: string) => number): string[] {
  const styles = parts.manifest.filter((item) => item.mediaType === 'text/css').map((item) => item.name)
  const total = styles.reduce((sum, name) => sum + size(name), 0)
  return total <= styleBudget && styles.length <= 4 ? styles : []
}
