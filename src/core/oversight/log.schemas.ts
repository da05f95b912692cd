import { z } from 'zod'
import { knownActions } from '../audit/actions.ts'
import { isCalendarDate } from '../shared/calendar.ts'
import { wholeField } from '../shared/form-fields.ts'
import { storable } from '../shared/storable.ts'

/** What isn't a value of its kind counts as not asked for: an address may be typed by hand. */
const optional = <Schema extends z.ZodType>(schema: Schema) =>
  z.preprocess((value) => (value === '' ? undefined : value), schema.optional()).catch(undefined)

const day = z.string().refine(isCalendarDate)

/** What of the log is asked for. Days are the region's, both included. */
export const logFilterSchema = z.object({
  reader: optional(z.uuid()),
  staff: optional(z.uuid()),
  from: optional(day),
  to: optional(day),
  action: optional(z.enum(knownActions as [string, ...string[]])),
})
export type LogFilter = z.output<typeof logFilterSchema>

/** The number of the entry after which the page begins. */
export const cursorSchema = z.object({ after: optional(wholeField(1, Number.MAX_SAFE_INTEGER)) })

export const findPersonSchema = z.object({
  person: z.string().transform(storable).pipe(z.string().trim().max(200)).catch(''),
})

export const exportLogSchema = logFilterSchema.extend({ format: z.enum(['xlsx', 'csv', 'csv1251']) })
