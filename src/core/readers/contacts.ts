import { parsePhoneNumberFromString } from 'libphonenumber-js/min'
import { z } from 'zod'

/**
 * A phone in any spelling that people use, as E.164 (+79001234567); undefined when it isn't one.
 * Numbers without a country are Russian ones.
 */
export function phoneE164(typed: string): string | undefined {
  // Ten digits that begin with 7 or 8 are a Russian number that lost a digit, not a shorter number.
  if (!typed.trim().startsWith('+') && /^[78]\d{9}$/.test(typed.replace(/\D/g, ''))) return undefined
  const phone = parsePhoneNumberFromString(typed, 'RU')
  return phone?.isValid() ? phone.number : undefined
}

/** An optional phone out of a form: '' becomes null, the rest E.164. */
export const phoneField = z
  .string()
  .trim()
  .max(40)
  .transform((typed, context) => {
    if (typed === '') return null
    const phone = phoneE164(typed)
    if (phone) return phone
    context.addIssue({ code: 'custom', message: 'phone_unreadable' })
    return z.NEVER
  })

/** An optional e-mail address out of a form: '' becomes null. */
export const emailField = z
  .string()
  .trim()
  .max(254, 'email_unreadable')
  .transform((typed) => (typed === '' ? null : typed.toLowerCase()))
  .pipe(z.email('email_unreadable').nullable())
