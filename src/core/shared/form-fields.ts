import { z } from 'zod'
import { emailFault, tidyEmail } from '#protocols/person/emails.ts'

/** A checkbox: browsers send `on` for a ticked one and nothing otherwise. */
export const checkbox = z.preprocess((value) => value === true || value === 'on', z.boolean())

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
