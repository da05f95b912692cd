/**
 * For so long after a questionnaire has come up behind a decision nothing is decided about it, in milliseconds:
 * the second of two fast presses was meant for the one before, and nobody has read this one yet.
 */
const unread = 1000

/**
 * Watches what a button of the page would do.
 * @param justDecided the page has come up behind a decision, under the hand that made it
 */
export function freshness() {
  let shownAt = -Infinity
  let known: string | undefined
  return {
    /** @param now what the button does now, in any words that change with it */
    see(now: string, justDecided: boolean): void {
      if (known === undefined ? justDecided : known !== now) shownAt = performance.now()
      known = now
    },
    tooSoon: (): boolean => performance.now() - shownAt < unread,
  }
}
