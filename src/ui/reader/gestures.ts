import { linkAt } from './links.ts'

interface Answers {
  turn: { left(): unknown; right(): unknown; next(): unknown; previous(): unknown }
  /** A tap in the middle of the page. */
  middle(): void
  /** The Tab key. */
  tab(): void
  /** Whether swipes are ours: the paginator has its own. */
  swipes: boolean
}

/** Share of the screen at either edge where a tap turns the page. */
const edge = 0.3
const shortestSwipe = 40

/** So long must a wheel rest, in milliseconds, before it turns another page. */
const wheelRest = 150

/** Taps, swipes, keys and the wheel inside a chapter's own document. */
export function listenTo(doc: Document, answers: Answers): void {
  doc.addEventListener('click', (event) => {
    if (linkAt(event)) return
    // Whoever has just marked a word doesn't want the page to turn under it.
    if (doc.getSelection()?.isCollapsed === false) return
    const place = placeOnScreen(event)
    if (place < edge) answers.turn.left()
    else if (place > 1 - edge) answers.turn.right()
    else answers.middle()
  })
  doc.addEventListener('keydown', (event) => {
    if (event.key === 'Tab') answers.tab()
    turnByKey(event, answers.turn)
  })
  doc.addEventListener('wheel', (event) => turnByWheel(event, answers.turn), { passive: true })
  if (answers.swipes) listenToSwipes(doc, answers.turn)
}

/** Arrow keys, Page Up and Down, space: the same in the book and around it. */
export function turnByKey(event: KeyboardEvent, turn: Answers['turn']): void {
  if (event.altKey || event.ctrlKey || event.metaKey) return
  const answer =
    event.key === ' '
      ? event.shiftKey
        ? turn.previous
        : turn.next
      : { ArrowLeft: turn.left, ArrowRight: turn.right, PageUp: turn.previous, PageDown: turn.next }[
          event.key
        ]
  if (!answer) return
  event.preventDefault()
  answer()
}

let wheelMovedAt = -Infinity

/**
 * A notch of the wheel turns a page, the same in the book and around it. A touchpad sends a burst of small steps
 * that goes on after the fingers have left: all of it is one page, whichever texts it passes over.
 */
export function turnByWheel(event: WheelEvent, turn: Answers['turn']): void {
  // With Ctrl, or two fingers, the page is made larger.
  if (event.ctrlKey || (event.deltaX === 0 && event.deltaY === 0)) return
  const now = performance.now()
  const rested = now - wheelMovedAt >= wheelRest
  wheelMovedAt = now
  if (!rested) return
  if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) (event.deltaX > 0 ? turn.right : turn.left)()
  else if (event.deltaY > 0) turn.next()
  else turn.previous()
}

/** 0…1 across the window; the chapter's own frame is as wide as all its pages together. */
function placeOnScreen(event: MouseEvent): number {
  const frame = event.view?.frameElement as HTMLElement | null | undefined
  const box = frame?.getBoundingClientRect()
  const scale = box && frame ? box.width / frame.offsetWidth : 1
  return ((box?.left ?? 0) + event.clientX * scale) / window.innerWidth
}

function listenToSwipes(doc: Document, turn: Answers['turn']): void {
  let from: Touch | undefined
  doc.addEventListener('touchstart', (event) => {
    from = event.touches.length === 1 ? event.touches[0] : undefined
  })
  doc.addEventListener('touchend', (event) => {
    const [to] = event.changedTouches
    if (!from || !to) return
    const across = to.screenX - from.screenX
    const along = to.screenY - from.screenY
    from = undefined
    if (Math.abs(across) < shortestSwipe || Math.abs(across) < Math.abs(along)) return
    // A page that was made larger with two fingers is moved, not turned.
    if ((visualViewport?.scale ?? 1) > 1.01) return
    if (across > 0) turn.left()
    else turn.right()
  })
}
