/** A key of a page: physical keys, so that it is the same one in every layout. */
export interface PageKey {
  /** `KeyboardEvent.code`s. */
  codes: readonly string[]
  /** As it is printed on the keyboard. */
  shown: string
  /** What it does, in words. */
  does: string
  /** Undefined for what the browser does by itself. */
  press?: () => void
  /** Held down it goes on, as when going through a list. */
  repeats?: true
}

/** Which of the page's keys an event is; none while somebody types, or with Ctrl, Alt or Meta. */
export function keyFor(event: KeyboardEvent, keys: readonly PageKey[]): PageKey | undefined {
  if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey)
    return undefined
  if (isTyping(event.target)) return undefined
  const key = keys.find(({ codes }) => codes.includes(event.code))
  return key?.press && (!event.repeat || key.repeats) ? key : undefined
}

/** «?» and «/» stand on other keys in other layouts: the sign counts as well. */
export const isQuestionMark = (event: KeyboardEvent): boolean =>
  !isTyping(event.target) &&
  !event.ctrlKey &&
  !event.altKey &&
  !event.metaKey &&
  (event.key === '?' || (event.shiftKey && event.code === 'Slash'))

const notTypedIn = new Set(['checkbox', 'radio', 'button', 'submit'])

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  if (target instanceof HTMLInputElement) return !notTypedIn.has(target.type)
  return target.isContentEditable || target.matches('textarea, select')
}

/** Moves the focus by one row among the page's rows; from outside to the first or the last. */
export function stepRows(by: 1 | -1): void {
  const rows = [...document.querySelectorAll<HTMLElement>('[data-row]')]
  const at = rows.findIndex((row) => row === document.activeElement)
  const to = at === -1 ? (by === 1 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, at + by))
  rows[to]?.focus()
}

/** Sends a form of the page, found by its mark, as its button would. */
export function sendForm(mark: string): void {
  const form = document.querySelector<HTMLFormElement>(`form[data-key="${mark}"]`)
  form?.requestSubmit()
}

/** Opens a folded part of the page where there is one and goes to its field. */
export function goToField(id: string): void {
  const field = document.getElementById(id)
  const folded = field?.closest('details')
  if (folded) folded.open = true
  field?.focus()
}
