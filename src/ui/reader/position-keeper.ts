import type { Position } from '#core/reading/positions.ts'
import type { Place } from './engine.ts'
import { forgetUnsaved, keepUnsaved, unsavedPlace } from './unsaved-place.ts'

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
  loan: string
  known: Position | undefined
  onNewer(position: Position): void
}): PositionKeeper {
  const { loan, known } = options
  let revision = known?.revision ?? 0
  const left = unsavedPlace(loan, known)
  let waiting: Place | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let saving: Promise<void> = Promise.resolve()
  let asked = false

  async function save(keepalive: boolean): Promise<void> {
    const place = waiting
    if (!place || asked) return
    waiting = undefined
    const { locator, fraction } = place
    const response = await fetch(`/read/${loan}/position`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ locator, fraction, revision }),
      keepalive,
    }).catch(() => undefined)
    // Without a line the place waits for the next one.
    if (!response) waiting ??= place
    else if (response.ok) saved(((await response.json()) as { revision: number }).revision)
    else if (response.status === 409) {
      const { position } = (await response.json()) as { position: Position }
      // Both devices stand at the same place: there is nothing to ask.
      if (position.locator === locator) saved(position.revision)
      // It was this tab, as it was reloaded: its last save came after the new page had been drawn.
      else if (position.locator === left?.locator) {
        revision = position.revision
        waiting ??= place
        await save(keepalive)
      } else {
        asked = true
        options.onNewer(position)
      }
    }
  }

  function saved(now: number): void {
    revision = now
    if (waiting) keepUnsaved(loan, { locator: waiting.locator, fraction: waiting.fraction, revision })
    else forgetUnsaved(loan)
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
      const { locator, fraction } = place
      keepUnsaved(loan, { locator, fraction, revision })
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
