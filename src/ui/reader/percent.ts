/** @param fraction 0…1; nothing is no way yet */
export const percentOf = (fraction: number | undefined): number => Math.round((fraction ?? 0) * 100)
