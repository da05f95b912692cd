import { attribute, descendants, type XmlElement } from '../xml/xml.ts'
import { imageOf, type Fb2Book } from './fb2.ts'
import { html } from './xhtml.ts'

/** A picture of the book under the name that it gets in the EPUB. */
export interface NamedImage {
  /** Relative to the package document: `images/cover.jpg`. */
  name: string
  mediaType: string
  bytes: Uint8Array
}

interface Target {
  id: string
  /** Lies in a body of notes. */
  inNotes: boolean
  local: string
}

const EXTENSIONS: Readonly<Record<string, string>> = {
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'image/gif': 'gif',
  'image/webp': 'webp',
  'image/avif': 'avif',
}

/** At most so many ways back from one note: more is no help to a reader. */
const MAX_BACK_LINKS = 8

/** What all chapters of one book share while it is converted: ids, links, notes, pictures. */
export class Conversion {
  readonly #binaries: ReadonlyMap<string, string>
  readonly #ids = new Set<string>()
  readonly #counts = new Map<string, number>()
  readonly #idOf = new Map<XmlElement, string>()
  readonly #targets = new Map<string, Target>()
  readonly #links: { element: XmlElement; id: string }[] = []
  readonly #references = new Map<string, string[]>()
  readonly #notes: { element: XmlElement; id: string }[] = []
  readonly #images = new Map<string, NamedImage | null>()
  readonly #imageNames = new Set<string>()

  constructor(book: Fb2Book, noteBodies: ReadonlySet<XmlElement>) {
    this.#binaries = book.binaries
    for (const body of book.bodies) {
      const inNotes = noteBodies.has(body)
      for (const found of descendants(body)) {
        const written = attribute(found, 'id')?.trim()
        // Of two equal ids the first is meant, as in a browser.
        if (!written || this.#targets.has(written)) continue
        const id = this.newId(written)
        this.#idOf.set(found, id)
        this.#targets.set(written, { id, inNotes, local: found.local })
      }
    }
  }

  /** The pictures that were asked for, in that order. */
  get images(): NamedImage[] {
    return [...this.#images.values()].filter((image) => image !== null)
  }

  /** An id that is an XML name (XML 1.0 §2.3, kept to ASCII: it stands in addresses) and unique in the whole book. */
  newId(wanted: string): string {
    const name = wanted.slice(0, 60).replaceAll(/[^A-Za-z0-9_-]/g, '_')
    const base = /^[A-Za-z]/.test(name) ? name : `id-${name}`
    let id = base
    let count = this.#counts.get(base) ?? 1
    for (; this.#ids.has(id); id = `${base}-${count}`) count += 1
    this.#counts.set(base, count)
    this.#ids.add(id)
    return id
  }

  /** The id that this element of the FB2 has in the EPUB. */
  idOf(source: XmlElement): string | undefined {
    return this.#idOf.get(source)
  }

  /** Where a `#id` leads to. */
  target(href: string): Target | undefined {
    return this.#targets.get(href.trim().replace(/^#/, ''))
  }

  /** Does this `a` call a note? */
  isNoteReference(link: XmlElement): boolean {
    const target = this.target(attribute(link, 'href') ?? '')
    const type = attribute(link, 'type')
    return target?.inNotes === true && (target.local === 'section' || type === 'note' || type === 'comment')
  }

  /** Remembers a link whose address is known only when every chapter has its file. */
  link(element: XmlElement, id: string): void {
    this.#links.push({ element, id })
  }

  /** Remembers that a note is called here. @returns the id of the call: its own, if it has one */
  reference(note: string, own: string | undefined): string {
    const id = own ?? this.newId('ref')
    const known = this.#references.get(note)
    if (!known) this.#references.set(note, [id])
    else if (known.length < MAX_BACK_LINKS) known.push(id)
    return id
  }

  /** Remembers the element that is shown as the note of this id. */
  note(element: XmlElement, id: string): void {
    this.#notes.push({ element, id })
  }

  /** The picture of a reference, null when the book doesn't hold it. */
  image(href: string | undefined): NamedImage | null {
    const id = href?.trim().replace(/^#/, '') ?? ''
    const known = this.#images.get(id)
    if (known !== undefined) return known
    const image = imageOf(this.#binaries, id)
    const named = image && { ...image, name: this.#imageName(id, image.mediaType) }
    if (this.#binaries.has(id)) this.#images.set(id, named)
    return named
  }

  /** Gives the notes their ways back; to be called once, when all chapters are rendered. */
  closeNotes(): void {
    for (const { element, id } of this.#notes) {
      const calls = this.#references.get(id) ?? []
      if (calls.length === 0) continue
      const links = calls.map((call) => {
        const link = html('a', { 'epub:type': 'backlink', role: 'doc-backlink' }, ['↩'])
        this.link(link, call)
        return link
      })
      const spaced = links.flatMap((link) => [' ', link])
      const last = element.children.at(-1)
      if (element.name === 'p') element.children.push(...spaced)
      else if (typeof last === 'object' && last.name === 'p') last.children.push(...spaced)
      else element.children.push(html('p', { class: 'back' }, links))
    }
  }

  /**
   * Writes the addresses of all links.
   * @param fileOf the file that holds an id; a link to what no file holds becomes plain text
   */
  resolveLinks(fileOf: ReadonlyMap<string, string>): void {
    for (const { element, id } of this.#links) {
      const file = fileOf.get(id)
      if (file !== undefined) element.attributes.set('href', `${file}#${id}`)
      else {
        element.name = 'span'
        element.attributes.delete('epub:type')
        element.attributes.delete('role')
      }
    }
  }

  #imageName(id: string, mediaType: string): string {
    const slug = id
      .toLowerCase()
      .replace(/\.[a-z]{3,4}$/, '')
      .replaceAll(/[^a-z0-9]+/g, '-')
      .replaceAll(/^-|-$/g, '')
      .slice(0, 40)
    const base = `images/${slug || 'image'}`
    const extension = EXTENSIONS[mediaType] ?? 'bin'
    let name = `${base}.${extension}`
    for (let count = 2; this.#imageNames.has(name); count += 1) name = `${base}-${count}.${extension}`
    this.#imageNames.add(name)
    return name
  }
}
