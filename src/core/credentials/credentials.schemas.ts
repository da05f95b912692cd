import { z } from 'zod'
import { questionnaireSchema } from '../applications/applications.schemas.ts'
import { checkbox } from '../shared/form-fields.ts'
import { isGuessable } from '../shared/guessable.ts'

/** A password that a person chooses is kept exactly as typed, but for the form of its letters (NFC). */
const chosen = z
  .string()
  .max(200)
  .refine((text) => [...text.normalize('NFC')].length >= 8, 'own_password_short')
  .refine((text) => !isGuessable(text), 'own_password_guessable')

export const changePasswordSchema = z.object({ password: z.string().max(200), newPassword: chosen })

export const sendCodeSchema = z.object({
  cardNumber: z.string().trim().min(1, 'card_missing').max(100),
  channel: z.enum(['sms', 'email']),
})

export const recoverSchema = z.object({
  cardNumber: z.string().trim().min(1, 'card_missing').max(100),
  code: z.string().trim().min(1, 'code_missing').max(40),
  newPassword: chosen,
})

/** At the desk: the contacts as they are to be, checked as in the questionnaire, and the look at the document. */
export const givePasswordSchema = questionnaireSchema
  .pick({ email: true, phone: true })
  .extend({ identitySeen: checkbox })
export type GivePasswordInput = z.infer<typeof givePasswordSchema>
