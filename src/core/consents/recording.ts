import type { Transaction } from '../shared/db.ts'
import type { CheckedConsent, ConsentKind, Signers } from './consents.ts'
import { consentTextOf } from './consents.ts'

/**
 * Records the signed papers of a questionnaire.
 * @throws consentTextUnknown when the region has no such text
 */
export async function recordConsents(
  tx: Transaction,
  record: { applicationId: string; consent: CheckedConsent; staffId: string; at: Date },
): Promise<void> {
  const { applicationId, consent, staffId: takenBy, at } = record
  const about = { applicationId, signers: consent, takenBy, at }
  await recordConsent(tx, { ...about, kind: 'processing', version: consent.version })
  if (consent.handoverVersion)
    await recordConsent(tx, { ...about, kind: 'handover', version: consent.handoverVersion })
}

/**
 * Records one consent: signed on paper before a staff member, or given in the app by the reader's own hand.
 * @throws consentTextUnknown when the region has no such text of that kind
 */
export async function recordConsent(
  tx: Transaction,
  record: {
    applicationId?: string
    readerId?: string
    kind: ConsentKind
    version: number
    signers: Signers
    /** The staff member before whom a paper was signed; undefined for the app. */
    takenBy?: string
    at: Date
  },
): Promise<void> {
  await consentTextOf(tx, record.kind, record.version)
  const { signers } = record
  await tx
    .insertInto('consents')
    .values({
      application_id: record.applicationId ?? null,
      reader_id: record.readerId ?? null,
      kind: record.kind,
      text_version: record.version,
      basis: signers.basis,
      guardian_name: signers.basis === 'self' ? null : signers.guardianName,
      guardian_relation: signers.basis === 'self' ? null : signers.guardianRelation,
      channel: record.takenBy ? 'paper' : 'app',
      taken_by: record.takenBy ?? null,
      taken_at: record.at,
    })
    .execute()
}
