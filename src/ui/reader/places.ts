import type { BookPackage } from '#core/reading/package.ts'
import type { ContentsEntry } from '#protocols/epub/contents.ts'
import type { Target } from 'foliate-js/paginator.js'
import { cfiOf, parseCfi } from './cfi.ts'
import { inBook } from './names.ts'

/** Reckons with places: as a share of the whole book, as a locator, as a line of the contents. */
export interface Places {
  /** 0…1 of the book that lies behind a place: `share` of the section at `index`. */
  fraction(index: number, share: number): number
  atFraction(fraction: number): Target
  locator(index: number, range: Range | null): string
  /** Undefined for a locator that leads nowhere in this book. */
  atLocator(locator: string, fraction: number): Target | undefined
  /** The last line of the contents that begins before the end of what is shown. */
  chapter(index: number, range: Range | null): ContentsEntry | undefined
  /** What a line of the contents leads to. */
  atEntry(entry: ContentsEntry): Target | undefined
  /** What a link leads to; undefined outside the book. */
  atReference(
    from: string,
    href: string,
  ): { target: Target; elementIn(doc: Document): Element | null } | undefined
}

export function createPlaces({ sections, contents, fixed }: BookPackage): Places {
  // Fixed pages count alike: their bytes are pictures, which their texts say nothing about.
  const weights = sections.map(({ linear, size }) => (linear ? (fixed ? 1 : Math.max(1, size)) : 0))
  const total = weights.reduce((sum, weight) => sum + weight, 0) || 1
  const before = weights.map((_, index) => weights.slice(0, index).reduce((sum, weight) => sum + weight, 0))
  const indexOf = new Map(sections.map(({ name }, index) => [name, index]))
  const lines = contents.flatMap((entry) => {
    const index = entry.name === null ? undefined : indexOf.get(entry.name)
    return index === undefined ? [] : [{ entry, index }]
  })

  const shareIn = (index: number, fraction: number) =>
    Math.min(1, Math.max(0, (fraction * total - (before[index] ?? 0)) / (weights[index] || 1)))

  function atElement(name: string, fragment: string): Target | undefined {
    const index = indexOf.get(name)
    if (index === undefined) return undefined
    return { index, anchor: (doc) => (fragment ? elementIn(doc, fragment) : null) ?? 0 }
  }

  return {
    fraction: (index, share) => Math.min(1, ((before[index] ?? 0) + share * (weights[index] ?? 0)) / total),

    atFraction(fraction) {
      const wanted = Math.min(1, Math.max(0, fraction)) * total
      const index = weights.findIndex((weight, each) => weight > 0 && (before[each] ?? 0) + weight >= wanted)
      const found = Math.max(0, index)
      return { index: found, anchor: shareIn(found, fraction) }
    },

    locator: cfiOf,

    atLocator(locator, fraction) {
      const point = parseCfi(locator)
      if (!point || !sections[point.index]) return undefined
      // A text may have changed since, as after a new edition: then its share is looked for.
      return {
        index: point.index,
        anchor: (doc) => point.rangeIn(doc) ?? shareIn(point.index, fraction),
      }
    },

    chapter(index, range) {
      const doc = range?.startContainer.ownerDocument
      const begun = lines.filter((line) => {
        if (line.index !== index || !line.entry.fragment || !range || !doc) return line.index <= index
        const element = elementIn(doc, line.entry.fragment)
        return !element || range.comparePoint(element, 0) <= 0
      })
      return begun.reduce<(typeof lines)[number] | undefined>(
        (last, line) => (!last || line.index >= last.index ? line : last),
        undefined,
      )?.entry
    },

    atEntry: ({ name, fragment }) => (name === null ? undefined : atElement(name, fragment)),

    atReference(from, href) {
      const { name, fragment } = inBook(from, href) ?? {}
      const target = name === undefined ? undefined : atElement(name, fragment ?? '')
      return target && { target, elementIn: (doc) => (fragment ? elementIn(doc, fragment) : null) }
    },
  }
}

const elementIn = (doc: Document, id: string): Element | null =>
  doc.getElementById(id) ?? doc.querySelector(`[name="${CSS.escape(id)}"]`)
