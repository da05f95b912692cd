import type { Position } from '#core/reading/positions.ts'

/** Where this tab has got to, and the revision of the place that it knew the server to have. */
type Unsaved = Pick<Position, 'locator' | 'fraction' | 'revision'>

/** A tab's own storage: a phone that is shared keeps nothing of it. */
const keyOf = (loan: string) => `place ${loan}`

export function keepUnsaved(loan: string, unsaved: Unsaved): void {
  try {
    sessionStorage.setItem(keyOf(loan), JSON.stringify(unsaved))
  } catch {
    // Without storage a reload begins at the place that the server has.
  }
}

export function forgetUnsaved(loan: string): void {
  try {
    sessionStorage.removeItem(keyOf(loan))
  } catch {
    return
  }
}

/**
 * The place that a reload has left: the new page is drawn before the old one is told that it goes, so it can't know
 * of the last save. Undefined when the server knows of a later one.
 */
export function unsavedPlace(loan: string, known: Position | undefined): Unsaved | undefined {
  try {
    const left = JSON.parse(sessionStorage.getItem(keyOf(loan)) ?? 'null') as Unsaved | null
    return left?.revision === (known?.revision ?? 0) ? left : undefined
  } catch {
    return undefined
  }
}
