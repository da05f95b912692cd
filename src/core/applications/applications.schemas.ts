import { z } from 'zod'
import { consentSchema } from '../consents/consents.ts'
import { emailField, phoneField } from '../readers/contacts.ts'
import { isCalendarDate } from '../shared/calendar.ts'
import { checkbox } from '../shared/form-fields.ts'

/** «ФИО»: one to six words of Cyrillic or Latin letters, with hyphens and apostrophes. */
const fullNameField = z
  .string()
  .transform((typed) => typed.normalize('NFC').replace(/\s+/g, ' ').trim())
  .pipe(
    z
      .string()
      .min(1, 'full_name_missing')
      .max(200, 'full_name_long')
      .regex(/^[\p{Script=Cyrillic}\p{Script=Latin}'’ʼ. -]+$/u, 'full_name_signs')
      .refine((name) => /\p{L}/u.test(name) && name.split(' ').length <= 6, 'full_name_words'),
  )

/** «Дата рождения», `YYYY-MM-DD` or, where the browser has no date field, `DD.MM.YYYY`. */
const birthDateField = z
  .string()
  .trim()
  .transform((typed) =>
    typed.replace(
      /^(\d{1,2})[./](\d{1,2})[./](\d{4})$/,
      (_, d: string, m: string, y: string) => `${y}-${m.padStart(2, '0')}-${d.padStart(2, '0')}`,
    ),
  )
  .pipe(z.string().min(1, 'birth_date_missing').refine(isCalendarDate, 'birth_date_unreadable'))

/** The questionnaire's own fields, under the names they have on the paper form. */
export const questionnaireSchema = z.object({
  fullName: fullNameField,
  email: emailField,
  birthDate: birthDateField,
  phone: phoneField,
})
export type Questionnaire = z.infer<typeof questionnaireSchema>

/** The questionnaire as a librarian sends it. Issue messages are keys of `field_*` texts in `locales/`. */
export const sendSchema = questionnaireSchema.extend(consentSchema.shape).extend({ formKey: z.uuid() })
export type SendInput = z.infer<typeof sendSchema>

export const mendSchema = sendSchema.extend({ revision: z.coerce.number().int().positive() })
export type MendInput = z.infer<typeof mendSchema>

/** What the operator adds when registering: the outside service's account, when the region has one. */
export const registerSchema = z
  .object({
    revision: z.coerce.number().int().positive(),
    providerNumber: z.string().trim().max(100).default(''),
    providerPassword: z.string().max(200).default(''),
    anotherPerson: checkbox,
    /** Ids of those who were shown as alike when another person was decided on. */
    distinctFrom: z.preprocess(
      (typed) => (typeof typed === 'string' ? typed.split(',').filter(Boolean) : typed),
      z.array(z.uuid()).max(20).optional(),
    ),
  })
  .refine((input) => (input.providerNumber === '') === (input.providerPassword === ''), {
    message: 'provider_incomplete',
    path: ['providerNumber'],
  })
export type RegisterInput = z.infer<typeof registerSchema>

/** The decision that the person is on record already, and what the record takes over. */
export const sameSchema = z.object({
  revision: z.coerce.number().int().positive(),
  readerId: z.uuid(),
  replaceEmail: checkbox,
  replacePhone: checkbox,
  moveLibrary: checkbox,
})
export type SameInput = z.infer<typeof sameSchema>

export const returnSchema = z.object({
  revision: z.coerce.number().int().positive(),
  reason: z.string().trim().min(1, 'reason_missing').max(1000),
})
export type ReturnInput = z.infer<typeof returnSchema>

export const refuseSchema = returnSchema
export type RefuseInput = z.infer<typeof refuseSchema>

export const withdrawSchema = returnSchema.extend({ reason: z.string().trim().max(1000).default('') })
export type WithdrawInput = z.infer<typeof withdrawSchema>

export const undoSchema = returnSchema.pick({ revision: true })
export type UndoInput = z.infer<typeof undoSchema>
