import { z } from 'zod'
import { questionnaireSchema } from '../applications/applications.schemas.ts'
import { checkbox } from '../shared/form-fields.ts'

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

const rows = ['1234567890', 'qwertyuiop', 'asdfghjkl', 'zxcvbnm', 'йцукенгшщзхъ', 'фывапролджэ', 'ячсмитьбю']

/** What everybody tries first: one sign again and again, keys in a row, the word itself. */
export function isGuessable(password: string): boolean {
  const text = password.normalize('NFC').toLowerCase()
  if (new Set(text).size <= 2) return true
  if (/^(?:password|passw0rd|пароль)\d*$/.test(text)) return true
  return rows.some((row) => inRow(text, row) || inRow([...text].toReversed().join(''), row))
}

/** The text is made of nothing but runs along a row of keys, such as 12345123. */
function inRow(text: string, row: string): boolean {
  const steps = [...text].map((sign) => row.indexOf(sign))
  if (steps.includes(-1)) return false
  const breaks = steps.slice(1).filter((place, index) => place - (steps[index] ?? 0) !== 1).length
  return breaks <= 1
}

/** At the desk: the contacts as they are to be, checked as in the questionnaire, and the look at the document. */
export const givePasswordSchema = questionnaireSchema
  .pick({ email: true, phone: true })
  .extend({ identitySeen: checkbox })
export type GivePasswordInput = z.infer<typeof givePasswordSchema>
