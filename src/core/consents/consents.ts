import { z } from 'zod'
import type { CalendarDate } from '../shared/calendar.ts'
import type { Database, Transaction } from '../shared/db.ts'
import { expected } from '../shared/errors.ts'
import { checkbox, wholeNumber } from '../shared/form-fields.ts'
import type { From14 } from './coming-of-age.ts'
import { basisOn } from './coming-of-age.ts'

export { needsGuardian } from './coming-of-age.ts'

export const consentMissing = expected('consents.missing', 422)
export const guardianMissing = expected('consents.guardian_missing', 422)
export const representativeMissing = expected('consents.representative_missing', 422)
export const handoverMissing = expected('consents.handover_missing', 422)
export const consentTextUnknown = expected('consents.text_unknown', 422)

/** Processing by the libraries, and, a document of its own, handing data over to a provider or gateway. */
export const consentKinds = ['processing', 'handover'] as const
export type ConsentKind = (typeof consentKinds)[number]

const guardianFields = {
  guardianName: z.string().trim().max(200).default(''),
  guardianRelation: z.string().trim().max(100).default(''),
}

/** What the librarian records of the signed papers. */
export const consentSchema = z.object({
  consentGiven: checkbox,
  consentVersion: wholeNumber,
  /** The separate paper about handing over; a reader may do without. */
  handoverGiven: checkbox.optional(),
  handoverVersion: wholeNumber.optional(),
  ...guardianFields,
})
export type ConsentInput = z.infer<typeof consentSchema>

/** The signed papers, as they may be recorded. */
export type CheckedConsent = {
  /** Version of the text about processing. */
  version: number
  /** Version of the text about handing over, when that paper was signed too. */
  handoverVersion: number | undefined
} & Signers

export type Signers =
  { basis: 'self' } | { basis: 'guardian' | 'both'; guardianName: string; guardianRelation: string }

/**
 * Who signs for somebody born on `birthDate`.
 * @throws guardianMissing, representativeMissing
 */
export function checkSigners(
  input: { guardianName: string; guardianRelation: string },
  birthDate: CalendarDate,
  today: CalendarDate,
  from14: From14,
): Signers {
  const basis = basisOn(birthDate, today, from14)
  if (basis === 'self') return { basis }
  const { guardianName, guardianRelation } = input
  if (!guardianName || !guardianRelation)
    throw basis === 'guardian' ? guardianMissing() : representativeMissing()
  return { basis, guardianName, guardianRelation }
}

/**
 * The consent as it may be recorded for somebody born on `birthDate`.
 * @throws consentMissing, guardianMissing, representativeMissing
 */
export function checkConsent(
  input: ConsentInput,
  birthDate: CalendarDate,
  today: CalendarDate,
  from14: From14 = 'self',
): CheckedConsent {
  if (!input.consentGiven) throw consentMissing()
  return {
    ...checkSigners(input, birthDate, today, from14),
    version: input.consentVersion,
    handoverVersion: input.handoverGiven ? input.handoverVersion : undefined,
  }
}

export interface ConsentText {
  version: number
  body: string
  createdAt: Date
}

/** The text in force: the newest of its kind; undefined when the region has none yet. */
export const newestConsentText = (
  db: Database | Transaction,
  kind: ConsentKind,
): Promise<ConsentText | undefined> =>
  db
    .selectFrom('consent_texts')
    .select(['version', 'body', 'created_at as createdAt'])
    .where('kind', '=', kind)
    .orderBy('version', 'desc')
    .limit(1)
    .executeTakeFirst()

/** The text in force. @throws consentMissing when the region has none yet */
export async function currentConsentText(
  db: Database | Transaction,
  kind: ConsentKind = 'processing',
): Promise<ConsentText> {
  const text = await newestConsentText(db, kind)
  if (!text) throw consentMissing()
  return text
}

/** One version of a text. @throws consentTextUnknown when the region has no such text of that kind */
export const consentTextOf = (
  db: Database | Transaction,
  kind: ConsentKind,
  version: number,
): Promise<ConsentText> =>
  db
    .selectFrom('consent_texts')
    .select(['version', 'body', 'created_at as createdAt'])
    .where('version', '=', version)
    .where('kind', '=', kind)
    .executeTakeFirstOrThrow(() => consentTextUnknown())
