import {
  isbnOf,
  lineOf,
  linesOf,
  paragraphsOf,
  seriesNumberOf,
  yearOf,
  type BookDescription,
  type BookPerson,
} from '../book-description.ts'
import { attribute, child, childElements, textOf, type XmlElement, type XmlNode } from '../xml/xml.ts'

const MAX_PEOPLE = 100

/** What `description` says about the book; a missing one leaves everything unknown. */
export function readDescription(description: XmlElement | undefined): BookDescription {
  const info = child(description, 'title-info')
  const edition = child(description, 'publish-info')
  const sequence = info && childElements(info, 'sequence').find((found) => lineOf(attribute(found, 'name')))
  const date = child(info, 'date')
  return {
    title: lineOf(textOf(child(info, 'book-title'))),
    subtitle: null,
    authors: peopleOf(info, 'author'),
    contributors: peopleOf(info, 'translator').map((person) => ({ ...person, role: 'trl' })),
    language: lineOf(textOf(child(info, 'lang'))),
    annotation: paragraphsOf(textInLines(child(info, 'annotation'))),
    series: sequence
      ? {
          name: lineOf(attribute(sequence, 'name')) ?? '',
          number: seriesNumberOf(attribute(sequence, 'number')),
        }
      : null,
    publisher: lineOf(textOf(child(edition, 'publisher'))),
    year: yearOf(textOf(child(edition, 'year'))) ?? yearOf(attribute(date, 'value')) ?? yearOf(textOf(date)),
    isbn: isbnOf(textOf(child(edition, 'isbn'))),
    identifier: lineOf(textOf(child(child(description, 'document-info'), 'id'))),
    subjects: linesOf(info ? childElements(info, 'genre').map(textOf) : []),
  }
}

function peopleOf(info: XmlElement | undefined, kind: string): BookPerson[] {
  const people = info ? childElements(info, kind).slice(0, MAX_PEOPLE) : []
  return people.map(personOf).filter(({ name }) => name !== '')
}

/** «Имя Отчество Фамилия»; a pen name without parts is the nickname. */
function personOf(person: XmlElement): BookPerson {
  const part = (name: string) => lineOf(textOf(child(person, name)))
  const given = [part('first-name'), part('middle-name')].filter((name) => name !== null).join(' ')
  const last = part('last-name')
  const name = [given, last].filter(Boolean).join(' ') || (part('nickname') ?? '')
  return { name, sortName: last && given ? `${last}, ${given}` : name || null }
}

const LINES = new Set(['p', 'v', 'subtitle', 'text-author', 'empty-line', 'title', 'stanza', 'tr'])

/** The text of formatted elements, each paragraph on a line of its own. */
function textInLines(node: XmlNode | undefined): string {
  if (node === undefined) return ''
  if (typeof node === 'string') return node.replaceAll(/\s+/g, ' ')
  // A note's mark makes no sense where the notes aren't.
  if (node.local === 'a' && attribute(node, 'type') === 'note') return ''
  const text = node.children.map(textInLines).join('')
  return LINES.has(node.local) ? `\n${text}\n` : text
}
