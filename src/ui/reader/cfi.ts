/*
 * EPUB Canonical Fragment Identifiers (EPUB CFI 1.1) for what a place to read on needs: a point in one of the
 * book's texts, `epubcfi(/6/4!/4/2/1:15)`. Elements count 2, 4, 6 …; the text before, between and after them
 * 1, 3, 5 …, whatever pieces the parser has cut it into. Comments don't count.
 */

const { ELEMENT_NODE, TEXT_NODE, CDATA_SECTION_NODE } = Node

const isElement = (node: Node): node is Element => node.nodeType === ELEMENT_NODE
const isText = (node: Node): node is CharacterData =>
  node.nodeType === TEXT_NODE || node.nodeType === CDATA_SECTION_NODE

/** The point at which a range begins. @param index of the text in the reading order */
export function cfiOf(index: number, range: Range | null): string {
  const section = `/6/${(index + 1) * 2}`
  return range
    ? `epubcfi(${section}!${pathTo(range.startContainer, range.startOffset)})`
    : `epubcfi(${section})`
}

function pathTo(node: Node, offset: number): string {
  if (isText(node)) return `${stepsTo(node)}:${offset + textBefore(node)}`
  const child = node.childNodes[offset]
  return stepsTo(child && (isElement(child) || isText(child)) ? child : node)
}

function stepsTo(node: Node): string {
  const parent = node.parentNode
  if (!parent || node === node.ownerDocument?.documentElement) return ''
  return `${stepsTo(parent)}/${stepOf(node)}`
}

function stepOf(node: Node): number {
  let elements = 0
  for (let before = node.previousSibling; before; before = before.previousSibling)
    if (isElement(before)) elements += 1
  return isElement(node) ? elements * 2 + 2 : elements * 2 + 1
}

/** Characters of the same piece of text that lie in nodes before this one. */
function textBefore(node: Node): number {
  let length = 0
  for (let before = node.previousSibling; before && !isElement(before); before = before.previousSibling)
    if (isText(before)) length += before.length
  return length
}

export interface CfiPoint {
  /** Of the text in the reading order. */
  index: number
  /** Finds the point; null in a text that has no such place. */
  rangeIn(doc: Document): Range | null
}

/** @returns undefined for what isn't such an identifier; of a range the beginning */
export function parseCfi(cfi: string): CfiPoint | undefined {
  // Assertions in brackets say what stood there; `^` lets a bracket stand in one.
  const plain = cfi.replace(/\[(?:\^.|[^\]^])*\]/g, '')
  const [, step = '', path = ''] = /^epubcfi\(\/6\/(\d+)(?:!(.*))?\)$/.exec(plain) ?? []
  const index = Number(step) / 2 - 1
  if (!Number.isInteger(index) || index < 0) return undefined
  const [parent = '', start = ''] = path.split(',')
  return { index, rangeIn: (doc) => rangeAt(doc, parent + start) }
}

function rangeAt(doc: Document, path: string): Range | null {
  const [steps = '', offset = '0'] = path.split(':')
  let parent: Element = doc.documentElement
  for (const step of steps.split('/').slice(1).map(Number)) {
    if (step % 2 === 1) return textAt(parent, step, Number.parseInt(offset))
    const element = parent.children[step / 2 - 1]
    if (!element) return null
    parent = element
  }
  if (parent === doc.documentElement) return null
  const range = doc.createRange()
  range.selectNode(parent)
  return range
}

/** A point in the text after the `(step - 1) / 2`th element of its parent. */
function textAt(parent: Element, step: number, offset: number): Range | null {
  let left = offset
  const first = step === 1 ? parent.firstChild : (parent.children[(step - 3) / 2]?.nextSibling ?? null)
  for (let node = first; node && !isElement(node); node = node.nextSibling) {
    if (!isText(node)) continue
    if (left <= node.length) {
      const range = parent.ownerDocument.createRange()
      range.setStart(node, left)
      return range
    }
    left -= node.length
  }
  return null
}
