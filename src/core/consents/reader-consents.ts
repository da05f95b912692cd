import type { AuditLog } from '../audit/audit.ts'
import { byStaff } from '../audit/audit.ts'
import { centralLibrary, libraryById } from '../network/network.ts'
import type { OpenedRecord } from '../readers/record.queries.ts'
import { reachReader } from '../readers/reach.ts'
import type { Settings } from '../settings/settings.ts'
import { readSettings } from '../settings/settings.ts'
import { dateIn } from '../shared/calendar.ts'
import type { Clock } from '../shared/clock.ts'
import type { Database, Transaction } from '../shared/db.ts'
import { inTransaction } from '../shared/db.ts'
import { expected, notFound } from '../shared/errors.ts'
import type { Authorised, ReaderActor } from '../staff/actors.ts'
import type { Basis } from './coming-of-age.ts'
import { basisOn, consentOverdue, needsGuardian, ownConsentAge } from './coming-of-age.ts'
import { fillConsentText } from './consent-text.ts'
import { textChanged } from './consent-texts.ts'
import type { ConsentKind } from './consents.ts'
import { checkSigners, currentConsentText, newestConsentText } from './consents.ts'
import type { PaperConsentInput } from './consents.schemas.ts'
import { endHandover, handoverGiven, handoverOf, providerAllowed, startHandover } from './handover.ts'
import { recordConsent } from './recording.ts'
import type { Standing } from './standing.ts'
import { consentRevoked, standingOf } from './standing.ts'

export const needsRepresentative = expected('consents.needs_representative', 403)
/** Whoever gave the consent for a child ends it: on paper. */
export const representativeRevokes = expected('consents.representative_revokes', 403)

/** A consent as its reader, or a librarian at his record, sees it. */
export interface GivenConsent {
  kind: ConsentKind
  version: number
  basis: string
  channel: string
  takenAt: Date
  revokedAt: Date | null
}

/** The questionnaire's part about consents. */
export interface ConsentForm {
  /** Of the text about processing. */
  version: number
  /** The age from which a reader signs without a representative. */
  aloneFrom: number
  /** Undefined where nothing is handed over that needs a consent. */
  handover:
    | {
        /** Undefined while the region has no such text. */
        version: number | undefined
        provider: boolean
        sms: boolean
        providerName: string
      }
    | undefined
}

export interface ConsentQuestion {
  kind: ConsentKind
  version: number
  /** With the names of the libraries in their places. */
  body: string
  /** Whether the reader can give it himself; else a representative signs on paper. */
  own: boolean
  /** Undefined for handing over, which is asked for and never waited for. */
  due: (NonNullable<Standing['consent']> & { overdue: boolean }) | undefined
}

