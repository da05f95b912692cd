import { z } from 'zod'
import { checkKinds, checksLetters } from '#protocols/card/check-digits.ts'
import { typedCardNumber } from '#protocols/card/reading.ts'
import type { CardScheme } from '#protocols/card/scheme.ts'
import { ean13Scheme, longestNumber, numberLength } from '#protocols/card/scheme.ts'

export const schemeFields = {
  prefix: z
    .string()
    .overwrite(typedCardNumber)
    .regex(/^[0-9A-Z]{0,8}$/, 'card_prefix'),
  serialDigits: z.int('card_serial_digits').min(4, 'card_serial_digits').max(10, 'card_serial_digits'),
}

/** Parts that are right in themselves and don't make a number together. */
export function checkScheme(scheme: CardScheme, context: z.RefinementCtx): void {
  const length = numberLength(scheme)
  const issue = (message: string, field = 'serialDigits') =>
    context.addIssue({ code: 'custom', path: [field], message })
  if (/[A-Z]/.test(scheme.prefix) && !checksLetters(scheme.check)) issue('card_scheme_letters', 'check')
  else if (scheme.check === 'ean13' && length !== 13) issue('card_scheme_ean13')
  else if (length > longestNumber) issue('card_scheme_long')
}

export const cardSchemeSchema = z
  .object({ ...schemeFields, libraryCode: z.boolean(), check: z.enum(checkKinds) })
  .superRefine(checkScheme)
  .default(ean13Scheme)
