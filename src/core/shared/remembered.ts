/**
 * Keeps what `load` gave for a short while, and asks once when many want it at the same moment. For what is
 * shown on every page and hardly ever changes: another process may see a change that much later. `forget` makes
 * this one see it at once.
 * @param milliseconds how old the answer may be
 */
export function remembered<Value>(
  load: () => Promise<Value>,
  milliseconds: number,
): (() => Promise<Value>) & { forget: () => void } {
  let kept: { value: Promise<Value>; until: number } | undefined
  const ask = () => {
    const now = performance.now()
    if (kept && now < kept.until) return kept.value
    const value = load()
    const mine = { value, until: now + milliseconds }
    kept = mine
    // A failure isn't kept: the next one who asks tries again.
    value.catch(() => {
      if (kept === mine) kept = undefined
    })
    return value
  }
  return Object.assign(ask, { forget: () => void (kept = undefined) })
}
