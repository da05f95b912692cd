import type { BookPackage } from '#core/reading/package.ts'
import type { ContentsEntry } from '#protocols/epub/contents.ts'
import 'foliate-js/paginator.js'
import type { FixedLayout } from 'foliate-js/fixed-layout.js'
import type { Book, Renderer, Target } from 'foliate-js/paginator.js'
import type { Appearance } from './appearance.ts'
import { chapterStyles, gaps } from './appearance.ts'
import type { BookSource } from './book-source.ts'
import { createChapters } from './chapters.ts'
import type { Note } from './notes.ts'
import { createPlaces } from './places.ts'

/** Where the reader is. */
export interface Place {
  /** EPUB CFI of the page's first words. */
  locator: string
  /** 0…1 of the text that lies behind the reader at the end of this page. */
  fraction: number
  /** The line of the contents that it belongs to. */
  chapter: ContentsEntry | undefined
}

/** The one door to foliate-js: nothing else imports it. */
export interface ReadingEngine {
  next(): Promise<void>
  previous(): Promise<void>
  /** To the page on that side, whichever way the book runs. */
  left(): Promise<void>
  right(): Promise<void>
  goToChapter(entry: ContentsEntry): Promise<void>
  goToFraction(fraction: number): Promise<void>
  goToLocator(place: { locator: string; fraction: number }): Promise<void>
  show(appearance: Appearance): void
  close(): void
}

/** What foliate's renderers tell when the page changes. */
interface Relocation {
  range: Range | null
  index: number
  fraction: number
  size?: number
}

export interface EngineOptions {
  host: HTMLElement
  book: BookPackage
  source: BookSource
  appearance: Appearance
  /** What the frame with the text is called for those who hear it. */
  label: string
  start: { locator: string; fraction: number } | undefined
  onPlace(place: Place): void
  /** A tap in the middle, which shows or hides the bars; Tab needs them to go to. */
  onMiddle(): void
  onTab(): void
  /** A link in the text is about to lead elsewhere in the book. */
  onJump(): void
  /** A link led to a note, which can be read over the page. */
  onNote(note: Note, open: () => void): void
}