/** A registered reader's consents: in the app by his own hand, or on paper before any librarian. */
export function createReaderConsents(deps: {
  db: Database
  clock: Clock
  audit: AuditLog
  /** Whether there is a way out for SMS. */
  smsGateway: boolean
}) {
  const { db, clock, audit, smsGateway } = deps

  async function rules() {
    const settings = await readSettings(db)
    return { settings, today: dateIn(settings['region.timeZone'], clock()) }
  }

  return {
    /** Where the reader stands: his consent, his registration. @throws notFound */
    async standing(actor: ReaderActor): Promise<Standing & { consentOverdue: boolean; spokenFor: boolean }> {
      const { settings, today } = await rules()
      const standing = await standingOf(db, actor.readerId, today, settings)
      return {
        ...standing,
        consentOverdue: consentOverdue(standing.consent, today),
        /** A representative gives and ends the consents. */
        spokenFor: needsGuardian(actor.birthDate, today),
      }
    },

    /** What the questionnaire's part about consents shows: the texts in force. @throws consentMissing */
    async current(): Promise<ConsentForm> {
      const { settings } = await rules()
      const { version } = await currentConsentText(db)
      const { provider, sms } = handoverOf(settings, smsGateway)
      const aloneFrom = ownConsentAge(settings['consents.from14'])
      if (!provider && !sms) return { version, aloneFrom, handover: undefined }
      const text = await newestConsentText(db, 'handover')
      const providerName = settings['provider.name']
      return { version, aloneFrom, handover: { version: text?.version, provider, sms, providerName } }
    },

    /** The consent that the reader is asked for; undefined when none is due. */
    async question(actor: ReaderActor, kind: ConsentKind): Promise<ConsentQuestion | undefined> {
      const { settings, today } = await rules()
      const { consent } = await standingOf(db, actor.readerId, today, settings)
      const { provider, sms } = handoverOf(settings, smsGateway)
      if (kind === 'processing' && !consent) return undefined
      if (kind === 'handover' && (!(provider || sms) || (await hasCurrent(db, actor.readerId, kind))))
        return undefined
      const text = await newestConsentText(db, kind)
      if (!text) return undefined
      return {
        kind,
        version: text.version,
        body: await filled(db, actor.readerId, text.body),
        own: basisOn(actor.birthDate, today, settings['consents.from14']) === 'self',
        due:
          kind === 'processing' && consent
            ? { ...consent, overdue: consentOverdue(consent, today) }
            : undefined,
      }
    },

    /**
     * The reader's own consent to the text that he was shown. A second click changes nothing.
     * @throws textChanged when the text is another by now; needsRepresentative below the age
     */
    async agree(actor: ReaderActor, input: { kind: ConsentKind; version: number }): Promise<void> {
      const { settings, today } = await rules()
      const now = clock()
      const { readerId } = actor
      await inTransaction(db, async (tx) => {
        const reader = await lockReader(tx, readerId)
        if (basisOn(reader.birth_date, today, settings['consents.from14']) !== 'self')
          throw needsRepresentative()
        if ((await standingOf(tx, readerId, today, settings)).revoked) throw consentRevoked()
        const text = await currentConsentText(tx, input.kind)
        if (text.version !== input.version) throw textChanged()
        if (await hasCurrent(tx, readerId, input.kind)) return
        const signers = { basis: 'self' } as const
        await recordConsent(tx, { readerId, kind: input.kind, version: text.version, signers, at: now })
        if (input.kind === 'processing') await endRepresentatives(tx, settings, readerId, now)
        else await startHandover(tx, settings, readerId, now)
        await audit.append(tx, {
          at: now,
          actor: { kind: 'reader', id: readerId },
          action: 'consents.agree',
          subject: { kind: 'reader', id: readerId },
          libraryId: reader.library_id,
          details: { kind: input.kind, version: text.version },
        })
      })
    },

    /**
     * Ends the consent to handing over, and that alone: SMS stop, the provider's account is to be closed.
     * @throws representativeRevokes below the age
     */
    async refuseHandover(actor: ReaderActor): Promise<void> {
      const { settings, today } = await rules()
      const now = clock()
      const { readerId } = actor
      await inTransaction(db, async (tx) => {
        const reader = await lockReader(tx, readerId)
        if (needsGuardian(reader.birth_date, today)) throw representativeRevokes()
        if (!(await handoverGiven(tx, { readerId }))) return
        await revoke(tx, readerId, 'handover', now)
        const account = await endHandover(tx, settings, readerId, now)
        await audit.append(tx, {
          at: now,
          actor: { kind: 'reader', id: readerId },
          action: 'consents.refuse-handover',
          subject: { kind: 'reader', id: readerId },
          libraryId: reader.library_id,
          details: { account },
        })
      })
    },

    /**
     * Records a consent that was signed on paper before this staff member: of the reader's library, or of
     * another that has just found him by an exact look-up.
     * @throws notFound, guardianMissing, representativeMissing, consentTextUnknown, consentRevoked
     */
    async recordPaper(
      actor: Authorised<'consents.record'>,
      readerId: string,
      input: PaperConsentInput,
    ): Promise<void> {
      const { settings, today } = await rules()
      const now = clock()
      await inTransaction(db, async (tx) => {
        await reachReader(tx, actor, readerId, now)
        const reader = await lockReader(tx, readerId)
        if ((await standingOf(tx, readerId, today, settings)).revoked) throw consentRevoked()
        const signers = checkSigners(input, reader.birth_date, today, settings['consents.from14'])
        const { kind, version } = input
        if (await hasConsent(tx, readerId, { kind, version, basis: signers.basis })) return
        await recordConsent(tx, { readerId, kind, version, signers, takenBy: actor.staffId, at: now })
        if (signers.basis === 'self' && kind === 'processing')
          await endRepresentatives(tx, settings, readerId, now)
        if (kind === 'handover') await startHandover(tx, settings, readerId, now)
        await audit.append(tx, {
          at: now,
          actor: byStaff(actor.staffId),
          action: 'consents.record',
          subject: { kind: 'reader', id: readerId },
          libraryId: reader.library_id,
          details: { kind, version, basis: signers.basis },
        })
      })
    },

    /** The same at a record that a staff member has opened. */
    async standingOfRecord({ readerId }: OpenedRecord): Promise<Standing> {
      const { settings, today } = await rules()
      return standingOf(db, readerId, today, settings)
    },
    ofRecord: ({ readerId }: OpenedRecord): Promise<GivenConsent[]> => consentsOf(db, readerId),

    /** What the reader has consented to, the newest first. */
    given: (actor: ReaderActor): Promise<GivenConsent[]> => consentsOf(db, actor.readerId),
  }
}

