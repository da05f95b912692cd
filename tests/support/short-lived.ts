/**
 * A process that lives for seconds doesn't earn back what optimising its code costs, and two cores that are busy have
 * no third for memory: neither changes a result. Measures, which Vitest doesn't run, take everything as it is.
 */
export const shortLived: readonly string[] = process.env['VITEST'] ? ['--no-opt', '--single-threaded-gc'] : []
