import { lineOf } from '../book-description.ts'
import { attribute, child, childElements, descendantsNamed, textOf, type XmlElement } from '../xml/xml.ts'
import { resolveHref } from './container.ts'

/** One line of a table of contents; nesting is told by depth. */
export interface ContentsEntry {
  label: string
  /** 0 for the outermost. */
  depth: number
  /** Entry name of the text that it leads to; null for a heading that leads nowhere. */
  name: string | null
  /** The element's id in that text, '' for its beginning. */
  fragment: string
}

/** More lines than anybody scrolls through; a hostile book has more. */
const MAX_ENTRIES = 5000

/**
 * The table of contents out of a navigation document (EPUB 3.3 §7.4) or an NCX (OPF 2.0.1 §2.4.1).
 * @param name the document's own entry name, which its references are relative to
 */
export function readContents(document: XmlElement, name: string): ContentsEntry[] {
  const map = document.local === 'ncx' ? child(document, 'navMap') : undefined
  const entries = map ? ncxEntries(map, name, 0) : navEntries(tocList(document), name, 0)
  return entries.filter((entry) => entry.label !== '').slice(0, MAX_ENTRIES)
}

function tocList(document: XmlElement): XmlElement | undefined {
  const navs = descendantsNamed(document, 'nav')
  const toc = navs.find((nav) => (attribute(nav, 'type') ?? '').split(/\s+/).includes('toc'))
  return child(toc ?? navs[0], 'ol')
}

function navEntries(list: XmlElement | undefined, name: string, depth: number): ContentsEntry[] {
  if (!list) return []
  return childElements(list, 'li').flatMap((item) => {
    // EPUB 3.3 §7.3: a link or a span, then perhaps a list.
    const heading = childElements(item).find((each) => each.local !== 'ol')
    const link = heading?.local === 'a' ? heading : heading && descendantsNamed(heading, 'a')[0]
    return [
      entryOf(lineOf(textOf(heading)) ?? '', attribute(link, 'href'), name, depth),
      ...navEntries(child(item, 'ol'), name, depth + 1),
    ]
  })
}

function ncxEntries(parent: XmlElement, name: string, depth: number): ContentsEntry[] {
  return childElements(parent, 'navPoint').flatMap((point) => [
    entryOf(
      lineOf(textOf(child(child(point, 'navLabel'), 'text'))) ?? '',
      attribute(child(point, 'content'), 'src'),
      name,
      depth,
    ),
    ...ncxEntries(point, name, depth + 1),
  ])
}

function entryOf(label: string, href: string | undefined, from: string, depth: number): ContentsEntry {
  const target = href === undefined ? null : resolveHref(from, href)
  return { label, depth, name: target, fragment: target === null ? '' : fragmentOf(href ?? '') }
}

function fragmentOf(href: string): string {
  const fragment = href.split('#')[1]?.trim() ?? ''
  try {
    return decodeURIComponent(fragment)
  } catch {
    return fragment
  }
}
