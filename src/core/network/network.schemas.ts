import { z } from 'zod'
import { emailField } from '../shared/form-fields.ts'

const text = (most: number) => z.string().trim().max(most, 'text_long').default('')

/** A library as it is added or changed. */
export const librarySchema = z.object({
  name: z.string().trim().min(1, 'required').max(200, 'name_long'),
  /** Left empty, the next free one. */
  code: z
    .string()
    .trim()
    .regex(/^(\d{3})?$/, 'library_code')
    .default(''),
  address: text(300),
  phone: text(100),
  email: emailField.transform((email) => email ?? ''),
})
export type LibraryInput = z.output<typeof librarySchema>

export const departmentSchema = z.object({
  name: text(200),
  phone: text(100),
  email: emailField.transform((email) => email ?? ''),
})
export type Department = z.output<typeof departmentSchema>

/** What a library hasn't done yet, or `done`. */
export const stuckAt = ['invited', 'signed_in', 'questionnaire', 'reading', 'done'] as const
export type StuckAt = (typeof stuckAt)[number]
export const networkFilterSchema = z.object({ stuck: z.enum(stuckAt).optional().catch(undefined) })
