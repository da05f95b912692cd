import type { Place } from './engine.ts'

/** Whoever has read on for so many pages has no use for the place that was left. */
const enough = 6

/** Where the reader was before a link or the contents led away, for as long as the way back may be wanted. */
export class WayBack {
  to = $state.raw<Place>()
  #at = ''
  #places = 0

  leave(from: Place | undefined): void {
    this.to = from
    this.#places = 0
  }

  forget(): void {
    this.to = undefined
  }

  /** The first place after leaving is where the link led; a page may also be laid out anew where it stands. */
  arrive({ locator }: Place): void {
    if (locator === this.#at) return
    this.#at = locator
    this.#places += 1
    if (this.#places > enough) this.forget()
  }
}
