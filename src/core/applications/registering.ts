import type { Welcome } from '../consents/handover.ts'
import { smsAllowed, welcomeOf } from '../consents/handover.ts'
import type { NewMessage } from '../messages/messages.ts'
import { queueMessages } from '../messages/messages.ts'
import { generatePassword } from '../readers/passwords.ts'
import type { Clock } from '../shared/clock.ts'
import type { Database, Transaction } from '../shared/db.ts'
import { inTransaction } from '../shared/db.ts'
import { hashPassword } from '../shared/passwords.ts'
import type { Authorised } from '../staff/actors.ts'
import type { Decision, Locked } from './moves.ts'
import { checkHold, decisionOf, locked, nextRevision, noteMove } from './moves.ts'

/** What both ways to answer a questionnaire with a reader begin with. */
export interface Registering {
  found: Locked
  library: { id: string; code: string; email: string }
  password: { plain: string; hash: string }
  decision: Decision
}

/**
 * Runs the transaction in which a questionnaire becomes a reader's, new or on record, with a fresh password.
 * @throws changedMeanwhile, heldByOther and what `work` throws
 */
export async function registering<Result>(
  of: {
    db: Database
    clock: Clock
    actor: Authorised<'applications.decide'>
    id: string
    seen: number
    overHold: string | undefined
  },
  work: (tx: Transaction, begun: Registering) => Promise<Result>,
): Promise<Result> {
  const { db, clock, actor, id, seen, overHold } = of
  // Hashing takes tens of milliseconds: it is done before any row is locked.
  const plain = generatePassword()
  const password = { plain, hash: await hashPassword(plain) }
  const decision = await decisionOf(db, actor.staffId, clock())
  return inTransaction(db, async (tx) => {
    const found = await locked(tx, actor, id)
    nextRevision(found, seen, 'registered')
    await checkHold(tx, found, decision, overHold)
    const library = await tx
      .selectFrom('libraries')
      .select(['id', 'code', 'email'])
      .where('id', '=', found.library_id)
      .executeTakeFirstOrThrow()
    return work(tx, { found, library, password, decision })
  })
}

/**
 * The consents that were signed go to the reader's record, the step to the history, and both sides are told:
 * where the region waits for the provider's number, once that is there. Whoever may be handed over is.
 */
export async function concludeRegistering(
  tx: Transaction,
  { found, library, decision }: Registering,
  reader: { id: string; email: string | null; phone: string | null; outcome: 'new' | 'existing' },
): Promise<void> {
  await tx
    .updateTable('consents')
    .set({ reader_id: reader.id })
    .where('application_id', '=', found.id)
    .execute()
  await noteMove(tx, {
    id: found.id,
    revision: found.revision + 1,
    state: 'registered',
    staffId: decision.by,
    at: decision.at,
  })
  const about = { readerId: reader.id, libraryId: found.library_id, applicationId: found.id }
  // Without that consent e-mail and slip carry what the SMS would have.
  const phone = (await smsAllowed(tx, about)) ? reader.phone : null
  const welcome = await welcomeOf(tx, reader.id, decision.at)
  const messages = registrationMessages({ ...reader, phone }, library.email, about, welcome)
  await queueMessages(tx, decision.at, messages, decision.undoUntil)
}

/** What reader and library are told of a registration, by the ways in which they can be reached. */
function registrationMessages(
  reader: { email: string | null; phone: string | null; outcome: 'new' | 'existing' },
  libraryEmail: string,
  about: Pick<NewMessage, 'readerId' | 'libraryId' | 'applicationId'>,
  welcome: Welcome,
): NewMessage[] {
  const isNew = reader.outcome === 'new'
  const own = isNew ? 'reader.registered' : 'reader.credentials'
  const toReader = welcome.event === 'own' ? own : welcome.event
  const toLibrary = isNew ? 'library.registered' : 'library.existing'
  const { email, phone } = reader
  return [
    ...(phone
      ? [{ channel: 'sms', event: toReader, recipient: phone, waitsFor: welcome.reader, ...about } as const]
      : []),
    ...(email
      ? [{ channel: 'email', event: toReader, recipient: email, waitsFor: welcome.reader, ...about } as const]
      : []),
    ...(libraryEmail
      ? [
          {
            channel: 'email',
            event: toLibrary,
            recipient: libraryEmail,
            waitsFor: welcome.library,
            ...about,
          } as const,
        ]
      : []),
  ]
}
