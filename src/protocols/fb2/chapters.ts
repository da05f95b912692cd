import { descendants, element, type XmlElement } from '../xml/xml.ts'
import { isSection, weightOf, type Section } from './sections.ts'

/** One XHTML file of the book. */
export interface Chapter {
  /** Relative to the package document: `text/chapter-001.xhtml`. */
  name: string
  linear: boolean
  nodes: XmlElement[]
  weight: number
}

/** Bytes of text that a file is filled up to; with head and addresses it stays below 100 kB. */
export const CHAPTER_BYTES = 80_000

/** Parts of a divided section go on in the same file until it has so many bytes. */
const SMALL_BYTES = 16_000

/** Above this many sections (a dictionary, a collection of jokes) small ones share a file. */
const MANY_SECTIONS = 1_000

/** Puts rendered sections into files, in order. */
export class ChapterWriter {
  readonly chapters: Chapter[] = []
  readonly #prefix: string
  readonly #linear: boolean
  #current: Chapter | null = null

  /** @param prefix begins the files' names: `chapter`, `notes` */
  constructor(prefix: string, linear: boolean) {
    this.#prefix = prefix
    this.#linear = linear
  }

  /** Writes the sections of a body: each begins a file, unless there are very many. */
  writeAll(sections: readonly Section[]): void {
    for (const section of sections) {
      if (sections.length <= MANY_SECTIONS) this.#current = null
      this.write(section)
    }
    this.#current = null
  }

  /** Writes a section, whole where it fits into a file, else divided between its sections and blocks. */
  write(section: Section): void {
    if (section.weight <= CHAPTER_BYTES) {
      this.add(whole(section), section.weight)
      return
    }
    let shell = section.shell
    let weight = 0
    const close = () => {
      if (shell.children.length > 0) this.add(shell, weight)
      shell = element('section')
      weight = 0
    }
    for (const item of section.items) {
      if (isSection(item)) {
        close()
        this.write(item)
        continue
      }
      for (const part of divided(item)) {
        const added = weightOf(part)
        if (weight + added > CHAPTER_BYTES) close()
        shell.children.push(part)
        weight += added
      }
    }
    close()
  }

  /** Adds a piece to the open file, or to a new one when that is full enough. */
  add(node: XmlElement, weight: number): void {
    const current = this.#current
    if (current && current.weight < SMALL_BYTES && current.weight + weight <= CHAPTER_BYTES) {
      current.nodes.push(node)
      current.weight += weight
      return
    }
    const number = String(this.chapters.length + 1).padStart(3, '0')
    const name = `text/${this.#prefix}-${number}.xhtml`
    this.#current = { name, linear: this.#linear, nodes: [node], weight }
    this.chapters.push(this.#current)
  }
}

function whole(section: Section): XmlElement {
  for (const item of section.items) section.shell.children.push(isSection(item) ? whole(item) : item)
  return section.shell
}

const DIVISIBLE = new Set(['div', 'blockquote'])

/** A long poem or quotation in several pieces; the first keeps the id. */
function divided(block: XmlElement): XmlElement[] {
  if (!DIVISIBLE.has(block.name) || block.children.length < 2 || weightOf(block) <= CHAPTER_BYTES)
    return [block]
  const pieces: XmlElement[] = [{ ...block, children: [] }]
  let weight = 0
  for (const node of block.children) {
    for (const part of typeof node === 'string' ? [node] : divided(node)) {
      const added = typeof part === 'string' ? Buffer.byteLength(part) : weightOf(part)
      if (weight > 0 && weight + added > CHAPTER_BYTES) {
        const attributes = new Map([...block.attributes].filter(([name]) => name !== 'id'))
        pieces.push({ ...block, attributes, children: [] })
        weight = 0
      }
      pieces.at(-1)?.children.push(part)
      weight += added
    }
  }
  return pieces
}

/** Which file holds which id. */
export function filesOfIds(chapters: readonly Chapter[]): Map<string, string> {
  const files = new Map<string, string>()
  for (const { name, nodes } of chapters) {
    for (const node of nodes) {
      for (const { attributes } of descendants(node)) {
        const id = attributes.get('id')
        if (id !== undefined) files.set(id, name)
      }
    }
  }
  return files
}
