import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { Delivery, Driver } from './driver.ts'
import { DeliveryFault } from './driver.ts'
import { askGateway, baseOf } from './gateway-http.ts'

const answerSchema = z.object({
  error_code: z.number().optional(),
  id: z.union([z.number(), z.string()]).optional(),
})
const statusSchema = z.object({ status: z.number().optional(), error_code: z.number().optional() })

/** smsc.ru's error codes for a message that will never go: bad text, bad number, undeliverable. */
const permanent = new Set([1, 5, 6, 7, 8])
/** There is no such number: as an error, and as a status. */
const noSuchNumber = { error: 7, status: 22 }
/** The same request within a minute, so that it has been taken before; but also too many requests at once. */
const repeated = 9
/** "No such message": the status of one among several, and the error of a question about one. */
const unknownStatus = -3
const unknownError = 3
/** Questions that may be put again later: wrong login, address blocked for a time, asked too often. */
const askLater = new Set([2, 4, 9])
/** What became of an SMS, by smsc.ru's status; the others are on their way. */
const deliveries = new Map<number, Delivery>([
  [1, 'delivered'],
  [2, 'delivered'],
  [noSuchNumber.status, 'no_such_number'],
  ...[-2, 3, 20, 23, 24, 25].map((status) => [status, 'undelivered'] as const),
  [unknownStatus, 'cannot_tell'],
])

/**
 * SMS over smsc.ru. We give each message an id of ours, so that after a crash the gateway can be asked.
 * @param url `smsc://login:password@host/?sender=Name&reserve=host`; `smsc+http://` speaks plain http, for a
 *   gateway of one's own. smsc.ru's reserve host is known; another gateway's must be named.
 * @param answerLimit how long an answer is waited for, in milliseconds
 */
export function createSmscDriver(url: string, answerLimit = 20_000): Driver {
  const settings = new URL(url)
  const base = baseOf(settings, 'smsc.ru')
  const reserveHost =
    settings.searchParams.get('reserve') ?? (base === 'https://smsc.ru' ? 'www2.smsc.ru' : undefined)
  const reserve = reserveHost && base.replace(/\/\/.*/, `//${reserveHost}`)
  const login = decodeURIComponent(settings.username)
  const psw = decodeURIComponent(settings.password)
  const sender = settings.searchParams.get('sender') ?? undefined

  /** The reserve host stands in only where the first one has surely heard nothing: an SMS goes once. */
  async function ask(path: string, body: Record<string, string | number | undefined>): Promise<unknown> {
    const request = {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ login, psw, fmt: 3, charset: 'utf-8', ...body }),
    }
    try {
      return await askGateway(base + path, request, answerLimit)
    } catch (error) {
      if (!reserve || !(error instanceof DeliveryFault) || error.inTheDark) throw error
      return await askGateway(reserve + path, request, answerLimit)
    }
  }

  /** @returns the status, or why there is none */
  async function statusOf(id: number, phone: string) {
    const answer = await ask('/rest/status/', { phone, id })
    const { status, error_code: code } = statusSchema.safeParse(answer).data ?? {}
    if (code !== undefined && askLater.has(code)) throw new DeliveryFault(`sms_${code}`, true, true)
    return code === unknownError ? unknownStatus : status
  }

  return {
    repeatable: false,
    async send(message) {
      const id = gatewayIdOf(message.id)
      const parsed = answerSchema.safeParse(
        await ask('/rest/send/', { phones: message.recipient, mes: message.text, id, sender }),
      )
      const { error_code: code, id: taken } = parsed.data ?? {}
      if (code !== undefined)
        throw new DeliveryFault(
          `sms_${code}`,
          !permanent.has(code),
          code === repeated,
          code === noSuchNumber.error,
        )
      if (taken === undefined) throw new DeliveryFault('sms_nonsense', true, true)
      return { gatewayId: String(id) }
    },
    async trace(message) {
      const status = await statusOf(gatewayIdOf(message.id), message.recipient)
      if (status === unknownStatus) return 'unknown'
      return status === undefined ? 'cannot_tell' : 'accepted'
    },
    async delivery(message) {
      const status = await statusOf(gatewayIdOf(message.id), message.recipient)
      return status === undefined ? 'cannot_tell' : (deliveries.get(status) ?? 'under_way')
    },
  }
}

/** smsc.ru takes a number from 1 to 2147483647 as the sender's id: 31 bits of the hash of ours. */
const gatewayIdOf = (id: string): number =>
  (createHash('sha256').update(id).digest().readUInt32BE() % 0x7ffffffe) + 1
