import { z } from 'zod'
import { days } from '../shared/clock.ts'
import type { Transaction } from '../shared/db.ts'
import { sql } from '../shared/db.ts'
import { expected } from '../shared/errors.ts'
import { countNumber } from '../shared/form-fields.ts'

/** How long a draft is kept: a librarian's from its last change, one from home from the day it was made. */
export const draftLife = days(14)

/** Drafts that a library works on: begun at a desk, or read out of a letter. */
export const deskOrigins = ['desk', 'mail'] as const

/** Another tab or another librarian has saved since. `revision`: what the draft is at now. */
export const draftChanged = expected('drafts.changed_meanwhile', 409)
/** Thrown away, expired, or withdrawn at home. */
export const draftGone = expected('drafts.gone', 404)
export const draftEmpty = expected('drafts.empty', 422)
/** What this page would save was sent already. */
export const draftSent = expected('drafts.already_sent', 409)
/** What was filled in at home went out as somebody's questionnaire. */
export const homeSent = expected('drafts.home_sent', 409)
/** What was filled in at home was withdrawn there, or its days have run out. */
export const homeGone = expected('drafts.home_gone', 409)

/** As much as a field can hold; what is beyond is cut off, as a draft is never refused for its content. */
const cut = (most: number) =>
  z
    .string()
    .default('')
    .transform((typed) => typed.slice(0, most))

/** What of a questionnaire is kept before it is sent, as it was typed. The consent's tick never is. */
export const draftFieldsSchema = z.object({
  fullName: cut(300),
  email: cut(300),
  birthDate: cut(60),
  phone: cut(100),
  stockCard: cut(100),
  guardianName: cut(300),
  guardianRelation: cut(150),
})
export type DraftFields = z.output<typeof draftFieldsSchema>

export const saveDraftSchema = draftFieldsSchema.extend({
  formKey: z.uuid(),
  draftRevision: countNumber.catch(0),
  homeDraft: z.uuid().optional(),
})
export type SaveDraftInput = z.output<typeof saveDraftSchema>

export const draftFieldNames = Object.keys(draftFieldsSchema.shape) as (keyof DraftFields)[]

/** Fields that differ, by name. */
export const changedFields = (before: DraftFields, after: DraftFields): (keyof DraftFields)[] =>
  draftFieldNames.filter((name) => before[name] !== after[name])

/**
 * Saving a draft and sending its form wait for each other: what is saved a moment after sending must not
 * stay behind.
 */
export const holdForm = (tx: Transaction, formKey: string) =>
  sql`select pg_advisory_xact_lock(hashtextextended(${`form ${formKey}`}, 0))`.execute(tx)
