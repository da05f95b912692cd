import { z } from 'zod'
import { readBirthDate } from '#protocols/person/birth-dates.ts'
import { checkbox, encodingField, wholeField, wholeNumber } from '../shared/form-fields.ts'
import type { ListField, Mapping } from './lists.ts'
import { listFields, listKinds } from './lists.ts'

export const uploadSchema = z.object({
  formKey: z.uuid(),
  kind: z.enum(listKinds),
  /** '' where a column names each row's library by its code. */
  libraryId: z.union([z.uuid(), z.literal('')]),
  encoding: encodingField,
  /** Fields of an export of ИРБИС that become columns. */
  tags: z
    .string()
    .max(300, 'list_tags')
    .default('')
    .transform((typed, context) => {
      const tags = [...new Set(typed.split(/[\s,;]+/).filter(Boolean))]
      const wrong = tags.length > 40 || tags.some((tag) => !/^[1-9]\d{0,3}(\^[0-9A-Za-z])?$/.test(tag))
      if (wrong) context.addIssue({ code: 'custom', message: 'list_tags' })
      return tags
    }),
})
export type UploadInput = z.output<typeof uploadSchema>

/** The day on which papers were signed, as it was typed. */
const dayField = z
  .string()
  .max(100, 'list_signed_on')
  .transform((typed, context) => {
    const date = readBirthDate(typed)
    if (typeof date === 'string') return date
    context.addIssue({ code: 'custom', message: 'list_signed_on' })
    return z.NEVER
  })

/** What whoever sends a list states of all its rows. */
export const termsSchema = z.object({
  consentGiven: checkbox.refine((ticked) => ticked, 'list_consent'),
  consentVersion: wholeNumber,
  signedOn: dayField,
  handoverGiven: checkbox,
  handoverVersion: wholeNumber.optional(),
  /** Whether readers get their passwords with the run; else when they come in, or by a code. */
  tell: z.enum(['now', 'later']).default('later'),
})
export type ListTerms = z.output<typeof termsSchema>

const fieldOfColumn = z.enum(listFields)

/** The mapping page's form: a select `column-N` for each column, and the terms. */
export const checkListSchema = z
  .looseObject(termsSchema.shape)
  .transform((typed, context): { terms: ListTerms; mapping: Mapping } => {
    const mapping: Mapping = {}
    for (const [name, value] of Object.entries(typed)) {
      const [, place] = /^column-(\d{1,3})$/.exec(name) ?? []
      const field = place === undefined ? undefined : fieldOfColumn.safeParse(value).data
      if (field === undefined) continue
      if (mapping[field] !== undefined)
        context.addIssue({ code: 'custom', path: [name], message: 'list_column_twice' })
      mapping[field satisfies ListField] = Number(place)
    }
    return { terms: termsSchema.parse({ ...typed, signedOn: typed.signedOn }), mapping }
  })
export type CheckListInput = z.output<typeof checkListSchema>

/** An operator's word on a row that is like somebody on record. */
export const decideRowSchema = z.object({
  row: wholeField(1, undefined, 'list_decision'),
  same: z.enum(['same', 'other'], 'list_decision'),
  /** Ids of those whom the page has shown. */
  shown: z
    .string('list_decision')
    .transform((ids) => ids.split(',').filter(Boolean))
    .pipe(z.array(z.uuid('list_decision')).max(1000, 'list_decision')),
})
export type DecideRowInput = z.output<typeof decideRowSchema>
