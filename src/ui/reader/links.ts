import type { Target } from 'foliate-js/paginator.js'
import type { Chapters } from './chapters.ts'
import type { Note } from './notes.ts'
import { mayReferToNote, noteAt } from './notes.ts'
import type { Places } from './places.ts'

interface Ways {
  /** Name of the text that the links are in. */
  from: string
  places: Places
  chapters: Chapters
  go(target: Target): Promise<void>
  /** The link is about to lead elsewhere in the book. */
  onJump(): void
  /** The link leads to a note, which can be read over the page. */
  onNote(note: Note, open: () => void): void
}

const xlink = 'http://www.w3.org/1999/xlink'

export const linkAt = (event: Event): Element | null =>
  (event.target as Element | null)?.closest('a[href], a[*|href]') ?? null

/** Links in the text are followed by us: inside the book, to a note over the page, or to a new tab. */
export function followLinks(doc: Document, ways: Ways): void {
  doc.addEventListener('click', (event) => {
    const link = linkAt(event)
    if (!link) return
    event.preventDefault()
    void follow(link, link.getAttribute('href') ?? link.getAttributeNS(xlink, 'href') ?? '', ways)
  })
}

async function follow(link: Element, href: string, ways: Ways): Promise<void> {
  const { from, places, chapters, go, onJump, onNote } = ways
  if (/^(https?|mailto|tel):/i.test(href)) window.open(href, '_blank', 'noopener,noreferrer')
  const found = places.atReference(from, href)
  if (!found) return
  const { target, elementIn } = found
  const jump = () => {
    onJump()
    void go(target)
  }
  const noted = mayReferToNote(link) ? elementIn(await chapters.document(target.index)) : null
  const note = noted && noteAt(noted, link)
  if (note) onNote(note, jump)
  else jump()
}