export async function openBook(options: EngineOptions): Promise<ReadingEngine> {
  const { book, source } = options
  const { fixed } = book
  let appearance = options.appearance
  /** Of the section that is shown. */
  let here = 0
  const chapters = createChapters(book, source)
  const places = createPlaces(book)
  const sections = book.sections.map((section, index) => ({
    load: () => chapters.open(index),
    unload: () => chapters.release(index),
    linear: section.linear ? null : ('no' as const),
    pageSpread: section.spread,
  }))
  const inTurn = oneAfterAnother()
  const next = inTurn(() => renderer.next())
  const previous = inTurn(() => renderer.prev())
  const turn =
    book.direction === 'rtl'
      ? { next, previous, left: next, right: previous }
      : { next, previous, left: previous, right: next }

  if (fixed) await import('foliate-js/fixed-layout.js')
  let renderer = mount()
  upright.addEventListener('change', onRotated)
  await begin()

  function mount(): Renderer {
    const made = document.createElement(fixed ? 'foliate-fxl' : 'foliate-paginator') as Renderer
    made.addEventListener('relocate', (event) => locate((event as CustomEvent<Relocation>).detail))
    made.addEventListener('load', (event) => {
      const { doc, index } = (event as CustomEvent<{ doc: Document; index: number }>).detail
      void listen(doc, index)
    })
    if (!matchMedia('(prefers-reduced-motion: reduce)').matches) made.setAttribute('animated', '')
    made.setAttribute('gap', gaps[appearance.margins])
    made.setAttribute('max-inline-size', '680px')
    fit(made)
    made.open(asFoliateBook())
    options.host.append(made)
    made.setStyles?.(chapterStyles(appearance))
    return made
  }

  function asFoliateBook(): Book {
    const spread = upright.matches && fixed?.spread !== 'both' ? 'none' : fixed?.spread
    return { sections, dir: book.direction, rendition: { spread, viewport: fixed?.viewport } }
  }

  /** Two pages side by side, or one: books of fixed pages are paired anew. */
  function onRotated(): void {
    fit(renderer)
    if (!fixed) return
    renderer.remove()
    renderer.destroy()
    renderer = mount()
    void go({ index: here })
  }

  function locate({ range, index, fraction, size }: Relocation): void {
    here = firstOfSpread(index)
    options.onPlace({
      locator: places.locator(here, range),
      fraction: places.fraction(index, (fraction || 0) + (size ?? 0)),
      chapter: places.chapter(index, range),
    })
    const following = book.sections.findIndex((section, each) => each > index && section.linear)
    if (following >= 0) chapters.prefetch(following)
  }

  /** The fixed renderer tells the second page of two that stand side by side. */
  function firstOfSpread(index: number): number {
    const [before, now] = [sections[index - 1], sections[index]]
    if (!isFixed(renderer) || !before || !now) return index
    return renderer.getSpreadOf(before)?.index === renderer.getSpreadOf(now)?.index ? index - 1 : index
  }

  async function listen(doc: Document, index: number): Promise<void> {
    // Hyphens and spoken words need to know the language.
    doc.documentElement.lang ||= book.language ?? ''
    doc.defaultView?.frameElement?.setAttribute('title', options.label)
    const { fitTables, followLinks, listenTo } = await import('./shown-text.ts')
    const { onMiddle, onTab, onJump, onNote } = options
    if (!fixed) fitTables(doc)
    listenTo(doc, { turn, middle: onMiddle, tab: onTab, swipes: fixed !== undefined })
    followLinks(doc, { from: book.sections[index]?.name ?? '', places, chapters, go, onJump, onNote })
  }

  async function go(target: Target): Promise<void> {
    await renderer.goTo(target)
  }

  /** A place that can't be found any more, as after a new edition, is looked for by its share of the text. */
  async function goToLocator(place: { locator: string; fraction: number }): Promise<void> {
    await go(places.atLocator(place.locator, place.fraction) ?? places.atFraction(place.fraction))
  }

  async function begin(): Promise<void> {
    if (options.start) await goToLocator(options.start)
    else
      await go({
        index: Math.max(
          0,
          book.sections.findIndex((section) => section.linear),
        ),
      })
  }

  return {
    ...turn,
    async goToChapter(entry) {
      const target = places.atEntry(entry)
      if (target) await go(target)
    },
    goToFraction: (fraction) => go(places.atFraction(fraction)),
    goToLocator,
    show(changed) {
      appearance = changed
      renderer.setAttribute('gap', gaps[appearance.margins])
      renderer.setStyles?.(chapterStyles(appearance))
    },
    close() {
      upright.removeEventListener('change', onRotated)
      renderer.remove()
      renderer.destroy()
    },
  }
}

const upright = matchMedia('(orientation: portrait)')

/** Columns and margins for the window as it is held now. */
function fit(renderer: Renderer): void {
  renderer.setAttribute('max-column-count', upright.matches ? '1' : '2')
  renderer.setAttribute('margin', window.innerHeight < 480 ? '12px' : '28px')
}

const isFixed = (renderer: Renderer): renderer is Renderer & FixedLayout =>
  renderer.localName === 'foliate-fxl'

type Turn = () => Promise<void>

/** The renderer drops a turn that comes while it still turns; a quick reader's last one waits instead. */
function oneAfterAnother(): (turn: Turn) => Turn {
  let running = false
  let waiting: Turn | undefined
  return (turn) => async () => {
    waiting = turn
    if (running) return
    running = true
    try {
      while (waiting) {
        const now: Turn = waiting
        waiting = undefined
        await now()
      }
    } finally {
      running = false
    }
  }
}
