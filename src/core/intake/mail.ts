import type { HeaderValue, ParsedMail, StructuredHeader } from 'mailparser'
import type { MailHeader } from '#protocols/mail/headers.ts'
import { readMime } from '#protocols/mail/mime.ts'

/** Larger mails stay in the inbox for people. In bytes, as they come. */
export const mostMailBytes = 25 * 1024 * 1024
/** Of a larger one the header is read, to know whose it is. */
export const mostHeadBytes = 64 * 1024
/** Beyond it, HTML isn't made text. In characters. */
const mostHtml = 1024 * 1024

/** A mail as the mailbox gives it. */
export interface MailBytes {
  bytes: Buffer
  /** It is larger than mails may be: these are the bytes of its header alone. */
  headOnly: boolean
}

/** Parses a mail; servers do that through `createQuestionnaireReader`, on a thread of its own. */
export type ParseMail = (mail: MailBytes) => Promise<IncomingMail>

/** A mail, parsed. Whoever reads it knows that anybody may have written anything into it. */
export interface IncomingMail {
  /** As it came. */
  raw: Buffer
  /** There is more of it than was fetched: nothing but the header is known. */
  headOnly: boolean
  /** Of the mail itself, in angle brackets; '' when it has none. */
  messageId: string
  /** The lines of its header, from the top. */
  headers: readonly MailHeader[]
  /** The sender's address; '' when there is none, or more than one. */
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
  /** Its HTML; '' when there is none, or too much of it. */
  html: string
  /** Nobody can tell for sure in which character set its text is. */
  unsure: boolean
  /** Everything else that it carries, decoded. `inline`: shown within the text, such as a signature's picture. */
  parts: readonly { contentType: string; name: string; content: Buffer; inline: boolean }[]
}

/** @throws when it can't be parsed at all */
export async function parseMail({ bytes: raw, headOnly }: MailBytes): Promise<IncomingMail> {
  const mail = await readMime(raw, mostHtml)
  const contentType = structured(mail.headers.get('content-type'))
  return {
    raw,
    headOnly,
    messageId: mail.messageId ?? '',
    headers: mail.headerLines.map(({ key, line }) => ({ name: key.toLowerCase(), value: unfolded(line) })),
    from: onlyAddress(mail),
    subject: mail.subject ?? '',
    contentType: contentType.value.toLowerCase(),
    reportType: contentType.params['report-type']?.toLowerCase(),
    failedRecipients: asText(mail.headers.get('x-failed-recipients')),
    answersTo: answersTo(mail),
    text: mail.text ?? '',
    html: mail.html && mail.html.length <= mostHtml ? mail.html : '',
    unsure: mail.unsure,
    parts: mail.attachments.map((part) => ({
      contentType: part.contentType.toLowerCase(),
      name: part.filename ?? '',
      content: part.content,
      inline: part.related ?? false,
    })),
  }
}

const answersTo = ({ inReplyTo, references }: ParsedMail): string[] => [
  ...new Set([inReplyTo, references].flat().flatMap((each) => (each ? [each] : []))),
]

/** RFC 5322 §3.6.2 lets several people write one letter; then nobody is its sender. */
const onlyAddress = ({ from }: ParsedMail): string => {
  const addresses = (from?.value ?? []).flatMap(({ address, group }) => [
    ...(address ? [address] : []),
    ...(group ?? []).flatMap((each) => each.address ?? []),
  ])
  return addresses.length === 1 ? (addresses[0] ?? '') : ''
}

const unfolded = (line: string): string =>
  line
    .slice(line.indexOf(':') + 1)
    .replaceAll(/\r?\n[ \t]?/g, ' ')
    .trim()

const asText = (value: HeaderValue | undefined): string => (typeof value === 'string' ? value : '')

/** With its parameters, as mailparser reads it whenever it is there. */
const structured = (value: HeaderValue | undefined): StructuredHeader =>
  value === undefined ? { value: 'text/plain', params: {} } : (value as StructuredHeader)
