/** Whoever was asked gave no answer in time. */
export class NoAnswer extends Error {
  readonly code = 'no_answer'
}

/**
 * Waits for an answer no longer than that; the work itself may go on.
 * @throws NoAnswer
 */
export function within<Result>(milliseconds: number, work: Promise<Result>): Promise<Result> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const limit = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new NoAnswer()), milliseconds)
  })
  return Promise.race([work, limit]).finally(() => clearTimeout(timer))
}
