import nodemailer from 'nodemailer'
import type { Driver } from './driver.ts'
import { DeliveryFault } from './driver.ts'

/**
 * Mail over SMTP. Repeating is harmless: the Message-ID is made of our id, so a receiver's server or
 * program sees one message.
 * @param options.url `smtp://user:password@host:port` or `smtps://…`
 * @param options.messageIdHost what stands after the @ of a Message-ID
 */
export function createSmtpDriver(options: { url: string; from: string; messageIdHost: string }): Driver {
  const transport = nodemailer.createTransport(options.url, {
    from: options.from,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  return {
    repeatable: true,
    trace: async () => 'cannot_tell',
    async send(message) {
      try {
        const sent = await transport.sendMail({
          messageId: `<${message.id}@${options.messageIdHost}>`,
          to: { name: '', address: message.recipient },
          subject: message.subject,
          text: message.text,
          headers: { 'Auto-Submitted': 'auto-generated' },
        })
        return { gatewayId: sent.messageId }
      } catch (error) {
        throw asDeliveryFault(error)
      }
    },
  }
}

/** RFC 5321 §4.2.1: 5yz is permanent. Refused credentials (535) are our own fault and may be mended. */
function asDeliveryFault(error: unknown): DeliveryFault {
  const { responseCode, code } = error as { responseCode?: number; code?: string }
  if (responseCode && responseCode >= 500 && code !== 'EAUTH')
    return new DeliveryFault(`smtp_${responseCode}`, false)
  return new DeliveryFault(
    responseCode ? `smtp_${responseCode}` : `smtp_${(code ?? 'unreachable').toLowerCase()}`,
    true,
  )
}
