import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { Driver } from './driver.ts'
import { DeliveryFault } from './driver.ts'

const answerSchema = z.object({
  error_code: z.number().optional(),
  id: z.union([z.number(), z.string()]).optional(),
})
const statusSchema = z.object({ status: z.number().optional(), error_code: z.number().optional() })

/** smsc.ru's error codes for a message that will never go: bad text, bad number, undeliverable. */
const permanent = new Set([1, 5, 6, 7, 8])
/** The same request within a minute, so that it has been taken before; but also too many requests at once. */
const repeated = 9
/** "No such message": the status of one among several, and the error of a question about one. */
const unknownStatus = -3
const unknownError = 3
/** Questions that may be put again later: wrong login, address blocked for a time, asked too often. */
const askLater = new Set([2, 4, 9])

/**
 * SMS over smsc.ru. We give each message an id of ours, so that after a crash the gateway can be asked.
 * @param url `smsc://login:password@host/?sender=Name`; `smsc+http://` speaks plain http, for a gateway of one's own
 * @param answerLimit how long an answer is waited for, in milliseconds
 */
export function createSmscDriver(url: string, answerLimit = 20_000): Driver {
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
      // Down, slow, or an answer that is no JSON: whether the gateway has worked on it, nobody knows.
      throw new DeliveryFault('sms_unreachable', true, true)
    }
  }

  return {
    repeatable: false,
    async send(message) {
      const id = gatewayIdOf(message.id)
      const parsed = answerSchema.safeParse(
        await ask('/rest/send/', { phones: message.recipient, mes: message.text, id, sender }),
      )
      const { error_code: code, id: taken } = parsed.data ?? {}
      if (code !== undefined) throw new DeliveryFault(`sms_${code}`, !permanent.has(code), code === repeated)
      if (taken === undefined) throw new DeliveryFault('sms_nonsense', true, true)
      return { gatewayId: String(id) }
    },
    async trace(message) {
      const answer = await ask('/rest/status/', { phone: message.recipient, id: gatewayIdOf(message.id) })
      const { status, error_code: code } = statusSchema.safeParse(answer).data ?? {}
      if (status === unknownStatus || code === unknownError) return 'unknown'
      if (code !== undefined && askLater.has(code)) throw new DeliveryFault(`sms_${code}`, true, true)
      return status === undefined ? 'cannot_tell' : 'accepted'
    },
  }
}

/** smsc.ru takes a number from 1 to 2147483647 as the sender's id: 31 bits of the hash of ours. */
const gatewayIdOf = (id: string): number =>
  (createHash('sha256').update(id).digest().readUInt32BE() % 0x7ffffffe) + 1
