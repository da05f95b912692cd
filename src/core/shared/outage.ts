import { expected } from './errors.ts'

export const databaseAway = expected('shared.database_away', 503)
export const diskFull = expected('shared.disk_full', 507)

/** Whoever sent a body hung up before it was whole. Nobody is left to read the sentence. */
export const cutOff = expected('shared.cut_off', 400)

/** What the whole system needs and doesn't have at the moment. */
export type Outage = 'database' | 'disk'

/** An outage in the words that a person is told. */
export const outageError = { database: databaseAway, disk: diskFull }

/** No connection, or one that broke; the pool has no code for its own two. */
const brokenLine = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENOTFOUND'])
const poolWords = /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered)/
/**
 * PostgreSQL, appendix A: class 08, connection exceptions; 57P01…57P03, shut down, crashed, not up yet;
 * 53300, more connections than it takes.
 */
const databaseCodes = /^(08...|57P0[123]|53300)$/
/** 53100: PostgreSQL's own disk is full. EDQUOT: this user's share of it. */
const fullDisk = new Set(['ENOSPC', 'EDQUOT', '53100'])

/**
 * Tells a request whose sender hung up. Node gives such errors the code that a broken line to the database has,
 * too (`abortIncoming` in its `_http_server.js`).
 */
export function isCutOff(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const { code, message, cause } = error as Error & { code?: unknown }
  return (code === 'ECONNRESET' && message === 'aborted') || isCutOff(cause)
}

/** Tells a database that is away and a disk that is full from other errors. */
export function outageOf(error: unknown): Outage | undefined {
  if (!(error instanceof Error) || isCutOff(error)) return undefined
  const { code, message, cause } = error as Error & { code?: unknown }
  if (typeof code === 'string') {
    if (fullDisk.has(code)) return 'disk'
    if (brokenLine.has(code) || databaseCodes.test(code)) return 'database'
  }
  if (poolWords.test(message)) return 'database'
  const inner = error instanceof AggregateError ? error.errors : [cause]
  return inner.map(outageOf).find(Boolean)
}
