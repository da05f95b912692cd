/** A note as it is shown over the page that refers to it: plain text, a paragraph each. */
export type Note = readonly string[]

const linkTypes = /\b(doc-)?noteref\b/
const backTypes = /\b(doc-)?backlink\b/
const noteTypes = /\b(doc-)?(footnote|endnote|rearnote|note)\b/
const inline = 'a, span, sup, sub, em, strong, i, b, small'
const blocks = 'p, li, blockquote, dd, dt, h1, h2, h3, h4, h5, h6, pre, td, th'

/** EPUB's word for what an element is, or ARIA's (EPUB 3 Structural Semantics, DPUB-ARIA). */
const kindOf = (element: Element) =>
  `${element.getAttributeNS('http://www.idpf.org/2007/ops', 'type') ?? ''} ${element.getAttribute('role') ?? ''}`

/** Whether a link may lead to a note: it says so, or it is a raised sign. */
export const mayReferToNote = (link: Element): boolean =>
  !backTypes.test(kindOf(link)) &&
  (linkTypes.test(kindOf(link)) || link.closest('sup') !== null || link.querySelector('sup') !== null)

/**
 * The note at an element, when it is short enough to be read over the page.
 * @param link what refers to it
 */
export function noteAt(target: Element, link: Element): Note | undefined {
  let note = target
  while (note.matches(inline) && note.parentElement) note = note.parentElement
  if (note.localName === 'body') return undefined
  const sure = linkTypes.test(kindOf(link)) || noteTypes.test(kindOf(note)) || note.localName === 'aside'
  if (!sure && (note.textContent.length > 1500 || /^(section|article|h\d)$/.test(note.localName)))
    return undefined
  const inner = Array.from(note.querySelectorAll(blocks)).filter((each) => !each.querySelector(blocks))
  const lines = (inner.length > 0 ? inner : [note]).map(textOf).filter((line) => line !== '')
  return lines.length > 0 && lines.join('').length < 5000 ? lines : undefined
}

/** What is to be read of a paragraph: the way back to the text, "↩", is none of it. */
function textOf(block: Element): string {
  const copy = block.cloneNode(true) as Element
  for (const link of copy.querySelectorAll('a')) if (backTypes.test(kindOf(link))) link.remove()
  return copy.textContent.replace(/\s+/g, ' ').trim()
}
