import { createHash } from 'node:crypto'
import type { Clock } from '../shared/clock.ts'
import { after, hours, minutes } from '../shared/clock.ts'
import type { Database, Transaction } from '../shared/db.ts'
import { inTransaction, sql } from '../shared/db.ts'
import type { Log } from '../shared/log.ts'
import { errorFacts } from '../shared/log.ts'
import { reached } from '../shared/points.ts'
import { noteSign } from '../shared/signs.ts'
import type { MailHandler, Taking } from './handlers.ts'
import type { IncomingMail, MailBytes, ParseMail } from './mail.ts'
import type { Mailbox } from './mailbox.ts'
import { codeOf } from './mailbox.ts'

/** Between a mail's tries; after the last it is left to people. A night's outage may be over by then. */
const tryPauses = [minutes(1), minutes(10), hours(1), hours(6)]

/**
 * Where a mail has failed. `crowd`: it waits in the inbox, since too many letters wait here already. `large`: it
 * is larger than mails may be.
 */
export type MailFault = 'fetch' | 'read' | 'move' | 'crowd' | 'large'

interface Place {
  mailbox: string
  uid_validity: number
  uid: number
}

/**
 * Shows every new mail to the handlers, one after the other. What a mail changes, that it was taken, and by
 * whom, is one transaction; only then does it leave the inbox. A crash in between leaves a mail that is known to be taken:
 * it is moved, and not looked at again, in whatever place it turns up. A handler that is new to a mail that
 * nobody took is shown it too. A mail that can't be fetched, read or moved holds no other up; of one that is too
 * large the handlers see the header, and then it is left to people.
 */