export async function consentsOf(db: Database | Transaction, readerId: string): Promise<GivenConsent[]> {
  const rows = await db
    .selectFrom('consents')
    .select([
      'kind',
      'text_version as version',
      'basis',
      'channel',
      'taken_at as takenAt',
      'revoked_at as revokedAt',
    ])
    .where('reader_id', '=', readerId)
    .orderBy('taken_at', 'desc')
    .execute()
  return rows.map((row) => ({ ...row, kind: row.kind as ConsentKind }))
}

/** Ends consents of one kind, or all. */
export async function revoke(
  tx: Transaction,
  readerId: string,
  kind: ConsentKind | 'all',
  now: Date,
): Promise<void> {
  let query = tx
    .updateTable('consents')
    .set({ revoked_at: now })
    .where('reader_id', '=', readerId)
    .where('revoked_at', 'is', null)
  if (kind !== 'all') query = query.where('kind', '=', kind)
  await query.execute()
}

/** A representative's consent to handing over ends with the reader's own word; he is asked for his. */
async function endRepresentatives(
  tx: Transaction,
  settings: Settings,
  readerId: string,
  now: Date,
): Promise<void> {
  const ended = await tx
    .updateTable('consents')
    .set({ revoked_at: now })
    .where('reader_id', '=', readerId)
    .where('kind', '=', 'handover')
    .where('basis', '<>', 'self')
    .where('revoked_at', 'is', null)
    .returning('id')
    .execute()
  if (ended.length > 0 && !(await providerAllowed(tx, settings, readerId)))
    await endHandover(tx, settings, readerId, now)
}

const lockReader = (tx: Transaction, readerId: string) =>
  tx
    .selectFrom('readers')
    .select(['id', 'library_id', 'birth_date'])
    .where('id', '=', readerId)
    .where('merged_into', 'is', null)
    .forNoKeyUpdate()
    .executeTakeFirstOrThrow(() => notFound())

/** Whether the reader has consented himself to the newest text of this kind. */
async function hasCurrent(db: Database | Transaction, readerId: string, kind: ConsentKind): Promise<boolean> {
  const newest = await newestConsentText(db, kind)
  return newest !== undefined && hasConsent(db, readerId, { kind, version: newest.version, basis: 'self' })
}

async function hasConsent(
  db: Database | Transaction,
  readerId: string,
  consent: { kind: ConsentKind; version: number; basis: Basis },
): Promise<boolean> {
  const row = await db
    .selectFrom('consents')
    .select('id')
    .where('reader_id', '=', readerId)
    .where('kind', '=', consent.kind)
    .where('text_version', '=', consent.version)
    .where('basis', '=', consent.basis)
    .where('revoked_at', 'is', null)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

async function filled(db: Database, readerId: string, body: string): Promise<string> {
  const { library_id: libraryId } = await db
    .selectFrom('readers')
    .select('library_id')
    .where('id', '=', readerId)
    .executeTakeFirstOrThrow(() => notFound())
  return fillConsentText(body, await centralLibrary(db), await libraryById(db, libraryId))
}
