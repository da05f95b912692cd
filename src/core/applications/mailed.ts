import { z } from 'zod'
import type { ReadField, ReadQuestionnaire } from '#protocols/questionnaire/questionnaire.ts'
import { doubts as doubtCodes, isSure } from '#protocols/questionnaire/questionnaire.ts'
import type { Questionnaire } from './applications.schemas.ts'
import { questionnaireSchema } from './applications.schemas.ts'
import type { DraftFields } from './drafts.ts'
import { draftFieldsSchema } from './drafts.ts'

const readFieldSchema = z.object({
  raw: z.string(),
  value: z.string().optional(),
  doubts: z.array(z.enum(doubtCodes)),
})

/** What a draft keeps of the questionnaire that was read. */
export const mailedSchema = z.object({
  fullName: readFieldSchema,
  email: readFieldSchema,
  birthDate: readFieldSchema,
  phone: readFieldSchema,
  cardNumber: readFieldSchema.optional(),
  source: z.object({
    part: z.string(),
    place: z.object({
      sheet: z.string().optional(),
      page: z.number().optional(),
      table: z.number().optional(),
      row: z.number().optional(),
      column: z.number().optional(),
      line: z.number().optional(),
    }),
  }),
})
export type Mailed = z.output<typeof mailedSchema>

/** The questionnaire's fields as they are read, by their names in the form. */
export const mailedFields = ['fullName', 'email', 'birthDate', 'phone', 'stockCard'] as const
export type MailedField = (typeof mailedFields)[number]

/** What stood in a field, what may have been meant, and why nobody may take it unseen. */
export type FieldDoubt = Pick<z.output<typeof readFieldSchema>, 'raw' | 'value' | 'doubts'>
export type FieldDoubts = Partial<Record<MailedField, FieldDoubt>>

const readOf = (mailed: Mailed | ReadQuestionnaire, name: MailedField) =>
  (name === 'stockCard' ? mailed.cardNumber : mailed[name]) as ReadField | undefined

/** A reader may do without: that nothing is written there says enough. */
const optional: readonly string[] = ['email', 'phone', 'stockCard'] satisfies MailedField[]
const isEmpty = ({ doubts }: ReadField) => doubts.length > 0 && doubts.every((each) => each === 'missing')

/** What a form begins with: the sure values, and of the others what stood there, never a guess. */
export function typedFrom(mailed: Mailed | ReadQuestionnaire): DraftFields {
  const typed = (name: MailedField) => {
    const read = readOf(mailed, name)
    if (!read || isEmpty(read)) return ''
    return isSure(read) ? read.value : read.raw
  }
  return draftFieldsSchema.parse(Object.fromEntries(mailedFields.map((name) => [name, typed(name)])))
}

/** Doubts about what is still as it was read; what a person has changed since is that person's word. */
export function doubtsLeft(mailed: Mailed | ReadQuestionnaire, fields: DraftFields): FieldDoubts {
  const began = typedFrom(mailed)
  const left: FieldDoubts = {}
  for (const name of mailedFields) {
    const read = readOf(mailed, name)
    if (!read || isSure(read) || fields[name] !== began[name]) continue
    if (optional.includes(name) && isEmpty(read)) continue
    left[name] = { raw: read.raw, value: read.value, doubts: [...read.doubts] }
  }
  return left
}

/** The questionnaire as it may be sent without anybody looking at each field; undefined when it may not. */
export function sureQuestionnaire(
  mailed: Mailed | ReadQuestionnaire,
  fields: DraftFields,
): Questionnaire | undefined {
  if (Object.keys(doubtsLeft(mailed, fields)).length > 0) return undefined
  return questionnaireSchema.safeParse(fields).data
}
