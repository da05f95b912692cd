import { z } from 'zod'
import type { MessageEvent } from './messages.ts'
import { messageEvents } from './placeholders.ts'
import type { TemplateId } from './template-ids.ts'
import { languages } from './template-ids.ts'
import { carries } from './texts.ts'
import { countNumber } from '../shared/form-fields.ts'

/** Which text, as an address names it. */
export const templateIdSchema = z
  .object({
    channel: z.enum(['email', 'sms', 'paper']),
    event: z.enum(messageEvents as [MessageEvent, ...MessageEvent[]]),
    language: z.enum(languages),
  })
  .refine(({ channel, event }) => carries(channel, event)) satisfies z.ZodType<TemplateId>

const basedOn = countNumber

export const saveTextSchema = z.object({
  /** One line; of an SMS there is none. */
  subject: z
    .string()
    .transform((typed) => typed.replaceAll(/\s+/g, ' ').trim())
    .pipe(z.string().max(200, 'message_subject_long'))
    .default(''),
  body: z
    .string()
    .transform((typed) => typed.replace(/\r\n?/g, '\n').trim())
    .pipe(z.string().max(10_000, 'message_text_long')),
  /** The version that was in force when the page was opened; 0 for the built-in text. */
  basedOn,
})
export type SaveText = z.output<typeof saveTextSchema>

/** An earlier version to go back to; 0 for the built-in text. */
export const restoreTextSchema = z.object({ version: countNumber, basedOn })
export type RestoreText = z.output<typeof restoreTextSchema>

/** A text as it is typed, to be looked at. */
export const showTextSchema = z.object({
  subject: z.string().max(400).default(''),
  body: z.string().max(40_000),
  basedOn: z.string().max(20),
})
