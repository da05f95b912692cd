import { z } from 'zod'
import { checkbox, wholeNumber } from '../shared/form-fields.ts'
import { consentKinds } from './consents.ts'

/** The reader's own word in the app. */
export const agreeSchema = z.object({
  kind: z.enum(consentKinds),
  version: wholeNumber,
})

/** A paper that was signed at the library, at the reader's record. */
export const paperConsentSchema = z.object({
  kind: z.enum(consentKinds),
  version: wholeNumber,
  signed: checkbox.refine((ticked) => ticked, 'consent_unsigned'),
  guardianName: z.string().trim().max(200).default(''),
  guardianRelation: z.string().trim().max(100).default(''),
})
export type PaperConsentInput = z.infer<typeof paperConsentSchema>
