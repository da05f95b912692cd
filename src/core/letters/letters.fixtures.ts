import { afterAll, beforeAll, beforeEach } from 'vitest'
import { readQuestionnaires } from '#protocols/questionnaire/read.ts'
import type { TestApp, TestNetwork } from '../../../tests/support/app.ts'
import { createTestApp, createTestNetwork, testStart } from '../../../tests/support/app.ts'
import type { MailOptions } from '../../../tests/support/letters.ts'
import { authservId, rawMail } from '../../../tests/support/letters.ts'
import type { IncomingMail } from '../intake/mail.ts'
import { parseMail } from '../intake/mail.ts'
import { inTransaction } from '../shared/db.ts'
import { authorise } from '../staff/actors.ts'
import { confirmSchema } from './letters.schemas.ts'
import { createLetterHandler } from './receiving.ts'

export let app: TestApp
export let network: TestNetwork

/** A mailbox’s letters in an app of the file’s own, none of them there when a test begins. */
export function useLetters(): void {
  beforeAll(async () => {
    app = await createTestApp()
    network = await createTestNetwork(app)
  })
  afterAll(() => app.dispose())
  beforeEach(async () => {
    app.setTime(testStart)
    for (const table of ['messages', 'drafts', 'consents', 'application_events'] as const)
      await app.db.deleteFrom(table).execute()
    await app.db.deleteFrom('applications').execute()
    await app.db.deleteFrom('mailed_letters').execute()
  })
}

export const bui = 'library002@library.test'
export const galich = 'library003@library.test'

export const handler = (read: Parameters<typeof createLetterHandler>[0]['read'] = readQuestionnaires) =>
  createLetterHandler({
    db: app.db,
    clock: app.clock,
    audit: app.audit,
    read,
    authservIds: [authservId],
    ownAddress: 'books@library.test',
  })

/** What becomes of a mail in the mailbox. */
export async function receive(options: MailOptions) {
  return take(await parsed(rawMail(options)))
}

/** The same of a mail that is too large: its header is all that is seen. */
export async function receiveLarge(options: MailOptions) {
  const [head = ''] = rawMail(options).split('\n\n')
  return take(await parsed(`${head}\n\n`, true))
}

export const parsed = (raw: string, headOnly = false) =>
  parseMail({ bytes: Buffer.from(raw.replaceAll('\n', '\r\n')), headOnly })

async function take(mail: IncomingMail) {
  const prepared = await handler().prepare?.(mail)
  return await inTransaction(app.db, (tx) => handler().handle(tx, mail, prepared))
}

export const letters = () => app.db.selectFrom('mailed_letters').selectAll().orderBy('id').execute()
export const drafts = () => app.db.selectFrom('drafts').selectAll().orderBy('letter_place').execute()
export const applications = () => app.db.selectFrom('applications').selectAll().orderBy('sent_at').execute()
export const answers = () =>
  app.db.selectFrom('messages').select(['event', 'recipient', 'letter_id']).orderBy('id').execute()
export const librarian = () => authorise(network.librarian, 'letters.confirm')
export const reading = () => authorise(network.librarian, 'letters.read')
export const operator = () => authorise(network.operator, 'letters.decide')

/** Presses the button with everything ticked that the page lets one tick. */
export async function confirm(id: string, more: Record<string, string> = {}) {
  const { rows } = await app.letters.open(reading(), id)
  const form: Record<string, string> = {
    consentGiven: 'on',
    consentVersion: String(network.consentVersion),
    ...more,
  }
  for (const { draftId, revision, sure } of rows) if (sure) form[`take-${draftId}`] = String(revision)
  return app.letters.confirm(librarian(), id, confirmSchema.parse(form))
}
