import type { Database } from '../shared/db.ts'
import type { Thread } from './driver.ts'

/**
 * The letter that a message to a library answers: its own, or the one that its questionnaire came by.
 * @returns its thread, and the subject of an answer, undefined when the letter's is gone or was empty
 */
export async function answeredLetter(
  db: Database,
  message: { event: string; letterId: string | null; applicationId: string | null },
): Promise<{ thread: Thread | undefined; subject: string | undefined } | undefined> {
  if (!message.event.startsWith('library.')) return undefined
  const letterId = message.letterId ?? (await letterOf(db, message.applicationId))
  if (!letterId) return undefined
  const letter = await db
    .selectFrom('mailed_letters')
    .select(['message_id', 'reference_ids', 'subject'])
    .where('id', '=', letterId)
    .executeTakeFirst()
  if (!letter) return undefined
  const { message_id: inReplyTo } = letter
  return {
    // RFC 5322 §3.6.4: the letter's own row, and then the letter.
    thread: inReplyTo ? { inReplyTo, references: [...letter.reference_ids, inReplyTo] } : undefined,
    subject: letter.subject === '' ? undefined : `Re: ${letter.subject}`,
  }
}

async function letterOf(db: Database, applicationId: string | null): Promise<string | null> {
  if (!applicationId) return null
  const application = await db
    .selectFrom('applications')
    .select('letter_id')
    .where('id', '=', applicationId)
    .executeTakeFirst()
  return application?.letter_id ?? null
}
