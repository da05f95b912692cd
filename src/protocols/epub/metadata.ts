import {
  isbnOf,
  lineOf,
  linesOf,
  paragraphsOf,
  seriesNumberOf,
  yearOf,
  type BookContributor,
  type BookDescription,
} from '../book-description.ts'
import { textOfHtml } from '../xml/html-text.ts'
import { attribute, child, descendants, textOf, type XmlElement } from '../xml/xml.ts'

/** Metadata elements by local name, with the `meta` that refine them (EPUB 3.3 §5.5.2). */
class Metadata {
  readonly #elements: XmlElement[]
  readonly #refinements = new Map<string, XmlElement[]>()

  constructor(opf: XmlElement) {
    // OEB 1.x wraps dc:* into dc-metadata, so the depth is open.
    this.#elements = [...descendants(child(opf, 'metadata') ?? { ...opf, children: [] })].slice(1)
    for (const meta of this.all('meta')) {
      const refined = attribute(meta, 'refines')?.replace(/^#/, '')
      if (refined === undefined) continue
      const known = this.#refinements.get(refined)
      if (known) known.push(meta)
      else this.#refinements.set(refined, [meta])
    }
  }

  all(local: string): XmlElement[] {
    return this.#elements.filter((found) => found.local.toLowerCase() === local)
  }

  /** What refines an element by this property. */
  refinement(of: XmlElement, property: string): string | undefined {
    const refinements = this.#refinements.get(attribute(of, 'id') ?? '')
    return lineOf(textOf(refinements?.find((meta) => attribute(meta, 'property') === property))) ?? undefined
  }

  /** The content of a legacy `<meta name= content=>` (OPF 2.0.1 §2.2). */
  named(name: string): string | undefined {
    return attribute(
      this.all('meta').find((meta) => attribute(meta, 'name') === name),
      'content',
    )
  }
}

/** Of each kind; more are no description, and refinements are searched for each. */
const MAX_ITEMS = 100

/** What the package document says about the book. */
export function readMetadata(opf: XmlElement): BookDescription {
  const metadata = new Metadata(opf)
  const creators = metadata
    .all('creator')
    .slice(0, MAX_ITEMS)
    .map((found) => contributorOf(found, metadata))
  const authors = creators.filter(({ name, role }) => name !== '' && (role === '' || role === 'aut'))
  const others = [
    ...creators.filter(({ role }) => role !== '' && role !== 'aut'),
    ...metadata
      .all('contributor')
      .slice(0, MAX_ITEMS)
      .map((found) => contributorOf(found, metadata)),
  ]
  const identifiers = metadata.all('identifier')
  const unique = attribute(opf, 'unique-identifier')
  return {
    ...titlesOf(metadata),
    authors: authors.map(({ name, sortName }) => ({ name, sortName })),
    contributors: others.filter(({ name }) => name !== ''),
    language: lineOf(textOf(metadata.all('language')[0])),
    annotation: paragraphsOf(textOfHtml(textOf(metadata.all('description')[0]))),
    series: seriesOf(metadata),
    publisher: lineOf(textOf(metadata.all('publisher')[0])),
    year: publicationYear(metadata),
    isbn: isbnAmong(identifiers, metadata),
    identifier: lineOf(
      textOf(identifiers.find((found) => attribute(found, 'id') === unique) ?? identifiers[0]),
    ),
    subjects: linesOf(metadata.all('subject').map(textOf)),
  }
}

/** The id of the manifest item that a legacy `<meta name="cover">` points at. */
export function legacyCoverId(opf: XmlElement): string | undefined {
  return new Metadata(opf).named('cover')
}

function titlesOf(metadata: Metadata): Pick<BookDescription, 'title' | 'subtitle'> {
  const titles = metadata
    .all('title')
    .slice(0, MAX_ITEMS)
    .map((found) => ({
      text: lineOf(textOf(found)),
      type: metadata.refinement(found, 'title-type'),
    }))
  const main = titles.find(({ type, text }) => type === 'main' && text) ?? titles.find(({ text }) => text)
  return {
    title: main?.text ?? null,
    subtitle: titles.find(({ type }) => type === 'subtitle')?.text ?? null,
  }
}

function contributorOf(found: XmlElement, metadata: Metadata): BookContributor {
  const role = attribute(found, 'role') ?? metadata.refinement(found, 'role') ?? ''
  return {
    name: lineOf(textOf(found)) ?? '',
    sortName: lineOf(attribute(found, 'file-as') ?? metadata.refinement(found, 'file-as')),
    role: role.trim().toLowerCase().slice(0, 20),
  }
}

function seriesOf(metadata: Metadata): BookDescription['series'] {
  const collections = metadata
    .all('meta')
    .filter((meta) => attribute(meta, 'property') === 'belongs-to-collection' && lineOf(textOf(meta)))
    .slice(0, MAX_ITEMS)
  const collection =
    collections.find((meta) => metadata.refinement(meta, 'collection-type') === 'series') ?? collections[0]
  if (collection) {
    const number = seriesNumberOf(metadata.refinement(collection, 'group-position'))
    return { name: lineOf(textOf(collection)) ?? '', number }
  }
  const name = lineOf(metadata.named('calibre:series'))
  return name === null ? null : { name, number: seriesNumberOf(metadata.named('calibre:series_index')) }
}

/** `opf:event` of a date, most telling first (OPF 2.0.1 §2.2.7); '' is a date without one, as in EPUB 3. */
const DATE_EVENTS = ['publication', '', 'issued', 'original-publication', 'ops-publication', 'creation']

function publicationYear(metadata: Metadata): number | null {
  const dates = metadata.all('date')
  for (const event of DATE_EVENTS) {
    const matching = dates.filter((date) => (attribute(date, 'event') ?? '').toLowerCase() === event)
    const year = matching.map((date) => yearOf(textOf(date))).find((found) => found !== null)
    if (year !== undefined) return year
  }
  return null
}

function isbnAmong(identifiers: readonly XmlElement[], metadata: Metadata): string | null {
  const sources = metadata.all('source').filter((source) => /isbn/i.test(textOf(source)))
  for (const found of [...identifiers, ...sources]) {
    const isbn = isbnOf(textOf(found))
    const scheme = attribute(found, 'scheme') ?? ''
    // Ten digits alone may be anything: there the book has to call it an ISBN.
    if (isbn && (isbn.length === 13 || /isbn/i.test(scheme + textOf(found)))) return isbn
  }
  return null
}
