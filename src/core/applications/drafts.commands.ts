import type { AuditLog } from '../audit/audit.ts'
import { byStaff } from '../audit/audit.ts'
import type { Clock } from '../shared/clock.ts'
import { after } from '../shared/clock.ts'
import type { Database, Transaction } from '../shared/db.ts'
import { inTransaction } from '../shared/db.ts'
import type { Authorised } from '../staff/actors.ts'
import { notAllowed } from '../staff/actors.ts'
import type { DraftFields, SaveDraftInput } from './drafts.ts'
import {
  changedFields,
  deskOrigins,
  draftChanged,
  draftEmpty,
  draftFieldsSchema,
  draftGone,
  draftLife,
  draftSent,
  holdForm,
} from './drafts.ts'

export interface SavedDraft {
  revision: number
}

/** Questionnaires of a library that aren't sent yet. */
export function createDrafts(deps: { db: Database; clock: Clock; audit: AuditLog }) {
  const { db, clock, audit } = deps

  const note = (
    tx: Transaction,
    staffId: string,
    what: 'save' | 'discard',
    id: string,
    libraryId: string | null,
    at: Date,
    fields?: readonly string[],
  ) =>
    audit.append(tx, {
      at,
      actor: byStaff(staffId),
      action: `drafts.${what}`,
      subject: { kind: 'draft', id },
      libraryId,
      ...(fields && { details: { fields } }),
    })

  async function begin(
    tx: Transaction,
    staffId: string,
    libraryId: string,
    draft: { formKey: string; homeDraft?: string | undefined; fields: DraftFields },
    now: Date,
  ): Promise<SavedDraft> {
    const home = draft.homeDraft && (await livingHome(tx, draft.homeDraft, now))
    await tx
      .insertInto('drafts')
      .values({
        id: draft.formKey,
        origin: 'desk',
        library_id: libraryId,
        created_by: staffId,
        from_home: home ? home.id : null,
        fields: JSON.stringify(draft.fields),
        created_at: now,
        changed_at: now,
        expires_at: home ? home.expires_at : after(now, draftLife),
      })
      .execute()
    await note(tx, staffId, 'save', draft.formKey, libraryId, now)
    return { revision: 1 }
  }

  return {
    /**
     * Keeps what is typed so far under the form's key. The same content again changes nothing.
     * @throws draftEmpty, draftSent, draftGone, draftChanged when another tab or librarian saved since
     */
    async save(
      actor: Authorised<'applications.write'>,
      libraryId: string,
      input: SaveDraftInput,
    ): Promise<SavedDraft> {
      if (actor.libraries !== 'all' && !actor.libraries.includes(libraryId)) throw notAllowed()
      const fields = draftFieldsSchema.parse(input)
      if (Object.values(fields).every((value) => value.trim() === '')) throw draftEmpty()
      const now = clock()
      return inTransaction(db, async (tx) => {
        await holdForm(tx, input.formKey)
        await refuseSent(tx, input.formKey)
        const found = await lockedDraft(tx, actor, input.formKey)
        if (!found) return begin(tx, actor.staffId, libraryId, { ...input, fields }, now)
        const changed = changedFields(draftFieldsSchema.parse(found.fields), fields)
        if (changed.length === 0 && found.library_id === libraryId) return { revision: found.revision }
        if (found.revision !== input.draftRevision) throw draftChanged({ revision: found.revision })
        const revision = found.revision + 1
        await tx
          .updateTable('drafts')
          .set({
            library_id: libraryId,
            fields: JSON.stringify(fields),
            revision,
            changed_at: now,
            // A copy of what came from home lasts as long as that, what came by mail as long as its letter.
            ...(found.origin === 'desk' && !found.from_home && { expires_at: after(now, draftLife) }),
          })
          .where('id', '=', found.id)
          .execute()
        await note(tx, actor.staffId, 'save', found.id, libraryId, now, changed)
        return { revision }
      })
    },

    /** Throws a draft away; one that is gone already stays gone. */
    async discard(actor: Authorised<'applications.write'>, id: string): Promise<void> {
      await inTransaction(db, async (tx) => {
        const found = await lockedDraft(tx, actor, id)
        if (!found) return
        await tx.deleteFrom('drafts').where('id', '=', id).execute()
        await note(tx, actor.staffId, 'discard', id, found.library_id, clock())
      })
    },

    /** Forgets drafts whose days have run out; those by mail go with their letter. @returns how many */
    async expire(): Promise<number> {
      const now = clock()
      return inTransaction(db, async (tx) => {
        const ids: string[] = []
        // Those from home first: their copies go with them, and sending locks in that order too.
        for (const origin of ['home', 'desk']) {
          const gone = await tx
            .deleteFrom('drafts')
            .where('origin', '=', origin)
            .where('expires_at', '<=', now)
            .returning('id')
            .execute()
          ids.push(...gone.map(({ id }) => id))
        }
        if (ids.length > 0) {
          await audit.append(tx, {
            at: now,
            actor: { kind: 'system' },
            action: 'drafts.expire',
            subject: { kind: 'draft', id: null },
            details: { ids },
          })
        }
        return ids.length
      })
    },
  }
}

/** @throws draftSent */
async function refuseSent(tx: Transaction, formKey: string): Promise<void> {
  const sent = await tx
    .selectFrom('applications')
    .select('id')
    .where('form_key', '=', formKey)
    .executeTakeFirst()
  if (sent) throw draftSent()
}

/** The draft, locked; undefined when there is none. @throws draftGone when it isn't one of the actor's */
async function lockedDraft(tx: Transaction, actor: Authorised<'applications.write'>, id: string) {
  const found = await tx
    .selectFrom('drafts')
    .select(['id', 'origin', 'library_id', 'from_home', 'fields', 'revision'])
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst()
  if (!found) return undefined
  const own = actor.libraries === 'all' || actor.libraries.includes(found.library_id ?? '')
  if (!deskOrigins.some((origin) => origin === found.origin) || !own) throw draftGone()
  return found
}

/** What was filled in at home, kept from going while the transaction lasts. */
export const livingHome = (tx: Transaction, id: string, now: Date) =>
  tx
    .selectFrom('drafts')
    .select(['id', 'fields', 'expires_at'])
    .where('id', '=', id)
    .where('origin', '=', 'home')
    .where('expires_at', '>', now)
    .forKeyShare()
    .executeTakeFirst()
