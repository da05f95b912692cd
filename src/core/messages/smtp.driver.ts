import nodemailer from 'nodemailer'
import { refusesAddress } from '#protocols/dsn/statuses.ts'
import { isThisMachine } from '../shared/addresses.ts'
import type { Driver } from './driver.ts'
import { DeliveryFault } from './driver.ts'

/** How long a connection waits for the next letter, in milliseconds: a day's few needn't hold one open. */
const idle = 20_000

/**
 * Whether mail goes over TLS or not at all: letters have passwords in them. `smtp://` begins in the clear, and must go
 * on in TLS unless the server is on this machine; `?requireTLS=true` or `false` decides otherwise.
 */
export function requiresTls(text: string): boolean {
  const { hostname, searchParams } = new URL(text)
  const said = searchParams.get('requireTLS')
  return said ? said === 'true' : !isThisMachine(hostname)
}

/**
 * Mail over SMTP. Repeating is harmless: the Message-ID is made of our id, so a receiver's server or
 * program sees one message.
 * @param options.url `smtp://user:password@host:port` or `smtps://…`
 * @param options.messageIdHost what stands after the @ of a Message-ID
 * @param options.answerLimit how long the server may be silent, in milliseconds
 */
export function createSmtpDriver(options: {
  url: string
  from: string
  messageIdHost: string
  answerLimit?: number
}): Driver {
  // A server that has fallen silent mustn't hold the queue up; nodemailer itself waits ten minutes.
  const { answerLimit = 60_000 } = options
  const transport = nodemailer.createTransport(
    {
      url: options.url,
      requireTLS: requiresTls(options.url),
      // A class that is registered at once is one conversation, not thirty.
      pool: true,
      idleTimeout: idle,
      // What was broken off is tried again by the queue, which counts and pauses.
      maxRequeues: 0,
      connectionTimeout: answerLimit,
      greetingTimeout: answerLimit,
      socketTimeout: answerLimit,
    },
    { from: options.from, disableFileAccess: true, disableUrlAccess: true },
  )
  return {
    repeatable: true,
    trace: async () => 'cannot_tell',
    close: () => transport.close(),
    async send(message) {
      try {
        const sent = await transport.sendMail({
          messageId: `<${message.id}@${options.messageIdHost}>`,
          to: { name: '', address: message.recipient },
          subject: message.subject,
          // RFC 2045 §6.8: line ends are made CRLF before the text is put into base64.
          text: message.text.replaceAll('\n', '\r\n'),
          // RFC 3834 §5: another machine answers neither.
          headers: { 'Auto-Submitted': message.thread ? 'auto-replied' : 'auto-generated' },
          ...(message.thread && {
            inReplyTo: message.thread.inReplyTo,
            references: [...message.thread.references],
          }),
          attachments: (message.enclosures ?? []).map(({ name, contentType, content }) => ({
            filename: name,
            contentType,
            content,
          })),
        })
        return { gatewayId: sent.messageId }
      } catch (error) {
        throw asDeliveryFault(error)
      }
    },
  }
}

/**
 * RFC 5321 §4.2.1: 5yz is permanent. But only a refused recipient or text is this message's own fault:
 * credentials and sender are settings, the same for every message, and may be mended.
 */
function asDeliveryFault(error: unknown): DeliveryFault {
  const { responseCode, response, code, command } = error as {
    responseCode?: number
    response?: string
    code?: string
    command?: string
  }
  // The server's own answer to STARTTLS says less than that it offers none.
  if (code === 'ETLS') return new DeliveryFault('smtp_no_tls', true)
  if (!responseCode) return new DeliveryFault(`smtp_${(code ?? 'unreachable').toLowerCase()}`, true)
  const ofThisMessage = command === 'RCPT TO' || command === 'DATA'
  const permanent = responseCode >= 500 && ofThisMessage
  const ofTheAddress = permanent && command === 'RCPT TO' && refusesAddress(response ?? '')
  // A full mailbox, say: whoever watches the channel tells it from a server that refuses everybody.
  const stage = !permanent && command === 'RCPT TO' ? 'rcpt' : ''
  return new DeliveryFault(`smtp_${stage}${responseCode}`, !permanent, false, ofTheAddress)
}