export function createLookingThrough(deps: {
  clock: Clock
  log: Log
  handlers: readonly MailHandler[]
  parse: ParseMail
}) {
  const { clock, log, handlers, parse } = deps
  const names = handlers.map(({ name }) => name)

  /** Asks the handlers, one after the other. @returns who took it */
  async function show(db: Database, place: Place, fetched: MailBytes): Promise<string | null> {
    const fingerprint = createHash('sha256').update(fetched.bytes).digest()
    const before = await takenElsewhere(db, fingerprint)
    if (before) {
      await remember(db, place, { fingerprint, taken_by: before, asked: names })
      return before
    }
    const mail = await parse(fetched)
    const asked = (await kept(db, place))?.asked ?? []
    for (const handler of handlers) {
      if (asked.includes(handler.name)) continue
      const prepared = await handler.prepare?.(mail)
      const answer = await inTransaction(db, async (tx): Promise<Taking> => {
        const taking = await handler.handle(tx, mail, prepared)
        if (taking === 'no room') await giveUp(tx, place, 'crowd')
        else if (taking !== 'not mine')
          await settle(tx, place, mail, fingerprint, taking === 'taken' ? handler.name : null)
        return taking
      })
      if (answer !== 'not mine') return answer === 'taken' ? handler.name : null
    }
    await settle(db, place, mail, fingerprint, null)
    return null
  }

  /** There is nothing more to do about a mail; of one that is too large people are told. */
  async function settle(
    db: Database | Transaction,
    place: Place,
    mail: IncomingMail,
    fingerprint: Buffer,
    taken_by: string | null,
  ): Promise<void> {
    if (mail.headOnly) await giveUp(db, place, 'large')
    else await remember(db, place, { fingerprint, taken_by, asked: names })
  }

  const remember = (
    db: Database | Transaction,
    place: Place,
    facts: { fingerprint?: Buffer; taken_by?: string | null; asked: string[] },
  ) =>
    db
      .insertInto('intake_mails')
      .values({ ...place, ...facts, seen_at: clock() })
      .onConflict((conflict) => conflict.columns(['mailbox', 'uid_validity', 'uid']).doUpdateSet(facts))
      .execute()

  /** @param reaching is told what comes next */
  async function take(
    db: Database,
    mailbox: Mailbox,
    place: Place,
    reaching: (step: MailFault) => void,
  ): Promise<void> {
    let takenBy = (await kept(db, place))?.taken_by ?? null
    if (!takenBy) {
      const fetched = await mailbox.read(place.uid)
      if (!fetched) return
      reaching('read')
      takenBy = await show(db, place, fetched)
      if (!takenBy) return
      log.info({ mail: place.uid, takenBy }, 'mail taken')
    }
    reached('intake:taken')
    reaching('move')
    await mailbox.setAside(place.uid)
  }

  /** @throws when the mailbox or the database can't be reached any more */
  async function lookAt(db: Database, mailbox: Mailbox, place: Place, signal: AbortSignal): Promise<void> {
    let step = 'fetch' as MailFault
    try {
      await take(db, mailbox, place, (next) => (step = next))
    } catch (error) {
      // Whoever stops us breaks the connection off: that is no mail's fault.
      if (signal.aborted) throw error
      const fault = step === 'read' ? errorFacts(error) : codeOf(error)
      log.error({ mail: place.uid, step, fault }, 'a mail can’t be looked at')
      await countFailure(db, place, step)
      if (!mailbox.isOpen()) throw error
    }
  }

  /** Also tells whether the database is there: without it nothing more is tried. */
  async function countFailure(db: Database, place: Place, fault: MailFault): Promise<void> {
    const now = clock()
    const pause = tryPauses[(await kept(db, place))?.failures ?? 0]
    if (pause === undefined) return giveUp(db, place, fault)
    await fail(db, place, { fault, failed_at: now, try_after: after(now, pause) })
  }

  async function giveUp(db: Database | Transaction, place: Place, fault: MailFault): Promise<void> {
    const now = clock()
    await fail(db, place, { fault, failed_at: now, given_up_at: now })
  }

  const fail = (
    db: Database | Transaction,
    place: Place,
    facts: { fault: MailFault; failed_at: Date; try_after?: Date; given_up_at?: Date },
  ) =>
    db
      .insertInto('intake_mails')
      .values({ ...place, ...facts, failures: 1, seen_at: clock() })
      .onConflict((conflict) =>
        conflict
          .columns(['mailbox', 'uid_validity', 'uid'])
          .doUpdateSet((eb) => ({ ...facts, failures: eb('intake_mails.failures', '+', 1) })),
      )
      .execute()

  /** Those of the mails about which there is nothing to do, for now or any more. */
  async function settled(db: Database, { name, uidValidity }: Mailbox, uids: number[]): Promise<Set<number>> {
    const rows = await db
      .selectFrom('intake_mails')
      .select('uid')
      .where('mailbox', '=', name)
      .where('uid_validity', '=', uidValidity)
      .where(sql<boolean>`uid = any(${uids}::bigint[])`)
      .where(
        sql<boolean>`(given_up_at is not null or try_after > ${clock()}
          or (taken_by is null and asked @> ${names}::text[]))`,
      )
      .execute()
    return new Set(rows.map(({ uid }) => uid))
  }

  /** What people have taken out of the inbox needs no further try, and nobody's look. */
  async function forgetGone(db: Database, { name, uidValidity }: Mailbox, uids: number[]): Promise<void> {
    await db
      .updateTable('intake_mails')
      .set(untried)
      .where('mailbox', '=', name)
      .where('failures', '>', 0)
      .where(sql<boolean>`not (uid_validity = ${uidValidity} and uid = any(${uids}::bigint[]))`)
      .execute()
  }

  /** Looks at each mail that is new. @throws when the mailbox or the database can't be reached */
  return async function lookThrough(db: Database, mailbox: Mailbox, signal: AbortSignal): Promise<void> {
    const uids = await mailbox.uids()
    await forgetGone(db, mailbox, uids)
    const done = await settled(db, mailbox, uids)
    for (const uid of uids) {
      if (signal.aborted) return
      if (done.has(uid)) continue
      await lookAt(db, mailbox, { mailbox: mailbox.name, uid_validity: mailbox.uidValidity, uid }, signal)
      // A long row of mails is no silence.
      await noteSign(db, 'mailbox')
    }
    await noteSign(db, 'mailbox')
  }
}

/** A mail as if nothing had failed. */
export const untried = { failures: 0, fault: null, failed_at: null, try_after: null, given_up_at: null }

/** The same mail in another place. @returns who took it */
async function takenElsewhere(db: Database, fingerprint: Buffer): Promise<string | undefined> {
  const row = await db
    .selectFrom('intake_mails')
    .select('taken_by')
    .where('fingerprint', '=', fingerprint)
    .where('taken_by', 'is not', null)
    .executeTakeFirst()
  return row?.taken_by ?? undefined
}

const kept = (db: Database | Transaction, place: Place) =>
  db
    .selectFrom('intake_mails')
    .select(['asked', 'taken_by', 'failures'])
    .where('mailbox', '=', place.mailbox)
    .where('uid_validity', '=', place.uid_validity)
    .where('uid', '=', place.uid)
    .executeTakeFirst()
