import { Tokenizer } from 'htmlparser2'
import { BookFault } from '../book-fault.ts'
import { decodeXml } from './decode.ts'
import { NAMED_CHARACTERS } from './named-characters.ts'

/** An element, or text as a plain string. Comments and processing instructions are left out. */
export type XmlNode = XmlElement | string

export interface XmlElement {
  /** As written, with its prefix. */
  name: string
  /** Without the prefix: undeclared prefixes are common in books, so lookups go by this one. */
  local: string
  /** By written name, in document order. */
  attributes: Map<string, string>
  children: XmlNode[]
}

export interface XmlLimits {
  maxDepth: number
  maxElements: number
  /** Characters of the whole document. */
  maxLength: number
}

export const XML_LIMITS: Readonly<XmlLimits> = {
  maxDepth: 256,
  maxElements: 500_000,
  maxLength: 64 * 1024 * 1024,
}

export interface XmlOptions {
  limits?: Partial<XmlLimits>
  /**
   * Called before an element opens: the number of open elements to keep (1 keeps the root only), so that a
   * format can close what its writers forget to.
   */
  keepOpen?: (opening: string, open: readonly XmlElement[]) => number
  /** Told when the document ends before its root does. */
  onCutOff?: () => void
}

/**
 * Reads a document into a tree, tolerantly: unclosed and stray tags, stray `&` and `<`, undeclared prefixes,
 * HTML's named characters. No entity is ever expanded; a document that declares any is refused.
 * @returns the root element; further ones are dropped
 * @throws BookFault xml.entities, xml.too_deep, xml.too_large, xml.not_xml
 */
export function parseXml(source: Uint8Array | string, options: XmlOptions = {}): XmlElement {
  const limits = { ...XML_LIMITS, ...options.limits }
  // A character takes at least half a byte of any encoding's input, so bytes bound the work beforehand.
  if (source.length > limits.maxLength * 2) throw new BookFault('xml.too_large', `${source.length} bytes`)
  // XML 1.0 §2.11: line ends are one character.
  const text = (typeof source === 'string' ? source : decodeXml(source)).replaceAll(/\r\n?/g, '\n')
  if (text.length > limits.maxLength) throw new BookFault('xml.too_large', `${text.length} characters`)
  const builder = new TreeBuilder(text, limits, options.keepOpen)
  const tokenizer = new Tokenizer({ xmlMode: true, decodeEntities: true }, builder)
  tokenizer.write(text)
  tokenizer.end()
  if (!builder.root) throw new BookFault('xml.not_xml')
  if (builder.unended) options.onCutOff?.()
  return builder.root
}

/** Takes the tokens of one document, given in one piece, and keeps its own stack of open elements. */
class TreeBuilder {
  root: XmlElement | null = null
  readonly #text: string
  readonly #limits: XmlLimits
  readonly #keepOpen: XmlOptions['keepOpen']
  readonly #open: XmlElement[] = []
  #elements = 0
  #opening: XmlElement | null = null
  #attribute = ''
  #value = ''

  constructor(text: string, limits: XmlLimits, keepOpen: XmlOptions['keepOpen']) {
    this.#text = text
    this.#limits = limits
    this.#keepOpen = keepOpen
  }

  /** Whether elements are open that nothing has closed, the root among them. */
  get unended(): boolean {
    return this.#open.length > 0
  }

