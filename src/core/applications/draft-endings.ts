import type { Transaction } from '../shared/db.ts'
import type { SendInput } from './applications.schemas.ts'
import { deskOrigins, draftChanged, homeGone } from './drafts.ts'

/**
 * Takes away what a sent questionnaire was before: the form's draft, and what was filled in at home, with
 * every library's copy of it. @returns when and by whom it was begun; undefined when there was no draft
 * @throws draftChanged, homeGone
 */
export async function endDrafts(
  tx: Transaction,
  input: Pick<SendInput, 'formKey' | 'draftRevision' | 'homeDraft'>,
  now: Date,
): Promise<{ at: Date; staffId: string | null } | undefined> {
  await refuseChanged(tx, input)
  if (input.homeDraft) {
    const home = await tx
      .deleteFrom('drafts')
      .where('id', '=', input.homeDraft)
      .where('origin', '=', 'home')
      .where('expires_at', '>', now)
      .returning('created_at')
      .executeTakeFirst()
    if (!home) throw homeGone()
    // Its copies are gone with it; a draft of this form that isn't one of them goes too.
    await tx.deleteFrom('drafts').where('id', '=', input.formKey).where('origin', 'in', deskOrigins).execute()
    return { at: home.created_at, staffId: null }
  }
  const draft = await tx
    .deleteFrom('drafts')
    .where('id', '=', input.formKey)
    .where('origin', 'in', deskOrigins)
    .returning(['created_at', 'created_by'])
    .executeTakeFirst()
  return draft && { at: draft.created_at, staffId: draft.created_by }
}

/** What another tab has saved isn't thrown away unseen. @throws draftChanged */
async function refuseChanged(
  tx: Transaction,
  { formKey, draftRevision }: Pick<SendInput, 'formKey' | 'draftRevision'>,
): Promise<void> {
  if (draftRevision === undefined) return
  const draft = await tx
    .selectFrom('drafts')
    .select('revision')
    .where('id', '=', formKey)
    .where('origin', 'in', deskOrigins)
    .executeTakeFirst()
  if (draft && draft.revision !== draftRevision) throw draftChanged({ revision: draft.revision })
}
