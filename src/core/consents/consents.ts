import { z } from 'zod'
import type { CalendarDate } from '../shared/calendar.ts'
import { ageOn } from '../shared/calendar.ts'
import type { Database } from '../shared/db.ts'
import { expected } from '../shared/errors.ts'
import { checkbox } from '../shared/form-fields.ts'

/** Below this age a parent or other legal representative consents (Family Code art. 64; 152-ФЗ art. 9). */
export const guardianBelowAge = 14

export const consentMissing = expected('consents.missing', 422)
export const guardianMissing = expected('consents.guardian_missing', 422)

export const needsGuardian = (birthDate: CalendarDate, today: CalendarDate): boolean =>
  ageOn(birthDate, today) < guardianBelowAge

/** What the librarian records of the signed paper. */
export const consentSchema = z.object({
  consentGiven: checkbox,
  consentVersion: z.coerce.number().int().positive(),
  guardianName: z.string().trim().max(200).default(''),
  guardianRelation: z.string().trim().max(100).default(''),
})
export type ConsentInput = z.infer<typeof consentSchema>

export type CheckedConsent =
  | { basis: 'self'; version: number }
  | { basis: 'guardian'; version: number; guardianName: string; guardianRelation: string }

/**
 * The consent as it may be recorded for somebody born on `birthDate`.
 * @throws consentMissing, guardianMissing
 */
export function checkConsent(
  input: ConsentInput,
  birthDate: CalendarDate,
  today: CalendarDate,
): CheckedConsent {
  if (!input.consentGiven) throw consentMissing()
  if (!needsGuardian(birthDate, today)) return { basis: 'self', version: input.consentVersion }
  const { guardianName, guardianRelation } = input
  if (!guardianName || !guardianRelation) throw guardianMissing()
  return { basis: 'guardian', version: input.consentVersion, guardianName, guardianRelation }
}

export interface ConsentText {
  version: number
  body: string
}

/** The text in force: the newest. @throws consentMissing when the region has none yet */
export const currentConsentText = (db: Database): Promise<ConsentText> =>
  db
    .selectFrom('consent_texts')
    .select(['version', 'body'])
    .orderBy('version', 'desc')
    .limit(1)
    .executeTakeFirstOrThrow(() => consentMissing())
