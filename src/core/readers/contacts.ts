import { parsePhoneNumberFromString } from 'libphonenumber-js/min'
import { z } from 'zod'
import { glanceAtPhone, tidyPhone } from '#protocols/person/phones.ts'

/**
 * A phone in any spelling that people use, as E.164 (+79001234567); undefined when it isn't one.
 * Numbers without a country are Russian ones.
 */
export function phoneE164(typed: string): string | undefined {
  const glance = glanceAtPhone(typed)
  if (glance !== 'perhaps' && 'fault' in glance) return undefined
  const phone = parsePhoneNumberFromString(tidyPhone(typed), 'RU')
  const number = phone?.isValid() ? phone.number : undefined
  // A few foreign numbers would be read as others when they are typed again: such a one can't be kept.
  return number && tidyPhone(number) === number ? number : undefined
}

/** An optional phone out of a form: '' becomes null, the rest E.164. */
export const phoneField = z
  .string()
  .trim()
  .max(60, 'phone_unreadable')
  .transform((typed, context) => {
    if (typed === '') return null
    const phone = phoneE164(typed)
    if (phone) return phone
    const glance = glanceAtPhone(typed)
    const message = glance !== 'perhaps' && 'fault' in glance ? glance.fault : 'phone_unreadable'
    context.addIssue({ code: 'custom', message })
    return z.NEVER
  })
