/** With fewer decisions than this there is no experience to speak of. */
const enoughDecisions = 10

/** What a library may be told about how long an answer takes. */
export type WaitEstimate =
  | { known: false; ahead: number }
  | {
      known: true
      ahead: number
      /** Milliseconds: half of the answers came within this time, nine of ten within that one. */
      half: number
      mostly: number
    }

/**
 * @param waited how long each recently decided questionnaire had waited, in milliseconds
 * @param ahead how many wait before this one
 */
export function estimateWait(waited: readonly number[], ahead: number): WaitEstimate {
  if (waited.length < enoughDecisions) return { known: false, ahead }
  const sorted = waited.toSorted((a, b) => a - b)
  return { known: true, ahead, half: withinShare(sorted, 0.5), mostly: withinShare(sorted, 0.9) }
}

/** The shortest of the times that at least this share of all doesn't exceed. */
const withinShare = (sorted: readonly number[], share: number): number =>
  sorted[Math.ceil(sorted.length * share) - 1] ?? 0
