import { z } from 'zod'
import { readBirthDate } from '#protocols/person/birth-dates.ts'
import { fullNameFault, tidyFullName } from '#protocols/person/full-names.ts'
import { optionalNumberField } from '../cards/cards.schemas.ts'
import { consentSchema } from '../consents/consents.ts'
import { phoneField } from '../readers/contacts.ts'
import { checkbox, countNumber, emailField, wholeNumber } from '../shared/form-fields.ts'

/** «ФИО»: one to six words of Cyrillic or Latin letters, with hyphens and apostrophes. */
const fullNameField = z
  .string()
  .max(1000, 'full_name_long')
  .transform((typed, context) => {
    const name = tidyFullName(typed)
    const fault = fullNameFault(name)
    if (fault) context.addIssue({ code: 'custom', message: fault })
    return name
  })

/** «Дата рождения», `YYYY-MM-DD`, `DD.MM.YYYY` or in words. */
const birthDateField = z
  .string()
  .max(100, 'birth_date_unreadable')
  .transform((typed, context) => {
    const date = readBirthDate(typed)
    if (typeof date === 'string') return date
    context.addIssue({ code: 'custom', message: date.fault })
    return z.NEVER
  })

/** The questionnaire's own fields, under the names they have on the paper form. */
export const questionnaireSchema = z.object({
  fullName: fullNameField,
  email: emailField,
  birthDate: birthDateField,
  phone: phoneField,
})
export type Questionnaire = z.infer<typeof questionnaireSchema>

/** The questionnaire as a librarian sends it. Issue messages are keys of `field_*` texts in `locales/`. */
export const sendSchema = questionnaireSchema.extend(consentSchema.shape).extend({
  formKey: z.uuid(),
  /** The revision of the draft that the page shows, where there is one. */
  draftRevision: countNumber.optional(),
  /** What was filled in at home and called up by its code. */
  homeDraft: z.uuid().optional(),
  /** «Номер карты из запаса»: one of the library's cards, handed out already. */
  stockCard: optionalNumberField,
})
export type SendInput = z.infer<typeof sendSchema>

export const mendSchema = sendSchema.extend({ revision: wholeNumber })
export type MendInput = z.infer<typeof mendSchema>

/** Ids of readers whom a page has shown, in one field. */
export const shownReaders = z.preprocess(
  (typed) => (typeof typed === 'string' ? typed.split(',').filter(Boolean) : typed),
  z.array(z.uuid()).max(20).optional(),
)

/** The operator of whom the page has said that she works on it. */
const overHold = z.uuid().optional()

/** What the operator adds when registering: the outside service's account, when the region has one. */
export const registerSchema = z
  .object({
    revision: wholeNumber,
    providerNumber: z.string().trim().max(100).default(''),
    providerPassword: z.string().max(200).default(''),
    anotherPerson: checkbox,
    /** Ids of those who were shown as alike when another person was decided on. */
    distinctFrom: shownReaders,
    overHold,
  })
  .refine((input) => (input.providerNumber === '') === (input.providerPassword === ''), {
    message: 'provider_incomplete',
    path: ['providerNumber'],
  })
export type RegisterInput = z.infer<typeof registerSchema>

/** The decision that the person is on record already, and what the record takes over. */
export const sameSchema = z.object({
  revision: wholeNumber,
  readerId: z.uuid(),
  replaceEmail: checkbox,
  replacePhone: checkbox,
  moveLibrary: checkbox,
  overHold,
})
export type SameInput = z.infer<typeof sameSchema>

export const returnSchema = z.object({
  revision: wholeNumber,
  reason: z.string().trim().min(1, 'reason_missing').max(1000),
  overHold,
})
export type ReturnInput = z.infer<typeof returnSchema>

export const refuseSchema = returnSchema
export type RefuseInput = z.infer<typeof refuseSchema>

export const withdrawSchema = returnSchema.extend({ reason: z.string().trim().max(1000).default('') })
export type WithdrawInput = z.infer<typeof withdrawSchema>

export const undoSchema = returnSchema.pick({ revision: true })
export type UndoInput = z.infer<typeof undoSchema>
