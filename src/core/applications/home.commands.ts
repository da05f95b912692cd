import type { AuditEntry, AuditLog } from '../audit/audit.ts'
import { byStaff } from '../audit/audit.ts'
import { checkSigners } from '../consents/consents.ts'
import type { AttemptLimits } from '../sessions/limits.ts'
import { readSettings } from '../settings/settings.ts'
import { dateIn } from '../shared/calendar.ts'
import type { Clock } from '../shared/clock.ts'
import { after } from '../shared/clock.ts'
import type { Database, Transaction } from '../shared/db.ts'
import { inTransaction } from '../shared/db.ts'
import type { KeyChange, Sealer } from '../shared/sealing.ts'
import type { Authorised } from '../staff/actors.ts'
import { notAllowed } from '../staff/actors.ts'
import { checkBirthDate } from './applications.ts'
import { draftFieldsSchema, draftLife } from './drafts.ts'
import type { HomeInput } from './home.ts'
import {
  codeBuckets,
  codeForPeople,
  homeBuckets,
  homeByMachine,
  homeCode,
  homeCodeHash,
  homeKeyReused,
  homeNotAgreed,
  homeTermsChanged,
  homeTermsVersion,
  keptCode,
  wrongCode,
} from './home.ts'

export interface HomeReceipt {
  code: string
  expiresAt: Date
  /** Where its writer thought to come. */
  libraryId: string | null
}

/** Questionnaires filled in at home: nobody sees one without its code, and nothing is sent to anybody. */
export function createHomeForms(deps: {
  db: Database
  clock: Clock
  audit: AuditLog
  sealer: Sealer
  limits: AttemptLimits
}) {
  const { db, clock, audit, sealer, limits } = deps

  /** Runs a look-up between booking the attempt and giving it back; a wrong code stays booked. */
  async function withCode<Found>(
    from: { address: string; staffId?: string },
    find: () => Promise<Found | undefined>,
  ) {
    const buckets = codeBuckets(from.address, from.staffId)
    await limits.book(buckets)
    const found = await find()
    if (!found) throw wrongCode()
    await limits.refund(buckets)
    return found
  }

  const note = (
    tx: Transaction,
    actor: AuditEntry['actor'],
    action: string,
    id: string,
    libraryId: string | null,
  ) => audit.append(tx, { at: clock(), actor, action, subject: { kind: 'draft', id }, libraryId })

  /** @returns false when the code of this turn is somebody else's */
  async function keepUnder(
    tx: Transaction,
    turn: number,
    input: HomeInput,
    fields: object,
  ): Promise<boolean> {
    const now = clock()
    const kept = await tx
      .insertInto('drafts')
      .values({
        id: input.formKey,
        origin: 'home',
        library_id: input.libraryId,
        code_hash: homeCodeHash(sealer, homeCode(sealer, input.formKey, turn)),
        fields: JSON.stringify(fields),
        created_at: now,
        changed_at: now,
        expires_at: after(now, draftLife),
      })
      .onConflict((conflict) => conflict.doNothing())
      .returning('id')
      .executeTakeFirst()
    if (kept) {
      await note(tx, { kind: 'system' }, 'home.keep', kept.id, null)
      return true
    }
    const same = await tx
      .selectFrom('drafts')
      .select(['origin', 'fields'])
      .where('id', '=', input.formKey)
      .executeTakeFirst()
    if (!same) return false
    const before = JSON.stringify(draftFieldsSchema.parse(same.fields))
    if (same.origin !== 'home' || before !== JSON.stringify(draftFieldsSchema.parse(fields)))
      throw homeKeyReused()
    return true
  }

  return {
    /**
     * Keeps a questionnaire for 14 days, to be called up by its code. The same form again keeps one.
     * @throws homeNotAgreed, homeTermsChanged, homeByMachine, homeKeyReused, guardianMissing,
     *   representativeMissing, birthDateInFuture, birthDateTooOld, tooManyAttempts
     */
    async keep(input: HomeInput, address: string): Promise<void> {
      if (input.website !== '') throw homeByMachine()
      if (!input.agreed) throw homeNotAgreed()
      if (input.termsVersion !== homeTermsVersion) throw homeTermsChanged()
      const settings = await readSettings(db)
      const today = dateIn(settings['region.timeZone'], clock())
      checkBirthDate(input.birthDate, today)
      const signers = checkSigners(input, input.birthDate, today, settings['consents.from14'])
      const fields = {
        ...draftFieldsSchema.parse({
          ...input,
          email: input.email ?? '',
          phone: input.phone ?? '',
          guardianName: signers.basis === 'self' ? '' : signers.guardianName,
          guardianRelation: signers.basis === 'self' ? '' : signers.guardianRelation,
        }),
        termsVersion: homeTermsVersion,
      }
      await limits.book(homeBuckets(address))
      // Two forms get one code hardly ever; then the later one gets another.
      for (let turn = 0; ; turn += 1) {
        const done = await inTransaction(db, (tx) => keepUnder(tx, turn, input, fields))
        if (done) return
      }
    },

    /** The code of a form that was kept, for whoever filled it in; undefined when it is gone. */
    async receipt(formKey: string): Promise<HomeReceipt | undefined> {
      const row = await db
        .selectFrom('drafts')
        .select(['code_hash', 'expires_at', 'library_id'])
        .where('id', '=', formKey)
        .where('origin', '=', 'home')
        .where('expires_at', '>', clock())
        .executeTakeFirst()
      if (!row?.code_hash) return undefined
      const code = keptCode(sealer, formKey, row.code_hash)
      if (code === undefined) return undefined
      return { code: codeForPeople(code), expiresAt: row.expires_at, libraryId: row.library_id }
    },

    /** Whoever has the code takes the questionnaire back; libraries' copies go too. @throws wrongCode */
    async withdraw(typed: string, address: string): Promise<void> {
      await withCode({ address }, () =>
        inTransaction(db, async (tx) => {
          const gone = await tx
            .deleteFrom('drafts')
            .where('code_hash', '=', homeCodeHash(sealer, typed))
            .where('expires_at', '>', clock())
            .returning('id')
            .executeTakeFirst()
          if (gone) await note(tx, { kind: 'system' }, 'home.withdraw', gone.id, null)
          return gone
        }),
      )
    },

    /**
     * Calls a questionnaire up for a library, which gets a working copy among its drafts, or goes on with the
     * one it has; the original stays until it is sent. @throws wrongCode, tooManyAttempts
     */
    async callUp(
      actor: Authorised<'applications.write'>,
      libraryId: string,
      typed: string,
      address: string,
    ): Promise<{ draftId: string }> {
      if (actor.libraries !== 'all' && !actor.libraries.includes(libraryId)) throw notAllowed()
      return withCode({ address, staffId: actor.staffId }, () =>
        inTransaction(db, async (tx) => {
          const now = clock()
          const home = await tx
            .selectFrom('drafts')
            .select(['id', 'fields', 'expires_at'])
            .where('code_hash', '=', homeCodeHash(sealer, typed))
            .where('expires_at', '>', now)
            .forNoKeyUpdate()
            .executeTakeFirst()
          if (!home) return undefined
          const draftId =
            (await copyOf(tx, home.id, libraryId)) ??
            (await makeCopy(tx, home, { libraryId, staffId: actor.staffId, now }))
          await note(tx, byStaff(actor.staffId), 'home.call-up', home.id, libraryId)
          return { draftId }
        }),
      )
    },
  }
}

