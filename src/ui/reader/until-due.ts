/** The longest pause that timers know. */
const longest = 2 ** 31 - 1

/**
 * Calls `onDue` when the loan ends, also after the device has slept.
 * @param openFor milliseconds, by the server's clock: the device's own may be wrong by years
 * @returns stops waiting
 */
export function untilDue(openFor: number, onDue: () => void): () => void {
  const due = Date.now() + openFor
  let timer: ReturnType<typeof setTimeout> | undefined

  function look(): void {
    clearTimeout(timer)
    const left = due - Date.now()
    if (left <= 0) onDue()
    else timer = setTimeout(look, Math.min(left, longest))
  }

  look()
  document.addEventListener('visibilitychange', look)
  return () => {
    clearTimeout(timer)
    document.removeEventListener('visibilitychange', look)
  }
}
