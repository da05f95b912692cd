import { readBirthDate } from '#protocols/person/birth-dates.ts'
import { nameKey } from '../readers/names.ts'
import type { Transaction } from '../shared/db.ts'

/** What of a library is about the same person already: an earlier questionnaire, or an earlier draft. */
export type Like = { applicationId: string } | { draftId: string; letterId: string | null }

interface Person {
  draftId: string
  fullName: string
  /** As it is typed. */
  birthDate: string
}

/**
 * Which of a letter's questionnaires repeat what its library has sent or begun, or an earlier one of the same
 * letter: under the same name and birth date. By the draft's id.
 */
export async function likesOf(
  tx: Transaction,
  libraryId: string,
  people: readonly Person[],
): Promise<Map<string, Like>> {
  const keyed = people.flatMap(({ draftId, fullName, birthDate }) => {
    const key = keyOf(fullName, birthDate)
    return key ? [{ draftId, ...key }] : []
  })
  if (keyed.length === 0) return new Map()
  const applications = await tx
    .selectFrom('applications')
    .select(['id', 'full_name', 'birth_date'])
    .where('library_id', '=', libraryId)
    .where('state', 'in', ['sent', 'returned', 'registered'])
    .where('birth_date', 'in', [...new Set(keyed.map(({ birthDate }) => birthDate))])
    .orderBy('sent_at', 'desc')
    .limit(1000)
    .execute()
  const drafts = await tx
    .selectFrom('drafts')
    .select(['id', 'letter_id', 'fields'])
    .where('library_id', '=', libraryId)
    .where('origin', '!=', 'home')
    .orderBy('created_at')
    .orderBy('letter_place')
    .limit(2000)
    .execute()
  const sent = new Map(
    applications.map((each) => [keyOf(each.full_name, each.birth_date)?.text, { applicationId: each.id }]),
  )
  const begun = new Map<string, { draftId: string; letterId: string | null }>()
  for (const draft of drafts) {
    const { fullName = '', birthDate = '' } = draft.fields as Record<string, string>
    const text = keyOf(fullName, birthDate)?.text
    // The first of them is no repetition.
    if (text && !begun.has(text)) begun.set(text, { draftId: draft.id, letterId: draft.letter_id })
  }
  const likes = new Map<string, Like>()
  for (const { draftId, text } of keyed) {
    const like = sent.get(text) ?? begun.get(text)
    if (like && !('draftId' in like && like.draftId === draftId)) likes.set(draftId, like)
  }
  return likes
}

function keyOf(fullName: string, typedDate: string): { text: string; birthDate: string } | undefined {
  const birthDate = readBirthDate(typedDate)
  if (typeof birthDate !== 'string' || fullName.trim() === '') return undefined
  return { text: `${birthDate} ${nameKey(fullName)}`, birthDate }
}