/** For a new key of the installation: the codes that people have written down go on working. */
export async function rehashHomeCodes(tx: Transaction, { from, to }: KeyChange): Promise<void> {
  const rows = await tx
    .selectFrom('drafts')
    .select(['id', 'code_hash'])
    .where('origin', '=', 'home')
    .where('code_hash', 'is not', null)
    .execute()
  for (const { id, code_hash: hash } of rows) {
    const code = hash && keptCode(from, id, hash)
    if (code)
      await tx
        .updateTable('drafts')
        .set({ code_hash: homeCodeHash(to, code) })
        .where('id', '=', id)
        .execute()
  }
}

/** The copy that a library works on already. */
async function copyOf(tx: Transaction, homeId: string, libraryId: string): Promise<string | undefined> {
  const copy = await tx
    .selectFrom('drafts')
    .select('id')
    .where('from_home', '=', homeId)
    .where('library_id', '=', libraryId)
    .orderBy('created_at')
    .limit(1)
    .executeTakeFirst()
  return copy?.id
}

async function makeCopy(
  tx: Transaction,
  home: { id: string; fields: unknown; expires_at: Date },
  by: { libraryId: string; staffId: string; now: Date },
): Promise<string> {
  const { id } = await tx
    .insertInto('drafts')
    .values({
      origin: 'desk',
      library_id: by.libraryId,
      created_by: by.staffId,
      from_home: home.id,
      fields: JSON.stringify(draftFieldsSchema.parse(home.fields)),
      created_at: by.now,
      changed_at: by.now,
      expires_at: home.expires_at,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}
