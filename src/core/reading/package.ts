import { isBookFault } from '#protocols/book-fault.ts'
import { displayOptions, packagePath, resolveHref } from '#protocols/epub/container.ts'
import type { ContentsEntry } from '#protocols/epub/contents.ts'
import { readContents } from '#protocols/epub/contents.ts'
import { isFixedLayout, readFixedLayout, readParts } from '#protocols/epub/package-document.ts'
import type { FixedLayout, PackageParts, PageSpread } from '#protocols/epub/package-document.ts'
import { readMetadata } from '#protocols/epub/metadata.ts'
import { decodeXml } from '#protocols/xml/decode.ts'
import { parseXml } from '#protocols/xml/xml.ts'
import type { ZipArchive } from '#protocols/zip/zip.ts'

/** One text of the reading order. */
export interface BookSection {
  /** Entry name. */
  name: string
  mediaType: string
  /** Bytes, inflated: what progress is reckoned by. */
  size: number
  linear: boolean
  spread?: PageSpread
}

/**
 * What the reader's page must know of a book before it shows the first text; it travels inside the page, so
 * that the text needs no further round trip than its own.
 */
export interface BookPackage {
  sections: BookSection[]
  contents: ContentsEntry[]
  direction: 'ltr' | 'rtl'
  language: string | null
  /** Undefined for a book whose text flows. */
  fixed: FixedLayout | undefined
  /** Entry name of the text that will be shown first, and of the style sheets that it names. */
  first: string
  styles: string[]
}

/** Bytes; a larger text isn't looked into for its style sheets. */
const largestText = 2_000_000

interface KnownPackage {
  parts: PackageParts
  /** The same for every reader. */
  common: Omit<BookPackage, 'first' | 'styles'>
  /** Style sheets by text, as they have been looked up. */
  styles: Map<string, string[]>
}

const known = new WeakMap<ZipArchive, Promise<KnownPackage>>()

/** The package document and table of contents, read once per open archive. */
export function packageOf(zip: ZipArchive): Promise<KnownPackage> {
  const found = known.get(zip) ?? readPackage(zip)
  known.set(zip, found)
  return found
}

async function readPackage(zip: ZipArchive): Promise<KnownPackage> {
  const name = await packagePath(zip)
  const opf = parseXml(await zip.readEntry(name))
  const parts = readParts(opf, name, zip)
  const size = (entry: string) => zip.entry(entry)?.uncompressedSize ?? 0
  return {
    parts,
    common: {
      sections: parts.spine.map((item) => ({ ...item, size: size(item.name) })),
      contents: await contentsOf(zip, parts),
      direction: parts.direction,
      language: readMetadata(opf).language,
      fixed: isFixedLayout(opf, await displayOptions(zip)) ? readFixedLayout(opf) : undefined,
    },
    styles: new Map(),
  }
}

/** A table of contents that can't be read is no reason to keep the book closed. */
async function contentsOf(zip: ZipArchive, parts: PackageParts): Promise<ContentsEntry[]> {
  const name = parts.tableOfContents
  if (!name) return []
  try {
    const entries = readContents(parseXml(await zip.readEntry(name)), name)
    return entries.map((entry) => ({
      ...entry,
      name: (entry.name && zip.entryAnyCase(entry.name)?.name) ?? null,
    }))
  } catch (error) {
    if (isBookFault(error)) return []
    throw error
  }
}

/** @param locator where the reader stopped, if he did */
export async function describePackage(zip: ZipArchive, locator: string | undefined): Promise<BookPackage> {
  const { parts, common, styles } = await packageOf(zip)
  const first = firstText(parts, locator)
  const found = styles.get(first) ?? (await stylesOf(zip, first))
  styles.set(first, found)
  return { ...common, first, styles: found }
}

function firstText(parts: PackageParts, locator: string | undefined): string {
  // EPUB CFI: /6 is the spine, its items are counted 2, 4, 6 …
  const [, step] = /^epubcfi\(\/6\/(\d+)/.exec(locator ?? '') ?? []
  const index = step ? Number(step) / 2 - 1 : parts.spine.findIndex((item) => item.linear)
  return (parts.spine[index] ?? parts.spine[0])?.name ?? ''
}

/** The sheets that a text's head names: known here, they are fetched beside the text and not after it. */
async function stylesOf(zip: ZipArchive, text: string): Promise<string[]> {
  const entry = zip.entry(text)
  if (!entry || entry.uncompressedSize > largestText) return []
  const head = decodeXml(await zip.readEntry(text)).slice(0, 20_000)
  const links = Array.from(head.matchAll(/<link\b[^>]*>/gi), ([link]) => link)
  const names = links
    .filter((link) => /\brel\s*=\s*["'][^"']*\bstylesheet\b/i.test(link) && !/\balternate\b/i.test(link))
    .map((link) => resolveHref(text, /\bhref\s*=\s*["']([^"']+)/i.exec(link)?.[1] ?? ''))
  return [...new Set(names)].filter((name): name is string => name !== null && !!zip.entry(name)).slice(0, 8)
}
