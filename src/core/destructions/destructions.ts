import { z } from 'zod'
import { expected } from '../shared/errors.ts'
import { checkbox } from '../shared/form-fields.ts'

export const destroyedAlready = expected('destructions.done', 409)
export const calledOffAlready = expected('destructions.called_off', 409)

/** The reader's own word in the app; his password is asked for once more. */
export const revokeSchema = z.object({
  password: z.string().max(200),
  understood: checkbox.refine((ticked) => ticked, 'revoke_understood'),
})

/** A signed application on paper, at the reader's record. */
export const revokeOnPaperSchema = z.object({
  signed: checkbox.refine((ticked) => ticked, 'revoke_unsigned'),
})

export const carryOutSchema = z.object({
  id: z.uuid(),
  sure: checkbox.refine((ticked) => ticked, 'destruction_unsure'),
})
export const callOffSchema = z.object({
  id: z.uuid(),
  reason: z.string().trim().min(1, 'call_off_reason_missing').max(500),
})

/** What was destroyed, and the ids under which the audit log knows the person: no data of his. */
export interface Destroyed {
  readers: string[]
  applications: string[]
  counts: Record<DestroyedCount, number>
}

export const destroyedCounts = [
  'emails',
  'phones',
  'providerAccounts',
  'applications',
  'drafts',
  'consents',
  'messages',
  'loans',
  'positions',
  'corrections',
  'changes',
] as const
export type DestroyedCount = (typeof destroyedCounts)[number]

export interface OpenDestruction {
  id: string
  askedAt: Date
  dueAt: Date
  /** The reader himself in the app, or a staff member on a paper application. */
  byReader: boolean
}