  onopentagname(start: number, end: number): void {
    this.#elements += 1
    if (this.#elements > this.#limits.maxElements) throw new BookFault('xml.too_large', 'elements')
    this.#opening = element(this.#text.slice(start, end))
  }

  onattribname(start: number, end: number): void {
    this.#attribute = this.#text.slice(start, end)
    this.#value = ''
  }

  onattribdata(start: number, end: number): void {
    this.#value += withNamedCharacters(this.#text.slice(start, end))
  }

  onattribentity(codePoint: number): void {
    this.#value += String.fromCodePoint(codePoint)
  }

  onattribend(): void {
    const attributes = this.#opening?.attributes
    if (attributes && !attributes.has(this.#attribute)) attributes.set(this.#attribute, this.#value)
  }

  onopentagend(): void {
    const opening = this.#attach()
    if (!opening) return
    this.#open.push(opening)
    if (this.#open.length > this.#limits.maxDepth) throw new BookFault('xml.too_deep', opening.name)
  }

  onselfclosingtag(): void {
    this.#attach()
  }

  onclosetag(start: number, end: number): void {
    const name = this.#text.slice(start, end)
    const index = this.#open.findLastIndex((element) => element.name === name)
    if (index !== -1) this.#open.length = index
  }

  ontext(start: number, end: number): void {
    if (this.#open.length > 0) this.#append(withNamedCharacters(this.#text.slice(start, end)))
  }

  ontextentity(codePoint: number): void {
    this.#append(String.fromCodePoint(codePoint))
  }

  oncdata(start: number, end: number, endOffset: number): void {
    this.#append(this.#text.slice(start, end - endOffset))
  }

  ondeclaration(start: number, end: number): void {
    // An internal subset is cut at its first `>`, so each further declaration arrives on its own.
    if (/(?:^|<!)ENTITY\s/i.test(this.#text.slice(start, end))) throw new BookFault('xml.entities')
  }

  oncomment(): void {}
  onprocessinginstruction(): void {}
  onend(): void {}

  #append(text: string): void {
    const children = this.#open.at(-1)?.children
    if (!children) return
    const last = children.at(-1)
    if (typeof last === 'string') children[children.length - 1] = last + text
    else children.push(text)
  }

  #attach(): XmlElement | null {
    const opening = this.#opening
    if (!opening) return null
    this.#opening = null
    if (this.#keepOpen && this.#open.length > 1) {
      this.#open.length = Math.min(this.#open.length, Math.max(1, this.#keepOpen(opening.local, this.#open)))
    }
    const parent = this.#open.at(-1)
    if (parent) parent.children.push(opening)
    else if (this.root) return null
    else this.root = opening
    return opening
  }
}

// Only what the text itself spells out arrives here: `&amp;nbsp;` comes in two pieces and stays what it is.
const withNamedCharacters = (text: string) =>
  text.includes('&')
    ? text.replaceAll(/&(\w+);/g, (all, name: string) => NAMED_CHARACTERS[name] ?? all)
    : text

/** A new element. */
export function element(
  name: string,
  attributes: Readonly<Record<string, string | undefined>> = {},
  children: XmlNode[] = [],
): XmlElement {
  const given = Object.entries(attributes).filter((pair): pair is [string, string] => pair[1] !== undefined)
  return { name, local: name.slice(name.lastIndexOf(':') + 1), attributes: new Map(given), children }
}

/** The child elements, of this local name if one is given. */
export function childElements(parent: XmlElement, local?: string): XmlElement[] {
  return parent.children.filter(
    (node): node is XmlElement => typeof node !== 'string' && (local === undefined || node.local === local),
  )
}

/** The first child element of this local name. */
export function child(parent: XmlElement | undefined, local: string): XmlElement | undefined {
  return parent?.children.find((node): node is XmlElement => typeof node !== 'string' && node.local === local)
}

/** The element itself and all below it, in document order. */
export function* descendants(parent: XmlElement): Generator<XmlElement> {
  yield parent
  for (const node of parent.children) if (typeof node !== 'string') yield* descendants(node)
}

/** All elements of this local name, in document order. */
export function descendantsNamed(parent: XmlElement, local: string): XmlElement[] {
  return [...descendants(parent)].filter((node) => node.local === local)
}

/** The value of an attribute by local name: the one without a prefix first, then any with one. */
export function attribute(of: XmlElement | undefined, local: string): string | undefined {
  const exact = of?.attributes.get(local)
  if (exact !== undefined || !of) return exact
  for (const [name, value] of of.attributes) if (name.endsWith(`:${local}`)) return value
  return undefined
}

/** All text below a node, as it stands. */
export function textOf(node: XmlNode | undefined): string {
  if (node === undefined) return ''
  return typeof node === 'string' ? node : node.children.map(textOf).join('')
}
