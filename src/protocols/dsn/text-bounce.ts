import type { DeliveryReport, ReportMail } from './delivery-report.ts'
import { bareId, headOf, isAddress } from './fields.ts'
import { enhancedStatusIn } from './statuses.ts'

/** Where the returned mail begins: qmail, Exim, Exchange, and Russian mail services. */
const copyBegins = [
  /^-{2,}\s*Below this line is a copy of the message/im,
  /^-{2,}\s*This is a copy of (?:the|your) message/im,
  /^-{2,}\s*(?:Original message(?: headers)?|Undelivered message)/im,
  /^(?:Original message headers|Исходное сообщение|Заголовки исходного сообщения)\s*:/im,
]
const automatic = /^(mailer-daemon|postmaster|mail-daemon|mdaemon|noreply-bounce)@/i
/** Words of a mail that is still being tried. */
const notFinal =
  /will (?:be |keep |continue )?(?:re)?try|(?:has|have) not (?:yet )?been delivered|warning: message|delayed|no action is required|повторн\S* попыт|будет повторена/i

/**
 * A bounce that is written for people alone. Taken as one only when it comes from a mail system, brings the
 * returned mail's head with it, names exactly one recipient, and a permanent code: nothing is guessed.
 */
export function readTextBounce(mail: ReportMail): DeliveryReport | undefined {
  if (!automatic.test(mail.from)) return undefined
  const text = mail.text.replaceAll(/\r\n?/g, '\n')
  const begin = Math.min(...copyBegins.map((mark) => mark.exec(text)?.index ?? Infinity))
  const attached = mail.parts.find(({ contentType }) =>
    ['message/rfc822', 'text/rfc822-headers'].includes(contentType),
  )?.content
  const explanation = text.slice(0, begin)
  const returned = attached ?? (begin === Infinity ? '' : text.slice(begin).replace(/^.*\n/, ''))
  const messageId = bareId(headOf(returned).get('message-id'))
  if (!messageId || notFinal.test(explanation)) return undefined
  const [recipient, ...others] = recipientsIn(explanation, mail.failedRecipients)
  const status = permanentStatusIn(explanation)
  if (!recipient || others.length > 0 || !status) return undefined
  return {
    messageId,
    recipients: [
      {
        finalRecipient: recipient,
        originalRecipient: undefined,
        action: 'failed',
        status,
        diagnostic: explanation.replaceAll(/\s+/g, ' ').trim(),
      },
    ],
  }
}

/** Those that the header names, else each address that a line begins with, as every such bounce writes them. */
function recipientsIn(explanation: string, failedRecipients: string): string[] {
  const named = failedRecipients.split(',').map((each) => each.trim())
  const lines = [...explanation.matchAll(/^[ \t]*<?([^\s<>@:,;]+@[^\s<>@:,;]+)>?[ \t]*(?::|$)/gm)].map(
    ([, address = '']) => address,
  )
  const found = (failedRecipients.trim() ? named : lines).filter(isAddress)
  return [...new Map(found.map((address) => [address.toLowerCase(), address])).values()]
}

/** The code must stand there once and for good: a 4yz or 4.y.z beside it leaves a doubt. */
function permanentStatusIn(explanation: string): string | undefined {
  const codes = [...explanation.matchAll(/(?<![\d.])([45])\d\d[ -]/g)].map(([, first]) => first)
  const enhanced = [...explanation.matchAll(/(?<![\d.])[45]\.\d{1,3}\.\d{1,3}(?![\d.])/g)].map(
    ([code]) => code,
  )
  if ([...codes, ...enhanced].some((code) => code?.startsWith('4'))) return undefined
  return enhancedStatusIn(enhanced[0] ?? '') ?? (codes.length > 0 ? '5.0.0' : undefined)
}
