/** One line of the table. */
export interface Row {
  what: string
  measured: string
  /** Of the design; undefined for what is measured for information. */
  limit?: { text: string; kept: boolean }
  /** In a few words. */
  how: string
}

/** The value that a share of all values doesn't exceed: 0.95 for p95. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
}

export const median = (values: readonly number[]): number => percentile(values, 0.5)

/** With as many digits as mean something: 0.42, 3.1, 57, 1,234. */
export const figure = (value: number): string =>
  value.toLocaleString('en-US', { maximumFractionDigits: value < 1 ? 2 : value < 10 ? 1 : 0 })

export const milliseconds = (value: number): string => `${figure(value)} ms`
export const seconds = (value: number): string => `${figure(value / 1000)} s`
export const kilobytes = (bytes: number): string => `${figure(bytes / 1000)} kB`
export const megabytes = (bytes: number): string => `${figure(bytes / 1_000_000)} MB`
