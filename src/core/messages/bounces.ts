import { domainToASCII } from 'node:url'
import type { DeliveryReport, RecipientReport } from '#protocols/dsn/delivery-report.ts'
import { readDeliveryReport } from '#protocols/dsn/delivery-report.ts'
import { refusesAddress } from '#protocols/dsn/statuses.ts'
import type { MailHandler } from '../intake/handlers.ts'
import type { IncomingMail } from '../intake/mail.ts'
import type { Clock } from '../shared/clock.ts'
import type { Transaction } from '../shared/db.ts'
import { noteEnding } from './ending.ts'

/** A message's id, as it stands in our Message-IDs before the @. */
const ourId = /^([0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12})@/i

/**
 * Takes reports of delivery about our own e-mail. Which one a report is about only the recipient's side can
 * know: a Message-ID has 62 bits that nobody guesses, so a forged report names none of ours. The address
 * must be the message's own too.
 */
export const createBounceHandler = ({ clock }: { clock: Clock }): MailHandler<void> => ({
  name: 'bounces',
  async handle(tx, mail) {
    const report = readDeliveryReport(asReport(mail))
    const message = report && (await messageOf(tx, report))
    const told = message && report.recipients.find((each) => isAbout(each, message.recipient))
    if (!message || !told) return 'not mine'
    // A message on its way to several servers, a second try: nothing of that is final.
    if (told.action !== 'failed') return 'taken'
    await noteEnding(
      tx,
      clock(),
      message.id,
      {
        state: 'undelivered',
        fault: `bounce_${told.status}`,
        refusesAddress: told.status.startsWith('5') && refusesAddress(told.diagnostic, told.status),
      },
      // A letter may come back while its sending is still to be noted.
      ['queued', 'sending', 'sent'],
    )
    return 'taken'
  },
})

async function messageOf(tx: Transaction, report: DeliveryReport) {
  const id = ourId.exec(report.messageId)?.[1]
  if (!id) return undefined
  return await tx
    .selectFrom('messages')
    .select(['id', 'recipient'])
    .where('id', '=', id.toLowerCase())
    .where('channel', '=', 'email')
    .executeTakeFirst()
}

/** No case, and the domain as it goes over the wire: mailboxes that differ by that alone aren't met. */
const comparable = (address: string): string => {
  const at = address.lastIndexOf('@')
  return `${address.slice(0, at)}@${domainToASCII(address.slice(at + 1))}`.toLowerCase()
}
const isAbout = ({ finalRecipient, originalRecipient }: RecipientReport, recipient: string): boolean =>
  [finalRecipient, originalRecipient].some((each) => each && comparable(each) === comparable(recipient))

const asReport = (mail: IncomingMail) => ({
  contentType: mail.contentType,
  reportType: mail.reportType,
  from: mail.from,
  failedRecipients: mail.failedRecipients,
  answersTo: mail.answersTo,
  text: mail.text,
  parts: mail.parts.map(({ contentType, content }) => ({ contentType, content: content.toString('utf8') })),
})
