import * as texts from '#texts'
import type { OpenBook } from '#core/reading/reading.ts'
import type { Appearance } from './appearance.ts'
import { colours, storedAppearance, usual } from './appearance.ts'
import type { Trouble } from './book-source.ts'
import { createBookSource } from './book-source.ts'
import type { Place, ReadingEngine } from './engine.ts'
import { openBook } from './engine.ts'
import type { Note } from './notes.ts'
import { unsavedPlace } from './unsaved-place.ts'

type AfterFirstText = typeof import('./after-first-text.ts')

interface Options {
  book: OpenBook
  /** Address of the book's files, with a slash at its end. */
  files: string
  /** A link led to a note, which can be read over the page. */
  onNote(note: Note, open: () => void): void
}

/** A book being read, as far as its first text needs it; `on` has the rest. Its looks are Reader.svelte's. */
export class Reading {
  engine = $state.raw<ReadingEngine>()
  place = $state.raw<Place>()
  trouble = $state.raw<Trouble | 'broken'>()
  appearance = $state.raw<Appearance>(usual)
  barsShown = $state.raw(true)
  /** All that the first text needn't wait for: contents, looks, notes; keeping the place, ways back to it. */
  After = $state.raw<AfterFirstText['AfterFirstText']>()
  on = $state.raw<InstanceType<AfterFirstText['ReadingOn']>>()
  readonly book: OpenBook
  readonly #options: Options

  constructor(options: Options) {
    this.#options = options
    this.book = options.book
  }

  /**
   * Opens the book in the browser.
   * @param host where the text goes
   * @returns closes it
   */
  begin(host: HTMLElement): () => void {
    const opened = performance.now()
    const { book, files, onNote } = this.#options
    this.look(storedAppearance())
    const source = createBookSource({
      base: files,
      onTrouble: (now) => {
        if (this.trouble === 'closed') return
        if (now === 'closed') close()
        else this.trouble = now
      },
    })

    const close = () => {
      this.trouble = 'closed'
      source.close()
      this.engine?.close()
      this.engine = undefined
    }

    const open = async () => {
      try {
        const made = await openBook({
          host,
          book: book.package,
          source,
          appearance: this.appearance,
          label: texts.read_page(),
          start: unsavedPlace(book.loan, book.position) ?? book.position,
          onPlace: (now) => {
            this.place = now
            this.on?.arrive(now)
          },
          onMiddle: () => (this.barsShown = !this.barsShown),
          onTab: () => (this.barsShown = true),
          onJump: () => this.on?.wayBack.leave(this.place),
          onNote,
        })
        if (this.trouble === 'closed') made.close()
        else this.engine = made
      } catch {
        if (this.trouble !== 'closed') this.trouble = 'broken'
      }
    }

    const goOn = async () => {
      const { AfterFirstText, ReadingOn } = await import('./after-first-text.ts')
      this.After = AfterFirstText
      this.on = new ReadingOn(this, book.openFor - (performance.now() - opened), close)
    }

    const goOnWhenOnline = () => addEventListener('online', () => void goOn(), { once: true })
    void open().then(goOn).catch(goOnWhenOnline)
    return () => {
      this.on?.stop()
      source.close()
      this.engine?.close()
    }
  }

  look(changed: Appearance): void {
    this.appearance = changed
    this.engine?.show(changed)
    document.querySelector('meta[name=theme-color]')?.setAttribute('content', colours[changed.theme].paper)
  }
}
