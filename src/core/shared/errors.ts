/**
 * A mark by which expected errors are known across module instances: the web build carries its own copy
 * of what it imports, so `instanceof` would not do.
 */
const mark = Symbol.for('smart-library.expected-error')

/** Something that may well happen and that a person is told in a sentence of `locales/`. */
export class ExpectedError extends Error {
  readonly [mark] = true
  readonly code: string
  readonly status: number
  /** Values for the sentence, never personal data. */
  readonly values: Readonly<Record<string, string | number>>
  constructor(code: string, status: number, values: Record<string, string | number> = {}) {
    super(code)
    this.name = 'ExpectedError'
    this.code = code
    this.status = status
    this.values = values
  }
}

/**
 * Makes the factory of one expected error.
 * @param code stable, `feature.what`; its sentence is `error_feature_what` in `locales/`
 * @param status the HTTP status it maps to
 */
export const expected = (code: string, status: number) => (values?: Record<string, string | number>) =>
  new ExpectedError(code, status, values)

export function isExpected(error: unknown): error is ExpectedError {
  return error instanceof Error && mark in error
}

export const notFound = expected('shared.not_found', 404)

/** An address or a body that can't be read: a link that was cut, what no browser sends. */
export const unreadable = expected('shared.unreadable', 400)
