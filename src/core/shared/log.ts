import pino from 'pino'

/** One JSON line per event. Never a person's data: ids, codes and counts only. */
export type Log = pino.Logger

export function createLog(level = process.env['SMART_LOG_LEVEL'] ?? 'info'): Log {
  return pino({
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { err: errorFacts },
  })
}

/**
 * What the log may know of an error. PostgreSQL's `detail` and `where` quote whole rows, and its messages about
 * values (class 22) the values themselves: all of that may be a person's data.
 */
export function errorFacts(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { type: typeof error }
  const { code, constraint } = error as Error & { code?: unknown; constraint?: unknown }
  const quotes = typeof code === 'string' && /^2[23]/.test(code)
  const frames = error.stack?.split('\n').filter((line) => /^\s+at /.test(line)) ?? []
  return {
    type: error.name,
    code,
    constraint,
    message: quotes ? undefined : error.message,
    stack: frames.join('\n'),
    ...(error instanceof AggregateError && { errors: error.errors.map(errorFacts) }),
  }
}
