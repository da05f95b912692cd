import { z } from 'zod'
import { emailFault, tidyEmail } from '#protocols/person/emails.ts'
import { textEncodingKeys } from '#protocols/text/decode-text.ts'

/** A checkbox: browsers send `on` for a ticked one and nothing otherwise. */
export const checkbox = z.preprocess((value) => value === true || value === 'on', z.boolean())

/** The largest of the database's integers. */
const largest = 2_147_483_647

/** Digits, and spaces as people put between thousands: `1e3`, `0x10` and an empty field are no numbers. */
const wholeIn = (typed: unknown): unknown => {
  if (typeof typed !== 'string') return typed
  return /^\s*\d[\d\s]*$/.test(typed) ? Number(typed.replace(/\s/g, '')) : Number.NaN
}

/**
 * A whole number out of a form.
 * @param message the field's sentence for whatever else stands in it
 */
export const wholeField = (least: number, most = largest, message = 'whole_number') =>
  z.preprocess(wholeIn, z.number(message).int(message).min(least, message).max(most, message))

/** A number or version from 1. */
export const wholeNumber = wholeField(1)
/** A count, or a version where 0 means that there is none. */
export const countNumber = wholeField(0)

/** The encoding of a file's text; '' where the file itself is to tell. */
export const encodingField = z.preprocess(
  (typed) => (typed === '' ? undefined : typed),
  z.enum(textEncodingKeys).optional(),
)
/** The same, where nonsense is as good as nothing. */
export const namedEncoding = encodingField.catch(undefined)

/** An optional e-mail address out of a form: '' becomes null. */
export const emailField = z
  .string()
  .max(400, 'email_unreadable')
  .transform((typed, context) => {
    const email = tidyEmail(typed)
    const fault = email === '' ? undefined : emailFault(email)
    if (fault) context.addIssue({ code: 'custom', message: fault })
    return email || null
  })
