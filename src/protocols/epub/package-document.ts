import { attribute, child, childElements, descendantsNamed, type XmlElement } from '../xml/xml.ts'
import type { ZipArchive } from '../zip/zip.ts'
import { resolveHref } from './container.ts'

/** A resource of the manifest that is really in the archive (EPUB 3.3 §5.6.2). */
export interface EpubResource {
  /** Entry name. */
  name: string
  /** As the manifest declares it: pass it to `mediaTypeFor` before serving. */
  mediaType: string
}

export interface SpineItem extends EpubResource {
  /** False for what stands beside the reading order: notes, answers (EPUB 3.3 §5.7.2). */
  linear: boolean
  /** Which side of an opened book a fixed page stands on, where the book says it (EPUB 3.3 §8.2.2.5). */
  spread?: PageSpread
}

export type PageSpread = 'left' | 'right' | 'center'

export interface ManifestItem extends EpubResource {
  id: string
  properties: string[]
}

export interface PackageParts {
  manifest: ManifestItem[]
  spine: SpineItem[]
  /** Manifest entries whose file is not in the archive. */
  missing: string[]
  /** Entry name of the navigation document, or of the NCX. */
  tableOfContents: string | null
  direction: 'ltr' | 'rtl'
  /** Legacy `guide` references by type (OPF 2.0.1 §2.6): entry names. */
  guide: { type: string; name: string }[]
}

const words = (text: string | undefined) => (text ?? '').split(/\s+/).filter(Boolean)

/** The manifest, the reading order and what leads through the book. */
export function readParts(opf: XmlElement, opfName: string, zip: ZipArchive): PackageParts {
  const missing: string[] = []
  const manifest: ManifestItem[] = []
  const items = childElements(child(opf, 'manifest') ?? opf, 'item')
  for (const item of items) {
    const href = attribute(item, 'href') ?? ''
    const wanted = resolveHref(opfName, href)
    const entry = wanted === null ? undefined : zip.entryAnyCase(wanted)
    if (entry) {
      manifest.push({
        id: attribute(item, 'id') ?? '',
        name: entry.name,
        mediaType: (attribute(item, 'media-type') ?? '').trim().toLowerCase(),
        properties: words(attribute(item, 'properties')),
      })
    } else if (wanted !== null) missing.push(wanted)
  }
  const byId = new Map(manifest.map((item) => [item.id, item]))
  const spine = child(opf, 'spine')
  return {
    manifest,
    spine: readingOrder(spine, byId),
    missing,
    tableOfContents: tableOfContents(manifest, byId.get(attribute(spine, 'toc') ?? '')),
    direction: attribute(spine, 'page-progression-direction') === 'rtl' ? 'rtl' : 'ltr',
    guide: descendantsNamed(child(opf, 'guide') ?? { ...opf, children: [] }, 'reference').flatMap((found) => {
      const wanted = resolveHref(opfName, attribute(found, 'href') ?? '')
      const entry = wanted === null ? undefined : zip.entryAnyCase(wanted)
      return entry ? [{ type: (attribute(found, 'type') ?? '').toLowerCase(), name: entry.name }] : []
    }),
  }
}

function readingOrder(spine: XmlElement | undefined, byId: ReadonlyMap<string, ManifestItem>): SpineItem[] {
  if (!spine) return []
  return childElements(spine, 'itemref').flatMap((itemref) => {
    const item = byId.get(attribute(itemref, 'idref') ?? '')
    if (!item) return []
    const spread = pageSpread(words(attribute(itemref, 'properties')))
    const linear = attribute(itemref, 'linear') !== 'no'
    return [{ name: item.name, mediaType: item.mediaType, linear, ...(spread && { spread }) }]
  })
}

function pageSpread(properties: readonly string[]): PageSpread | undefined {
  const sides = ['left', 'right', 'center'] as const
  return sides.find((side) => properties.some((property) => property.endsWith(`page-spread-${side}`)))
}

function tableOfContents(manifest: readonly ManifestItem[], ncx: ManifestItem | undefined): string | null {
  const found =
    manifest.find((item) => item.properties.includes('nav')) ??
    ncx ??
    manifest.find((item) => item.mediaType === 'application/x-dtbncx+xml')
  return found?.name ?? null
}

/** True for a book of fixed pages (EPUB 3.3 §8.2.2.1, and Apple's and Amazon's older marks). */
export function isFixedLayout(opf: XmlElement, displayOptions: XmlElement | null): boolean {
  const marks = descendantsNamed(child(opf, 'metadata') ?? opf, 'meta')
  if (
    marks.some(
      (meta) =>
        (attribute(meta, 'property') === 'rendition:layout' &&
          meta.children.join('').trim() === 'pre-paginated') ||
        (attribute(meta, 'name') === 'fixed-layout' && attribute(meta, 'content')?.trim() === 'true'),
    )
  ) {
    return true
  }
  if (!displayOptions) return false
  return descendantsNamed(displayOptions, 'option').some(
    (option) => attribute(option, 'name') === 'fixed-layout' && option.children.join('').trim() === 'true',
  )
}

/** How fixed pages are laid out (EPUB 3.3 §8.2.2). */
export interface FixedLayout {
  /** `rendition:spread`: when two pages stand side by side; undefined leaves it to us. */
  spread: string | undefined
  /** `rendition:viewport`, for pages that don't tell their size: CSS pixels. */
  viewport: { width: number; height: number } | undefined
}

/** What the package says about its fixed pages; the pages themselves come before it. */
export function readFixedLayout(opf: XmlElement): FixedLayout {
  const value = (property: string) => {
    const metas = descendantsNamed(child(opf, 'metadata') ?? opf, 'meta')
    return metas
      .find((meta) => attribute(meta, 'property') === property)
      ?.children.join('')
      .trim()
  }
  const [width, height] = ['width', 'height'].map((side) =>
    Number(new RegExp(`\\b${side}\\s*=\\s*(\\d{2,5})`).exec(value('rendition:viewport') ?? '')?.[1]),
  )
  return { spread: value('rendition:spread'), viewport: width && height ? { width, height } : undefined }
}
