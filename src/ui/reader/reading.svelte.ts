import * as texts from '#texts'
import type { Position } from '#core/reading/positions.ts'
import type { OpenBook } from '#core/reading/reading.ts'
import type AfterFirstText from './AfterFirstText.svelte'
import type { Appearance } from './appearance.ts'
import { colours, storeAppearance, storedAppearance, usual } from './appearance.ts'
import type { Trouble } from './book-source.ts'
import { createBookSource } from './book-source.ts'
import type { Place, ReadingEngine } from './engine.ts'
import { openBook } from './engine.ts'
import type { Note } from './notes.ts'
import type { PositionKeeper } from './position-keeper.ts'
import { WayBack } from './way-back.svelte.ts'

interface Options {
  book: OpenBook
  /** Address of the book's files, with a slash at its end. */
  files: string
  /** A link led to a note, which can be read over the page. */
  onNote(note: Note, open: () => void): void
}

/** A book being read: what the page knows of it and what can be done with it. Its looks are Reader.svelte's. */
export class Reading {
  engine = $state.raw<ReadingEngine>()
  place = $state.raw<Place>()
  trouble = $state.raw<Trouble | 'broken'>()
  /** Where another device has got to. */
  newer = $state.raw<Position>()
  appearance = $state.raw<Appearance>(usual)
  barsShown = $state.raw(true)
  /** All that the first text needn't wait for: contents, looks, notes. */
  After = $state.raw<typeof AfterFirstText>()
  readonly wayBack = new WayBack()
  readonly #options: Options
  #keeper: PositionKeeper | undefined

  constructor(options: Options) {
    this.#options = options
  }

  /**
   * Opens the book in the browser.
   * @param host where the text goes
   * @returns closes it
   */
  begin(host: HTMLElement): () => void {
    const opened = performance.now()
    const { book, files, onNote } = this.#options
    this.#look(storedAppearance())
    const source = createBookSource({
      base: files,
      onTrouble: (now) => {
        if (this.trouble === 'closed') return
        if (now === 'closed') close()
        else this.trouble = now
      },
    })
    let stopWaiting = () => {}

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
          start: book.position,
          onPlace: (now) => this.#arrive(now),
          onMiddle: () => (this.barsShown = !this.barsShown),
          onTab: () => (this.barsShown = true),
          onJump: () => this.wayBack.leave(this.place),
          onNote,
        })
        if (this.trouble === 'closed') made.close()
        else this.engine = made
      } catch {
        if (this.trouble !== 'closed') this.trouble = 'broken'
      }
    }

    const goOn = async () => {
      const { AfterFirstText: found, createPositionKeeper, untilDue } = await import('./after-first-text.ts')
      this.After = found
      stopWaiting = untilDue(book.openFor - (performance.now() - opened), close)
      this.#keeper = createPositionKeeper({
        address: `/read/${book.loan}/position`,
        known: book.position,
        onNewer: (position) => (this.newer = position),
      })
      if (this.place) this.#keeper.note(this.place)
    }

    const goOnWhenOnline = () => addEventListener('online', () => void goOn(), { once: true })
    void open().then(goOn).catch(goOnWhenOnline)
    return () => {
      stopWaiting()
      this.#keeper?.stop()
      source.close()
      this.engine?.close()
    }
  }

  #arrive(now: Place): void {
    this.wayBack.arrive(now)
    this.place = now
    this.#keeper?.note(now)
  }

  #look(changed: Appearance): void {
    this.appearance = changed
    this.engine?.show(changed)
    document.querySelector('meta[name=theme-color]')?.setAttribute('content', colours[changed.theme].paper)
  }

  choose(changed: Appearance): void {
    this.#look(changed)
    storeAppearance(changed)
  }

  /** Leads away from the place, with a way back to it. */
  leave(way: (from: ReadingEngine) => Promise<void>): void {
    if (!this.engine) return
    this.wayBack.leave(this.place)
    void way(this.engine)
  }

  goBack(to: Place): void {
    this.wayBack.forget()
    void this.engine?.goToLocator(to)
  }

  followOther(position: Position): void {
    this.#settle(position)
    void this.engine?.goToLocator(position)
  }

  stayHere(position: Position): void {
    this.#settle(position)
    if (this.place) this.#keeper?.note(this.place)
  }

  #settle(position: Position): void {
    this.#keeper?.accept(position)
    this.newer = undefined
  }
}
