import type { Position } from '#core/reading/positions.ts'
import type { Place } from './engine.ts'

export interface PositionKeeper {
  /** Notes where the reader is; saved shortly after, and at the latest when the page is left. */
  note(place: Place): void
  /** Takes the other device's place as known: what is noted from here on counts again. */
  accept(position: Position): void
  stop(): void
}

/** Pages turn faster than a place is worth saving. */
const rest = 1500

/**
 * Keeps the place on the server. A save tells which revision this device saw last; when another device has
 * saved since, nothing is overwritten and `onNewer` gets the other place.
 */
export function createPositionKeeper(options: {
  address: string
  known: Position | undefined
  onNewer(position: Position): void
}): PositionKeeper {
  let revision = options.known?.revision ?? 0
  let waiting: Place | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let saving: Promise<void> = Promise.resolve()
  let asked = false

  async function save(keepalive: boolean): Promise<void> {
    const place = waiting
    if (!place || asked) return
    waiting = undefined
    const { locator, fraction } = place
    const response = await fetch(options.address, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ locator, fraction, revision }),
      keepalive,
    }).catch(() => undefined)
    // Without a line the place waits for the next one.
    if (!response) waiting ??= place
    else if (response.ok) revision = ((await response.json()) as { revision: number }).revision
    else if (response.status === 409) {
      const { position } = (await response.json()) as { position: Position }
      // Both devices stand at the same place: there is nothing to ask.
      if (position.locator === locator) revision = position.revision
      else {
        asked = true
        options.onNewer(position)
      }
    }
  }

  const flush = (keepalive: boolean) => {
    clearTimeout(timer)
    saving = saving.then(() => save(keepalive))
  }
  const onHidden = () => {
    if (document.visibilityState === 'hidden') flush(true)
  }
  const onHide = () => flush(true)
  document.addEventListener('visibilitychange', onHidden)
  addEventListener('pagehide', onHide)

  return {
    note(place) {
      waiting = place
      clearTimeout(timer)
      timer = setTimeout(() => flush(false), rest)
    },
    accept(position) {
      revision = position.revision
      asked = false
    },
    stop() {
      flush(true)
      document.removeEventListener('visibilitychange', onHidden)
      removeEventListener('pagehide', onHide)
    },
  }
}
