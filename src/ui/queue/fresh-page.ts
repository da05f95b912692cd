/**
 * For so long after a questionnaire has appeared nothing is decided about it, in milliseconds: the second of
 * two fast presses was meant for the one before, and nobody has read this one yet.
 */
const unread = 1000

/** @param shownAt `performance.now()` when it appeared */
export const tooSoon = (shownAt: number): boolean => performance.now() - shownAt < unread
