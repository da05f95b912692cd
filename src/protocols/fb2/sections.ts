import { attribute, childElements, descendantsNamed, type XmlElement, type XmlNode } from '../xml/xml.ts'
import { serialise } from '../xml/serialise.ts'
import { blocksOf, commonAttributes, inlinesOf } from './blocks.ts'
import type { Conversion } from './conversion.ts'
import { headingName, html } from './xhtml.ts'

/** A section of the book, rendered but not yet put into files. */
export interface Section {
  /** An empty `section` or `aside` that says what it is. */
  shell: XmlElement
  id: string
  /** For the table of contents; null when the section has no title. */
  title: string | null
  items: (Section | XmlElement)[]
  /** Bytes of all that is in it. */
  weight: number
}

export const isSection = (item: Section | XmlElement): item is Section => 'shell' in item

export const weightOf = (node: XmlElement) => Buffer.byteLength(serialise(node))

/** An entry of the table of contents; `id` is where it leads. */
export interface TocEntry {
  title: string
  id: string
  children: TocEntry[]
}

/** A `section` of the text, with the sections in it. */
export function sectionOf(conversion: Conversion, source: XmlElement, depth: number): Section {
  const common = commonAttributes(conversion, source)
  const id = common.id ?? conversion.newId('section')
  const shell = html('section', { ...common, id })
  const title = childElements(source, 'title')[0]
  return filled(
    conversion,
    shell,
    id,
    source,
    depth,
    title && headingOf(conversion, title, headingName(depth)),
  )
}

/**
 * What lies in a body of notes: a section with an id is a note (EPUB 3 Structural Semantics, `footnote`),
 * one that holds further sections a group of them.
 */
export function notesOf(conversion: Conversion, source: XmlElement, depth: number): Section {
  const title = childElements(source, 'title')[0]
  const isGroup = source.local === 'body' || childElements(source, 'section').length > 0
  const common = commonAttributes(conversion, source)
  const id = common.id ?? conversion.newId('notes')
  if (isGroup) {
    const shell = html('section', {
      ...common,
      id,
      'epub:type': source.local === 'body' ? 'footnotes' : undefined,
    })
    const heading = title && headingOf(conversion, title, headingName(depth))
    return filled(conversion, shell, id, source, depth, heading, notesOf)
  }
  const shell = html('aside', { ...common, id, 'epub:type': 'footnote', role: 'doc-footnote' })
  const heading = title && html('p', { class: 'note-title' }, titleLines(conversion, title))
  const note = filled(conversion, shell, id, source, depth, heading)
  return { ...note, title: null }
}

function filled(
  conversion: Conversion,
  shell: XmlElement,
  id: string,
  source: XmlElement,
  depth: number,
  heading: XmlElement | undefined,
  childOf = sectionOf,
): Section {
  const title = childElements(source, 'title')[0]
  const items: (Section | XmlElement)[] = heading ? [heading] : []
  let run: XmlNode[] = []
  const closeRun = () => {
    for (const block of blocksOf(conversion, run)) items.push(block)
    run = []
  }
  for (const node of source.children) {
    if (node === title) continue
    if (typeof node !== 'string' && node.local === 'section') {
      closeRun()
      items.push(childOf(conversion, node, depth + 1))
    } else run.push(node)
  }
  closeRun()
  const weight = items.reduce((sum, item) => sum + (isSection(item) ? item.weight : weightOf(item)), 0)
  return { shell, id, title: title ? tocTitle(conversion, title) : null, items, weight }
}

/** A title is lines in one heading. */
export function headingOf(conversion: Conversion, title: XmlElement, name: ReturnType<typeof headingName>) {
  return html(name, { ...commonAttributes(conversion, title), class: 'title' }, titleLines(conversion, title))
}

function titleLines(conversion: Conversion, title: XmlElement): XmlNode[] {
  return inlinesOf(
    conversion,
    title.children.filter((node) => typeof node === 'string' || node.local !== 'empty-line'),
  )
}

/** The lines of a title in one, without calls of notes; a title of pictures only gives their `alt`. */
export function tocTitle(conversion: Conversion, title: XmlElement): string | null {
  const plain = (node: XmlNode): string => {
    if (typeof node === 'string') return node
    return node.local === 'a' && conversion.isNoteReference(node) ? '' : node.children.map(plain).join('')
  }
  const pictures = descendantsNamed(title, 'image').map((image) => attribute(image, 'alt') ?? '')
  const written = title.children.map(plain)
  const lines = (written.some((line) => line.trim() !== '') ? written : pictures)
    .map((line) => line.replaceAll(/\s+/g, ' ').trim())
    .filter(Boolean)
  const joined = lines.map((line, index) =>
    index < lines.length - 1 && /[\p{L}\p{N}»")\]]$/u.test(line) ? `${line}.` : line,
  )
  return joined.join(' ').slice(0, 300).trim() || null
}

/** The titled sections as they nest; an untitled one gives its place to those in it. */
export function tocOf(items: readonly (Section | XmlElement)[]): TocEntry[] {
  return items.filter(isSection).flatMap((section) => {
    const children = tocOf(section.items)
    return section.title === null ? children : [{ title: section.title, id: section.id, children }]
  })
}
