import { queueMessages } from '../messages/messages.ts'
import { after, days } from '../shared/clock.ts'
import type { Transaction } from '../shared/db.ts'

type Answer =
  | 'library.letter-received'
  | 'library.letter-unreadable'
  | 'library.letter-too-large'
  | 'library.letter-waiting'
  | 'library.letter-expired'

/** Answers of a kind to one address within a day; beyond, two machines may be talking. */
const mostADay: Record<Answer, number> = {
  'library.letter-received': 60,
  'library.letter-unreadable': 5,
  'library.letter-too-large': 5,
  'library.letter-waiting': 60,
  'library.letter-expired': 60,
}

/**
 * Answers a letter in its thread, to its library's registered address, whoever sent it; a library without
 * one sees it on its desk only.
 * @returns false when nothing goes out
 */
export async function answerLetter(
  tx: Transaction,
  now: Date,
  event: Answer,
  letter: { id: string; libraryId: string },
): Promise<boolean> {
  const { email: recipient } = await tx
    .selectFrom('libraries')
    .select('email')
    .where('id', '=', letter.libraryId)
    .executeTakeFirstOrThrow()
  if (!recipient) return false
  const { count } = await tx
    .selectFrom('messages')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('recipient', '=', recipient)
    .where('event', '=', event)
    .where('created_at', '>', after(now, -days(1)))
    .executeTakeFirstOrThrow()
  if (Number(count) >= mostADay[event]) return false
  await queueMessages(tx, now, [
    { channel: 'email', event, recipient, libraryId: letter.libraryId, letterId: letter.id },
  ])
  return true
}
