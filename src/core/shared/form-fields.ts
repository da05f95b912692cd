import { z } from 'zod'
import { emailFault, tidyEmail } from '#protocols/person/emails.ts'

/** A checkbox: browsers send `on` for a ticked one and nothing otherwise. */
export const checkbox = z.preprocess((value) => value === true || value === 'on', z.boolean())

/** The largest of the database's integers. */
const largest = 2_147_483_647
/** A number or version from 1. */
export const wholeNumber = z.coerce.number().int().min(1).max(largest)
/** A count, or a version where 0 means that there is none. */
export const countNumber = z.coerce.number().int().min(0).max(largest)

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
