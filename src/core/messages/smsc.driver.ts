import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { Driver } from './driver.ts'
import { DeliveryFault } from './driver.ts'

const answerLimit = 20_000
const answerSchema = z.object({
  error_code: z.number().optional(),
  id: z.union([z.number(), z.string()]).optional(),
})
const statusSchema = z.object({ status: z.number().optional(), error_code: z.number().optional() })

/** smsc.ru's error codes for a message that will never go: bad text, bad number, undeliverable. */
const permanent = new Set([1, 5, 6, 7, 8])
/** The same request within a minute: it has been taken before. */
const repeated = 9
const notFound = -3

/**
 * SMS over smsc.ru. We give each message an id of ours, so that after a crash the gateway can be asked.
 * @param url `smsc://login:password@host/?sender=Name`; `smsc+http://` speaks plain http, for a gateway of one's own
 */
export function createSmscDriver(url: string): Driver {
  const settings = new URL(url)
  const scheme = settings.protocol === 'smsc+http:' ? 'http' : 'https'
  const base = `${scheme}://${settings.host || 'smsc.ru'}`
  const login = decodeURIComponent(settings.username)
  const psw = decodeURIComponent(settings.password)
  const sender = settings.searchParams.get('sender') ?? undefined

  async function ask(path: string, body: Record<string, string | number | undefined>): Promise<unknown> {
    try {
      const response = await fetch(base + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ login, psw, fmt: 3, charset: 'utf-8', ...body }),
        signal: AbortSignal.timeout(answerLimit),
        redirect: 'error',
      })
      return await response.json()
    } catch {
      // Down, slow, or an answer that is no JSON: the message may be tried again.
      throw new DeliveryFault('sms_unreachable', true)
    }
  }

  return {
    repeatable: false,
    async send(message) {
      const id = gatewayIdOf(message.id)
      const parsed = answerSchema.safeParse(
        await ask('/rest/send/', { phones: message.recipient, mes: message.text, id, sender }),
      )
      if (!parsed.success) throw new DeliveryFault('sms_nonsense', true)
      const { error_code: code } = parsed.data
      if (code === undefined && parsed.data.id === undefined) throw new DeliveryFault('sms_nonsense', true)
      if (code === undefined || code === repeated) return { gatewayId: String(id) }
      throw new DeliveryFault(`sms_${code}`, !permanent.has(code))
    },
    async trace(message) {
      const answer = await ask('/rest/status/', { phone: message.recipient, id: gatewayIdOf(message.id) })
      const parsed = statusSchema.safeParse(answer)
      if (!parsed.success || parsed.data.status === undefined) return 'cannot_tell'
      return parsed.data.status === notFound ? 'unknown' : 'accepted'
    },
  }
}

/** smsc.ru takes a number from 1 to 2147483647 as the sender's id: 31 bits of the hash of ours. */
const gatewayIdOf = (id: string): number =>
  (createHash('sha256').update(id).digest().readUInt32BE() % 0x7ffffffe) + 1
