import type { HeaderValue, ParsedMail, StructuredHeader } from 'mailparser'
import { simpleParser } from 'mailparser'

/** Larger mails stay in the inbox for people. In bytes, as they come. */
export const mostMailBytes = 25 * 1024 * 1024
/** Beyond it, HTML isn't made text. In characters. */
const mostHtml = 1024 * 1024

/** A mail, parsed. Whoever reads it knows that anybody may have written anything into it. */
export interface IncomingMail {
  /** Of the mail itself, in angle brackets; '' when it has none. */
  messageId: string
  /** The sender's address; '' when there is none. */
  from: string
  subject: string
  /** Media type, lower case. */
  contentType: string
  /** The report-type parameter of a multipart/report. */
  reportType: string | undefined
  /** The header X-Failed-Recipients. */
  failedRecipients: string
  /** Message-IDs that it answers to, in angle brackets. */
  answersTo: readonly string[]
  /** Its plain text, or its HTML made text. */
  text: string
  /** Everything else that it carries, decoded. */
  parts: readonly { contentType: string; name: string; content: Buffer }[]
}

export async function parseMail(raw: Buffer): Promise<IncomingMail> {
  const mail = await simpleParser(raw, {
    keepDeliveryStatus: true,
    skipImageLinks: true,
    skipTextToHtml: true,
    maxHtmlLengthToParse: mostHtml,
  })
  const contentType = structured(mail.headers.get('content-type'))
  return {
    messageId: mail.messageId ?? '',
    from: mail.from?.value[0]?.address ?? '',
    subject: mail.subject ?? '',
    contentType: contentType.value.toLowerCase(),
    reportType: contentType.params['report-type']?.toLowerCase(),
    failedRecipients: asText(mail.headers.get('x-failed-recipients')),
    answersTo: answersTo(mail),
    text: mail.text ?? '',
    parts: mail.attachments.map((part) => ({
      contentType: part.contentType.toLowerCase(),
      name: part.filename ?? '',
      content: part.content,
    })),
  }
}

const answersTo = ({ inReplyTo, references }: ParsedMail): string[] => [
  ...new Set([inReplyTo, references].flat().flatMap((each) => (each ? [each] : []))),
]

const asText = (value: HeaderValue | undefined): string => (typeof value === 'string' ? value : '')

/** With its parameters, as mailparser reads it whenever it is there. */
const structured = (value: HeaderValue | undefined): StructuredHeader =>
  value === undefined ? { value: 'text/plain', params: {} } : (value as StructuredHeader)
