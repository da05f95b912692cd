import pino from 'pino'

/** One JSON line per event. Never a person's data: ids, codes and counts only. */
export type Log = pino.Logger

export function createLog(level = process.env['SMART_LOG_LEVEL'] ?? 'info'): Log {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime })
}
