import { bareId, headOf, isAddress, readFields } from './fields.ts'
import { enhancedStatusIn } from './statuses.ts'
import { readTextBounce } from './text-bounce.ts'

/** A mail as far as a report of its delivery may stand in it. */
export interface ReportMail {
  /** `multipart/report`, lower case. */
  contentType: string
  /** The report-type parameter of a multipart/report. */
  reportType: string | undefined
  /** The sender's address; '' when there is none. */
  from: string
  /** The header X-Failed-Recipients, which Exim gives. */
  failedRecipients: string
  /** Message-IDs that the mail answers to, in angle brackets. */
  answersTo: readonly string[]
  /** Its text for people. */
  text: string
  /** The other parts, decoded. */
  parts: readonly { contentType: string; content: string }[]
}

export interface RecipientReport {
  /** Where the mail was to go at last, and where it was sent; without the address type. */
  finalRecipient: string
  originalRecipient: string | undefined
  /** Delayed is nothing final. */
  action: 'failed' | 'delayed' | 'delivered' | 'relayed' | 'expanded'
  /** `5.1.1`; a failed one is permanent. */
  status: string
  /** What the refusing server has said; '' when that isn't told. */
  diagnostic: string
}

/** What became of one mail for some of its recipients. */
export interface DeliveryReport {
  /** Of the mail that it is about, without angle brackets. */
  messageId: string
  recipients: RecipientReport[]
}

/** Far above any report of one mail: more is no honest one. */
const mostRecipients = 100
const actions = new Set(['failed', 'delayed', 'delivered', 'relayed', 'expanded'])

/**
 * Reads a report of delivery: RFC 3464 in RFC 3462's (now 6522's) envelope, else a bounce in words.
 * @returns undefined when it is none, or one of which anything has to be guessed
 */
export function readDeliveryReport(mail: ReportMail): DeliveryReport | undefined {
  if (mail.contentType !== 'multipart/report') return readTextBounce(mail)
  // Another kind of report, such as that a letter was read.
  if ((mail.reportType ?? 'delivery-status') !== 'delivery-status') return undefined
  const status = mail.parts.find((part) =>
    ['message/delivery-status', 'message/global-delivery-status'].includes(part.contentType),
  )
  const messageId = originalMessageId(mail)
  const recipients = readRecipients(status?.content ?? '')
  return messageId && recipients.length > 0 ? { messageId, recipients } : undefined
}

/** RFC 3464 §2: fields about the mail, an empty line, then a group of fields for each recipient. */
function readRecipients(content: string): RecipientReport[] {
  const groups = content
    .replaceAll(/\r\n?/g, '\n')
    .trim()
    .split(/\n(?:[ \t]*\n)+/)
  return groups
    .slice(0, mostRecipients + 1)
    .map(readFields)
    .flatMap((fields) => readRecipient(fields) ?? [])
}

function readRecipient(fields: ReadonlyMap<string, string>): RecipientReport | undefined {
  const finalRecipient = addressOf(fields.get('final-recipient'))
  const originalRecipient = addressOf(fields.get('original-recipient'))
  const action = fields.get('action')?.toLowerCase() as RecipientReport['action'] | undefined
  const diagnostic = afterType(fields.get('diagnostic-code')) ?? ''
  const status = enhancedStatusIn(fields.get('status') ?? '') ?? enhancedStatusIn(diagnostic)
  if (!finalRecipient || !action || !actions.has(action) || !status) return undefined
  // «Failed» with a temporary or good code contradicts itself; 4.4.7 (given up after days) is failed all the same.
  if (action === 'failed' && status.startsWith('2')) return undefined
  return { finalRecipient, originalRecipient, action, status, diagnostic }
}

/** `rfc822; anna@reader.test` → what follows the type. */
function afterType(field: string | undefined): string | undefined {
  if (field === undefined) return undefined
  const semicolon = field.indexOf(';')
  return (semicolon < 0 ? field : field.slice(semicolon + 1)).trim()
}

function addressOf(field: string | undefined): string | undefined {
  const text = afterType(field)?.replace(/^<(.*)>$/, '$1')
  return text && isAddress(text) ? text : undefined
}

/** In the mail itself or its head, which come with the report; a report without them may name it as its cause. */
function originalMessageId(mail: ReportMail): string | undefined {
  const returned = mail.parts.find((part) =>
    ['message/rfc822', 'message/global', 'text/rfc822-headers', 'message/global-headers'].includes(
      part.contentType,
    ),
  )
  if (!returned) return mail.answersTo.length === 1 ? bareId(mail.answersTo[0]) : undefined
  return bareId(headOf(returned.content).get('message-id'))
}
