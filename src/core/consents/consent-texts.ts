import { z } from 'zod'
import type { AuditLog } from '../audit/audit.ts'
import { byStaff } from '../audit/audit.ts'
import type { Clock } from '../shared/clock.ts'
import type { Database } from '../shared/db.ts'
import { inTransaction, sql } from '../shared/db.ts'
import { expected, notFound } from '../shared/errors.ts'
import { readSettings } from '../settings/settings.ts'
import type { Authorised } from '../staff/actors.ts'
import { defaultHandoverText, receiversOf } from './consent-text.ts'
import type { ConsentKind, ConsentText } from './consents.ts'
import { consentKinds, newestConsentText } from './consents.ts'
import { countNumber } from '../shared/form-fields.ts'

/** Somebody else has published a version since this page was opened. */
export const textChanged = expected('consents.text_changed', 409)

const columns = ['version', 'body', 'created_at as createdAt'] as const

/** What may stand in curly brackets: put in while printing, so that one text serves the whole network. */
const placeholders = ['{central}', '{district}']

const bodyField = z
  .string()
  .transform((typed) => typed.replace(/\r\n?/g, '\n').trim())
  .pipe(
    z
      .string()
      .min(1, 'consent_text_missing')
      .max(20_000, 'consent_text_long')
      // 152-ФЗ art. 9 part 4: a consent names the operator.
      .refine((body) => placeholders.every((each) => body.includes(each)), 'consent_text_operators')
      .refine(
        (body) => (body.match(/\{[^}]*\}/g) ?? []).every((found) => placeholders.includes(found)),
        'consent_text_placeholder',
      ),
  )
  .transform((body) => `${body}\n`)

export const previewSchema = z.object({ kind: z.enum(consentKinds), body: z.string().max(40_000) })

export const publishSchema = z.object({
  kind: z.enum(consentKinds),
  body: bodyField,
  /** The version that was in force when the page was opened; 0 for none. */
  basedOn: countNumber,
})
export type PublishInput = z.infer<typeof publishSchema>

export interface ListedText extends ConsentText {
  kind: ConsentKind
  createdBy: string | null
  /** Consents given to this very version. */
  signed: number
}

/** The region's consent texts: every version stays as it was signed. */
export function createConsentTexts(deps: { db: Database; clock: Clock; audit: AuditLog }) {
  const { db, clock, audit } = deps
  return {
    /** Every version of both kinds, the newest first. */
    async list(_actor: Authorised<'consents.read'>): Promise<ListedText[]> {
      const rows = await db
        .selectFrom('consent_texts as t')
        .leftJoin('staff as s', 's.id', 't.created_by')
        .select((eb) => [
          't.version',
          't.kind',
          't.body',
          't.created_at as createdAt',
          's.full_name as createdBy',
          eb
            .selectFrom('consents as c')
            .select((each) => each.fn.countAll<number>().as('n'))
            .whereRef('c.text_version', '=', 't.version')
            .where('c.revoked_at', 'is', null)
            .as('signed'),
        ])
        .orderBy('t.version', 'desc')
        .execute()
      return rows.map((row) => ({ ...row, kind: row.kind as ConsentKind, signed: Number(row.signed) }))
    },

    /** What a first text about handing over could be, with the region's receivers in it. */
    async draft(_actor: Authorised<'consents.read'>): Promise<string> {
      return defaultHandoverText(receiversOf(await readSettings(db)))
    },

    /** One version. @throws notFound */
    version: (_actor: Authorised<'consents.read'>, version: number) =>
      db
        .selectFrom('consent_texts')
        .select([...columns, 'kind'])
        .where('version', '=', version)
        .executeTakeFirstOrThrow(() => notFound()),

    /**
     * Puts a new version into force; the one before stays as it is. The same text once more, as by a second
     * click, is no new version.
     * @throws textChanged
     */
    publish(actor: Authorised<'consents.publish'>, input: PublishInput): Promise<{ version: number }> {
      const now = clock()
      return inTransaction(db, async (tx) => {
        await sql`select pg_advisory_xact_lock(hashtextextended('consents:publish', 0))`.execute(tx)
        const newest = await newestConsentText(tx, input.kind)
        if (newest?.body === input.body) return { version: newest.version }
        if ((newest?.version ?? 0) !== input.basedOn) throw textChanged()
        const { version } = await tx
          .insertInto('consent_texts')
          .values({ kind: input.kind, body: input.body, created_at: now, created_by: actor.staffId })
          .returning('version')
          .executeTakeFirstOrThrow()
        await audit.append(tx, {
          at: now,
          actor: byStaff(actor.staffId),
          action: 'consents.publish',
          subject: { kind: 'consent-text', id: String(version) },
          details: { kind: input.kind },
        })
        return { version }
      })
    },
  }
}
