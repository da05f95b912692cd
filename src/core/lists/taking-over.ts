import type { AuditEntry } from '../audit/audit.ts'
import { byStaff } from '../audit/audit.ts'
import { knownNumber } from '../cards/known-number.ts'
import type { Welcome } from '../consents/handover.ts'
import { smsAllowed, welcomeOf } from '../consents/handover.ts'
import { recordConsent } from '../consents/recording.ts'
import type { NewMessage } from '../messages/messages.ts'
import { queueMessages } from '../messages/messages.ts'
import { recordDistinct } from '../readers/distinct.ts'
import { registerReader } from '../readers/readers.commands.ts'
import type { Transaction } from '../shared/db.ts'
import { notFound } from '../shared/errors.ts'
import type { Sealer } from '../shared/sealing.ts'
import type { GoodRow } from './rows.ts'
import type { WorkedList } from './working.ts'

export interface ReaderPassword {
  /** Undefined when nobody knows it: the reader gets one when he comes in, or by a code. */
  plain: string | undefined
  hash: string
}

/**
 * Takes over a reader whom a library has had already: record, card, consents, and messages if they were asked
 * for. Whoever is on record under the same name and birth date, and wasn't seen by an operator, stops it.
 * @throws cardGiven, consentTextUnknown
 */
export async function takeOver(
  tx: Transaction,
  sealer: Sealer,
  of: {
    list: WorkedList
    row: { alike: string[]; another_person: boolean }
    person: GoodRow
    password: ReaderPassword | undefined
    now: Date
    signedAt: Date
  },
): Promise<{ done: { readerId: string }; entry: AuditEntry } | { alike: string[] }> {
  const { list, row, person, password, now, signedAt } = of
  if (!password) throw new Error('no password was made for this row')
  const { staffId } = list.actor
  const library = await tx
    .selectFrom('libraries')
    .select(['id', 'code'])
    .where('id', '=', person.libraryId)
    .executeTakeFirstOrThrow(() => notFound())
  const registered = await registerReader(tx, sealer, now, {
    library,
    applicationId: undefined,
    keptCard: person.cardNumber && (await knownNumber(tx, person.cardNumber)),
    fullName: person.fullName,
    birthDate: person.birthDate,
    email: person.email,
    phone: person.phone,
    password,
    provider: undefined,
    anotherPerson: row.another_person,
    distinctFrom: row.alike,
  })
  if ('duplicateOf' in registered) return { alike: [registered.duplicateOf] }
  const { readerId } = registered
  const distinct = row.another_person ? [...new Set([...registered.namesakes, ...row.alike])] : []
  await recordDistinct(tx, { readerId, others: distinct, staffId, at: now })
  const { version, handoverVersion } = person.consent
  const papers = { readerId, signers: person.consent, takenBy: staffId, at: signedAt }
  await recordConsent(tx, { ...papers, kind: 'processing', version })
  if (handoverVersion) await recordConsent(tx, { ...papers, kind: 'handover', version: handoverVersion })
  const welcome = await welcomeOf(tx, readerId, now)
  if (password.plain !== undefined)
    await queueMessages(tx, now, await welcomeMessages(tx, readerId, person, welcome))
  const entry: AuditEntry = {
    at: now,
    actor: byStaff(staffId),
    action: 'readers.take-over',
    subject: { kind: 'reader', id: readerId },
    libraryId: person.libraryId,
    details: {
      list: list.id,
      keptCard: person.cardNumber !== undefined,
      consentVersion: version,
      consentBasis: person.consent.basis,
      handoverVersion: handoverVersion ?? null,
      distinct,
    },
  }
  return { done: { readerId }, entry }
}

/** The reader alone is told: his library has the list. */
async function welcomeMessages(
  tx: Transaction,
  readerId: string,
  person: GoodRow,
  welcome: Welcome,
): Promise<NewMessage[]> {
  const event = welcome.event === 'own' ? 'reader.registered' : welcome.event
  const about = { event, readerId, libraryId: person.libraryId, waitsFor: welcome.reader } as const
  const phone = (await smsAllowed(tx, { readerId })) ? person.phone : null
  return [
    ...(phone ? [{ channel: 'sms', recipient: phone, ...about } as const] : []),
    ...(person.email ? [{ channel: 'email', recipient: person.email, ...about } as const] : []),
  ]
}
