import * as CFI from 'foliate-js/epubcfi.js'
import { EPUB } from 'foliate-js/epub.js'
import type { Target, TocItem } from 'foliate-js/epub.js'
import 'foliate-js/paginator.js'
import type { Renderer } from 'foliate-js/paginator.js'
import { SectionProgress, TOCProgress } from 'foliate-js/progress.js'
import type { Appearance } from './appearance.ts'
import { chapterStyles } from './appearance.ts'
import type { BookSource } from './book-source.ts'
import { listenTo } from './gestures.ts'

/** Where the reader is. */
export interface Place {
  /** EPUB CFI of the page's first words. */
  locator: string
  /** 0…1 of the text that lies behind the reader at the end of this page. */
  fraction: number
  chapter: string
}

export interface Chapter {
  label: string
  href: string | undefined
  /** 0 for the outermost. */
  depth: number
}

/** The one door to foliate-js: nothing else imports it. */
export interface ReadingEngine {
  chapters: readonly Chapter[]
  fixedLayout: boolean
  next(): Promise<void>
  previous(): Promise<void>
  /** To the page on that side, whichever way the book runs. */
  left(): Promise<void>
  right(): Promise<void>
  goToHref(href: string): Promise<void>
  goToFraction(fraction: number): Promise<void>
  goToLocator(locator: string): Promise<void>
  show(appearance: Appearance): void
  close(): void
}

/** What foliate's renderers tell when the page changes. */
interface Relocation {
  reason: string | null
  range: Range | null
  index: number
  fraction: number
  size?: number
}

export async function openBook(options: {
  host: HTMLElement
  source: BookSource
  appearance: Appearance
  start: { locator: string; fraction: number } | undefined
  onPlace(place: Place): void
  /** A tap or key in the middle, which shows or hides the bars. */
  onMiddle(): void
}): Promise<ReadingEngine> {
  const { host, source, onPlace } = options
  const book = await new EPUB({
    loadText: (name) => source.text(name),
    // Pictures and fonts have addresses of their own. What is still asked for is a sheet that imports itself.
    loadBlob: async () => '',
    getSize: (name) => source.size(name),
  }).init()
  const fixedLayout = book.rendition?.layout === 'pre-paginated'
  if (fixedLayout) await import('foliate-js/fixed-layout.js')
  const renderer = document.createElement(fixedLayout ? 'foliate-fxl' : 'foliate-paginator') as Renderer
  const progress = new SectionProgress(book.sections, 1500, 1600)
  const contents = new TOCProgress()
  await contents.init({
    toc: book.toc ?? [],
    ids: book.sections.map((section) => section.id),
    splitHref: (href) => book.splitTOCHref(href),
    getFragment: (doc, id) => book.getTOCFragment(doc, id),
  })

  function locate({ range, index, fraction, size }: Relocation): void {
    const section = book.sections[index]
    if (!section) return
    onPlace({
      locator: range ? CFI.joinIndir(section.cfi, CFI.fromRange(range)) : section.cfi,
      fraction: Math.min(1, Math.max(0, progress.getProgress(index, fraction || 0, size ?? 0).fraction || 0)),
      chapter: contents.getProgress(index, range)?.label.trim() ?? '',
    })
    const following = book.sections.slice(index + 1).find((each) => each.linear !== 'no')
    if (following) source.prefetch(following.id)
  }

  const inTurn = oneAfterAnother()
  const next = inTurn(() => renderer.next())
  const previous = inTurn(() => renderer.prev())
  const turn =
    book.dir === 'rtl'
      ? { next, previous, left: next, right: previous }
      : { next, previous, left: previous, right: next }

  renderer.addEventListener('relocate', (event) => locate((event as CustomEvent<Relocation>).detail))
  renderer.addEventListener('load', (event) => {
    const { doc, index } = (event as CustomEvent<{ doc: Document; index: number }>).detail
    // Hyphens and spoken words need to know the language.
    doc.documentElement.lang ||= [book.metadata?.language].flat()[0] ?? ''
    listenTo(doc, {
      turn,
      middle: options.onMiddle,
      swipes: fixedLayout,
      follow(href) {
        const resolved = book.sections[index]?.resolveHref(href) ?? href
        if (/^(https?|mailto):/i.test(resolved)) window.open(resolved, '_blank', 'noopener,noreferrer')
        else if (!book.isExternal(resolved)) void goToHref(resolved)
      },
    })
  })

  if (!matchMedia('(prefers-reduced-motion: reduce)').matches) renderer.setAttribute('animated', '')
  renderer.setAttribute('margin', '28px')
  renderer.setAttribute('gap', '6%')
  renderer.setAttribute('max-inline-size', '680px')
  renderer.open(book)
  host.append(renderer)
  renderer.setStyles?.(chapterStyles(options.appearance))

  async function go(target: Target | null | undefined): Promise<void> {
    if (target && target.index >= 0) await renderer.goTo(target)
  }

  async function goToHref(href: string): Promise<void> {
    await go(book.resolveHref(href))
  }

  async function goToFraction(fraction: number): Promise<void> {
    const [index, anchor] = progress.getSection(fraction)
    await go({ index, anchor })
  }

  async function goToLocator(locator: string): Promise<void> {
    await go(book.resolveCFI(locator))
  }

  /** A place that can't be found any more, as after a new edition, is looked for by its share of the text. */
  async function begin(): Promise<void> {
    const { start } = options
    const target = start && attempt(() => book.resolveCFI(start.locator))
    if (target && target.index >= 0) await go(target)
    else if (start) await goToFraction(start.fraction)
    else
      await go({
        index: Math.max(
          0,
          book.sections.findIndex((each) => each.linear !== 'no'),
        ),
      })
  }

  await begin()
  return {
    chapters: flattened(book.toc ?? []),
    fixedLayout,
    ...turn,
    goToHref,
    goToFraction,
    goToLocator,
    show: (appearance) => renderer.setStyles?.(chapterStyles(appearance)),
    close() {
      renderer.remove()
      attempt(() => renderer.destroy())
      book.destroy()
    },
  }
}

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

function attempt<Result>(work: () => Result): Result | undefined {
  try {
    return work()
  } catch {
    return undefined
  }
}

const flattened = (items: readonly TocItem[], depth = 0): Chapter[] =>
  items.flatMap((item) => [
    { label: item.label.trim(), href: item.href ?? undefined, depth },
    ...flattened(item.subitems ?? [], depth + 1),
  ])
