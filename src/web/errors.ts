import * as texts from '#texts'
import type { ExpectedError } from '#core/shared/errors.ts'
import { isExpected } from '#core/shared/errors.ts'
import { cutOff, diskFull, isCutOff, outageOf } from '#core/shared/outage.ts'

/** The sentence of a text key, when `locales/` has it. */
function sentence(key: string, values: Readonly<Record<string, string | number>> = {}): string | undefined {
  const text = (texts as unknown as Record<string, ((values: unknown) => string) | undefined>)[key]
  return text?.(values)
}

/** The one place where an expected error becomes a sentence. */
export const errorText = (error: ExpectedError): string =>
  sentence(`error_${error.code.replace(/[.-]/g, '_')}`, error.values) ?? texts.error_unknown()

/** What is wrong with one field, by the message that its schema gave. */
export const fieldText = (message: string): string => sentence(`field_${message}`) ?? texts.field_wrong()

/** What a page itself can tell of an error: a full disk leaves all there that is needed to show it. */
export const expectedIn = (error: unknown): ExpectedError | undefined =>
  asExpected(error) ?? (outageOf(error) === 'disk' ? diskFull() : undefined)

/** The expected error that this one is, or stands for. */
export function asExpected(error: unknown): ExpectedError | undefined {
  if (isExpected(error)) return error
  return isCutOff(error) ? cutOff() : undefined
}

export { isExpected }

/** Why a book file could not be taken, by its fault's code. */
export const importFaultText = (code: string): string =>
  sentence(`import_${code.replace(/[.-]/g, '_')}`) ?? texts.import_other()
