import { z } from 'zod'
import { wholeField } from '../shared/form-fields.ts'
import { languages } from './template-ids.ts'

export const messageStates = [
  'queued',
  'sending',
  'sent',
  'delivered',
  'undelivered',
  'failed',
  'uncertain',
] as const

/** How the list is narrowed; what makes no sense is left out. `unreached`: readers whom nothing reached. */
export const messageFilterSchema = z.object({
  state: z
    .enum([...messageStates, 'unreached'])
    .optional()
    .catch(undefined),
  channel: z.enum(['email', 'sms']).optional().catch(undefined),
  library: z.uuid().optional().catch(undefined),
  /** Messages about one person. */
  reader: z.uuid().optional().catch(undefined),
  /** The last message of the page before. */
  after: z.uuid().optional().catch(undefined),
})
export type MessageFilter = z.output<typeof messageFilterSchema>

export const oneMessageSchema = z.object({ id: z.uuid() })

const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'time_wrong')

/** The settings of a region about messages, as one form. */
export const messageRulesSchema = z.object({
  quietFrom: timeOfDay,
  quietTo: timeOfDay,
  partsPerMonth: wholeField(0, 10_000_000, 'parts_wrong'),
  libraryLanguage: z.enum(languages),
})
export type MessageRules = z.output<typeof messageRulesSchema>
