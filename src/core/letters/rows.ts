import type { Questionnaire } from '../applications/applications.schemas.ts'
import type { DraftFields } from '../applications/drafts.ts'
import { draftFieldsSchema } from '../applications/drafts.ts'
import type { FieldDoubts, Mailed } from '../applications/mailed.ts'
import { doubtsLeft, mailedSchema, sureQuestionnaire } from '../applications/mailed.ts'
import { after } from '../shared/clock.ts'
import type { Transaction } from '../shared/db.ts'
import { letterLife } from './letters.ts'
import type { Like } from './likes.ts'
import { likesOf } from './likes.ts'

/** A questionnaire of a letter that isn't sent yet. */
export interface LetterRow {
  draftId: string
  revision: number
  /** Its place in the letter, from 1. */
  place: number
  libraryId: string | null
  source: Mailed['source']
  /** As typed by now: what was read, or what a person has made of it. */
  fields: DraftFields
  doubts: FieldDoubts
  /** Its library has the same person's already. */
  like: Like | undefined
  /** As it may be sent without anybody looking at each field; undefined when it may not. */
  sure: Questionnaire | undefined
}

/** The questionnaires of a letter that aren't sent yet, in the letter's order. */
export async function rowsOf(tx: Transaction, letterId: string): Promise<LetterRow[]> {
  const drafts = await tx
    .selectFrom('drafts')
    .select(['id', 'revision', 'letter_place', 'library_id', 'fields', 'read'])
    .where('letter_id', '=', letterId)
    .orderBy('letter_place')
    .execute()
  const read = drafts.map((draft) => ({
    ...draft,
    fields: draftFieldsSchema.parse(draft.fields),
    mailed: mailedSchema.parse(draft.read),
  }))
  const libraryId = drafts[0]?.library_id
  const people = read.map(({ id, fields }) => ({ draftId: id, ...fields }))
  const likes = libraryId ? await likesOf(tx, libraryId, people) : new Map<string, Like>()
  return read.map(({ id, revision, letter_place, library_id, fields, mailed }) => ({
    draftId: id,
    revision,
    place: letter_place ?? 0,
    libraryId: library_id,
    source: mailed.source,
    fields,
    doubts: doubtsLeft(mailed, fields),
    like: likes.get(id),
    sure: likes.has(id) ? undefined : sureQuestionnaire(mailed, fields),
  }))
}

/** Notes on a letter how many of its questionnaires may be sent as they are. */
export async function noteSure(tx: Transaction, letterId: string): Promise<number> {
  const sure = (await rowsOf(tx, letterId)).filter((row) => row.sure !== undefined).length
  await tx.updateTable('mailed_letters').set({ sure }).where('id', '=', letterId).execute()
  return sure
}

/** A letter that waited becomes a library's, which is asked from now on. `facts`: what else is to be kept of that. */
export async function giveToLibrary(
  tx: Transaction,
  id: string,
  {
    libraryId,
    now,
    ...facts
  }: { libraryId: string; now: Date } & (
    { decided_by: string; decided_at: Date } | { message_id: string; reference_ids: string[] }
  ),
): Promise<void> {
  const expires_at = after(now, letterLife)
  await tx
    .updateTable('mailed_letters')
    .set({ ...facts, state: 'open', library_id: libraryId, asked_at: now, expires_at })
    .where('id', '=', id)
    .execute()
  await tx
    .updateTable('drafts')
    .set({ library_id: libraryId, expires_at })
    .where('letter_id', '=', id)
    .execute()
  await noteSure(tx, id)
}
