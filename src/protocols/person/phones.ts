/**
 * Phone numbers as people type them, without the tables of all countries: enough to tell a Russian number.
 * The server asks those tables besides; what it takes, this never refuses.
 */

export type PhoneFault = 'phone_unreadable' | 'phone_short' | 'phone_several'

/** «4-96-12 4-96-15»: numbers of a small town, two of which have as many digits as one of the country. */
const twoOfTown = /^[^\d+]*(?:\+?[78][\s-]*)?\d{1,3}[-–]\d\d[-–]\d\d[\s,;/]+\d/u

/** Digits and a leading plus: everything else that people write around a number is left out. */
export function tidyPhone(typed: string): string {
  const plain = typed
    .normalize('NFKC')
    // An extension is dialled by hand.
    .replace(/\s*(доб|вн|ext|#).*$/isu, '')
    // О for 0, as old typewriters had it.
    .replace(/([\d\s()-])[oо](?=[\d\s()-])/giu, '$10')
  const digits = plain.replace(/\D/gu, '')
  const plus = /^[^\d+]*\+/u.test(plain)
  if (plus && /^8\d{10}$/u.test(digits)) return `+7${digits.slice(1)}`
  if (!plus && /^007\d{10}$/u.test(digits)) return `+${digits.slice(2)}`
  return plus ? `+${digits}` : digits
}

/** What can be told of a typed number: a Russian one as E.164, a fault, or `perhaps` for other countries. */
export function glanceAtPhone(typed: string): { e164: string } | { fault: PhoneFault } | 'perhaps' {
  const tidy = tidyPhone(typed)
  if (twoOfTown.test(typed) && tidy.replace('+', '').length >= 10) return { fault: 'phone_several' }
  const [, russian] = /^(?:\+7|[78])([346-9]\d{9})$/u.exec(tidy) ?? /^([3469]\d{9})$/u.exec(tidy) ?? []
  if (russian) return { e164: `+7${russian}` }
  const digits = tidy.replace('+', '').length
  if (digits >= 19) return { fault: 'phone_several' }
  if (tidy.startsWith('+') && !tidy.startsWith('+7') && digits >= 7 && digits <= 17) return 'perhaps'
  // Ten digits after 7 or 8 are a number that lost one, not a shorter one.
  if (digits > 0 && (digits < 10 || /^[78]\d{9}$/u.test(tidy))) return { fault: 'phone_short' }
  return { fault: 'phone_unreadable' }
}
