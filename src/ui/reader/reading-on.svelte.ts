import type { Position } from '#core/reading/positions.ts'
import type { Appearance } from './appearance.ts'
import { storeAppearance } from './appearance.ts'
import type { Place, ReadingEngine } from './engine.ts'
import type { PositionKeeper } from './position-keeper.ts'
import { createPositionKeeper } from './position-keeper.ts'
import type { Reading } from './reading.svelte.ts'
import { untilDue } from './until-due.ts'
import { WayBack } from './way-back.svelte.ts'

/** What can be done with a book once its first text is there: to go elsewhere and back, on this device or another. */
export class ReadingOn {
  /** Where another device has got to. */
  newer = $state.raw<Position>()
  readonly wayBack = new WayBack()
  readonly #reading: Reading
  readonly #keeper: PositionKeeper
  readonly #stopWaiting: () => void

  /** @param openFor milliseconds until the loan ends, when `close` is called */
  constructor(reading: Reading, openFor: number, close: () => void) {
    const { book, place } = reading
    this.#reading = reading
    this.#stopWaiting = untilDue(openFor, close)
    this.#keeper = createPositionKeeper({
      loan: book.loan,
      known: book.position,
      onNewer: (position) => (this.newer = position),
    })
    if (place) this.arrive(place)
  }

  stop(): void {
    this.#stopWaiting()
    this.#keeper.stop()
  }

  arrive(now: Place): void {
    this.wayBack.arrive(now)
    this.#keeper.note(now)
  }

  choose(changed: Appearance): void {
    this.#reading.look(changed)
    storeAppearance(changed)
  }

  /** Leads away from the place, with a way back to it. */
  leave(way: (from: ReadingEngine) => Promise<void>): void {
    const { engine, place } = this.#reading
    if (!engine) return
    this.wayBack.leave(place)
    void way(engine)
  }

  goBack(to: Place): void {
    this.wayBack.forget()
    void this.#reading.engine?.goToLocator(to)
  }

  followOther(position: Position): void {
    this.#settle(position)
    void this.#reading.engine?.goToLocator(position)
  }

  stayHere(position: Position): void {
    this.#settle(position)
    const { place } = this.#reading
    if (place) this.#keeper.note(place)
  }

  #settle(position: Position): void {
    this.#keeper.accept(position)
    this.newer = undefined
  }
}
