import { z } from 'zod'
import { isGuessable } from '../shared/guessable.ts'
import { emailFault, tidyEmail } from '#protocols/person/emails.ts'

/** A password that a staff member chooses (OWASP ASVS 6.2.1: length, no rules of composition). */
export const chosenPasswordField = z
  .string()
  .min(10, 'password_short')
  .max(200, 'password_long')
  .refine((text) => !isGuessable(text), 'own_password_guessable')

/** A staff member's own address: he signs in with it. */
export const staffEmailField = z
  .string()
  .max(400, 'email_unreadable')
  .transform((typed, context) => {
    const email = tidyEmail(typed).toLowerCase()
    const fault = email === '' ? 'required' : emailFault(email)
    if (fault) context.addIssue({ code: 'custom', message: fault })
    return email
  })

export const staffNameField = z.string().trim().min(1, 'required').max(200, 'name_long')
