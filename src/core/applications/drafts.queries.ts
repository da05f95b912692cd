import { familySurnames } from '#protocols/person/full-names.ts'
import type { AuditLog } from '../audit/audit.ts'
import { byStaff } from '../audit/audit.ts'
import { ageOn, dateIn } from '../shared/calendar.ts'
import { readSettings } from '../settings/settings.ts'
import type { Clock } from '../shared/clock.ts'
import type { Database, Transaction } from '../shared/db.ts'
import { inTransaction } from '../shared/db.ts'
import { notFound } from '../shared/errors.ts'
import type { Authorised } from '../staff/actors.ts'
import type { DraftFields } from './drafts.ts'
import { deskOrigins, draftFieldsSchema, draftGone } from './drafts.ts'
import type { FieldDoubts } from './mailed.ts'
import { doubtsLeft, mailedSchema } from './mailed.ts'

export interface DraftRow {
  id: string
  fullName: string
  libraryName: string
  beganBy: string
  changedAt: Date
  expiresAt: Date
  fromHome: boolean
}

export interface OpenDraft {
  id: string
  revision: number
  libraryId: string
  /** What was filled in at home, where it began there. */
  homeDraft: string | undefined
  fields: DraftFields
  /** The letter that it was read out of, and what of it nobody may trust yet. */
  letter: { id: string; doubts: FieldDoubts } | undefined
}

/** What the next of a family needn't type again. The consent is never among it. */
export interface FamilyStart {
  libraryId: string
  fields: DraftFields
  /** The surname as it may be written for the next one. */
  surnames: string[]
}

const pageSize = 100

export function createDraftQueries(deps: { db: Database; clock: Clock; audit: AuditLog }) {
  const { db, clock, audit } = deps

  const look = (
    tx: Transaction,
    actor: Authorised<'applications.write'>,
    action: string,
    subject: { kind: string; id: string | null },
    more: { libraryId?: string | null; details?: { ids: string[] } } = {},
  ) => audit.append(tx, { at: clock(), actor: byStaff(actor.staffId), action, subject, ...more })

  return {
    /** The drafts that the actor may go on with, newest first; the look is audited with the ids shown. */
    list(actor: Authorised<'applications.write'>): Promise<DraftRow[]> {
      return inTransaction(db, async (tx) => {
        let query = tx
          .selectFrom('drafts as d')
          .innerJoin('libraries as l', 'l.id', 'd.library_id')
          .innerJoin('staff as s', 's.id', 'd.created_by')
          .select(['d.id', 'd.fields', 'd.changed_at', 'd.expires_at', 'd.from_home'])
          .select(['l.short_name', 's.full_name'])
          .where('d.origin', '=', 'desk')
          .where('d.expires_at', '>', clock())
          .orderBy('d.changed_at', 'desc')
          .limit(pageSize)
        if (actor.libraries !== 'all') query = query.where('d.library_id', 'in', [...actor.libraries])
        const rows = await query.execute()
        const ids = rows.map(({ id }) => id)
        await look(tx, actor, 'drafts.list', { kind: 'draft', id: null }, { details: { ids } })
        return rows.map((row) => ({
          id: row.id,
          fullName: draftFieldsSchema.parse(row.fields).fullName.trim(),
          libraryName: row.short_name,
          beganBy: row.full_name,
          changedAt: row.changed_at,
          expiresAt: row.expires_at,
          fromHome: row.from_home !== null,
        }))
      })
    },

    /** How many drafts there are, for the desk; no personal data, so no audit. */
    async count(actor: Authorised<'applications.write'>): Promise<number> {
      let query = db
        .selectFrom('drafts')
        .select((eb) => eb.fn.countAll<number>().as('count'))
        .where('origin', '=', 'desk')
        .where('expires_at', '>', clock())
      if (actor.libraries !== 'all') query = query.where('library_id', 'in', [...actor.libraries])
      return Number((await query.executeTakeFirstOrThrow()).count)
    },

    /**
     * A draft to go on with, or the questionnaire that was sent from it; the look is audited.
     * @throws draftGone
     */
    open(
      actor: Authorised<'applications.write'>,
      id: string,
    ): Promise<{ draft: OpenDraft } | { sentAs: string }> {
      return inTransaction(db, async (tx) => {
        const reaches = (libraryId: string | null) =>
          actor.libraries === 'all' || actor.libraries.includes(libraryId ?? '')
        const sent = await tx
          .selectFrom('applications')
          .select(['id', 'library_id'])
          .where('form_key', '=', id)
          .executeTakeFirst()
        if (sent && reaches(sent.library_id)) return { sentAs: sent.id }
        const row = await tx
          .selectFrom('drafts')
          .select(['revision', 'library_id', 'from_home', 'fields', 'letter_id', 'read'])
          .where('id', '=', id)
          .where('origin', 'in', deskOrigins)
          .where('expires_at', '>', clock())
          .executeTakeFirst()
        if (!row?.library_id || !reaches(row.library_id)) throw draftGone()
        await look(tx, actor, 'drafts.open', { kind: 'draft', id }, { libraryId: row.library_id })
        const fields = draftFieldsSchema.parse(row.fields)
        return {
          draft: {
            id,
            revision: row.revision,
            libraryId: row.library_id,
            homeDraft: row.from_home ?? undefined,
            fields,
            letter: row.letter_id
              ? { id: row.letter_id, doubts: doubtsLeft(mailedSchema.parse(row.read), fields) }
              : undefined,
          },
        }
      })
    },

    /**
     * What the next reader of a family has in common with the questionnaire that was sent before: contacts,
     * representative, surname. The look is audited. @throws notFound
     */
    async family(actor: Authorised<'applications.write'>, applicationId: string): Promise<FamilyStart> {
      const today = dateIn((await readSettings(db))['region.timeZone'], clock())
      return inTransaction(db, async (tx) => {
        let query = tx
          .selectFrom('applications')
          .select(['library_id', 'full_name', 'birth_date', 'email', 'phone'])
          .where('id', '=', applicationId)
        if (actor.libraries !== 'all') query = query.where('library_id', 'in', [...actor.libraries])
        const row = await query.executeTakeFirstOrThrow(() => notFound())
        const consent = await tx
          .selectFrom('consents')
          .select(['guardian_name', 'guardian_relation'])
          .where('application_id', '=', applicationId)
          .where('kind', '=', 'processing')
          .orderBy('taken_at', 'desc')
          .limit(1)
          .executeTakeFirst()
        // A grown-up who was entered first is most often the parent; who it is to the child stays to be asked.
        const grownUp = ageOn(row.birth_date, today) >= 18 ? row.full_name : ''
        const subject = { kind: 'application', id: applicationId }
        await look(tx, actor, 'applications.family', subject, { libraryId: row.library_id })
        return {
          libraryId: row.library_id,
          surnames: familySurnames(row.full_name),
          fields: {
            fullName: '',
            birthDate: '',
            stockCard: '',
            email: row.email ?? '',
            phone: row.phone ?? '',
            guardianName: consent?.guardian_name ?? grownUp,
            guardianRelation: consent?.guardian_relation ?? '',
          },
        }
      })
    },
  }
}
