import { z } from 'zod'
import type { Delivery, Driver } from './driver.ts'
import { DeliveryFault } from './driver.ts'
import { askGateway, baseOf } from './gateway-http.ts'

const oneSchema = z.object({ status_code: z.number(), sms_id: z.string().optional() })
/** The request as a whole, and each number (or SMS) by itself. */
const answerSchema = z.object({
  status_code: z.number(),
  sms: z.record(z.string(), oneSchema).optional(),
})

const accepted = 100
/** sms.ru's codes for a message that will never go: bad number, no text, too long, no route, stop-list, not UTF-8. */
const permanent = new Set([150, 202, 203, 205, 207, 209, 212])
const noSuchNumber = 202
/** The same text to the same number again, within a minute or a day: it may have been taken before. */
const repeated = new Set([231, 232, 233])

const deliveryOf = (code: number): Delivery => {
  if (code === 103) return 'delivered'
  if (code >= 104 && code <= 108) return 'undelivered'
  return code >= 100 && code <= 102 ? 'under_way' : 'cannot_tell'
}

/**
 * SMS over sms.ru. It takes no id of ours and knows an SMS by its own id alone, so of an answer that we never
 * had it can't be asked.
 * @param url `smsru://api_id@sms.ru/?from=Name`; `smsru+http://` speaks plain http
 * @param answerLimit how long an answer is waited for, in milliseconds
 */
export function createSmsruDriver(url: string, answerLimit = 20_000): Driver {
  const settings = new URL(url)
  const base = baseOf(settings, 'sms.ru')
  const apiId = decodeURIComponent(settings.username)
  const from = settings.searchParams.get('from')

  async function ask(path: string, fields: Record<string, string>) {
    // In the body, not in the address: addresses end up in the logs of whatever stands between.
    const body = new URLSearchParams({ api_id: apiId, json: '1', ...fields })
    return answerSchema.safeParse(await askGateway(base + path, { method: 'POST', body }, answerLimit)).data
  }

  return {
    repeatable: false,
    trace: async () => 'cannot_tell',
    async send(message) {
      const to = message.recipient.replace(/^\+/, '')
      const answer = await ask('/sms/send', { to, msg: message.text, ...(from && { from }) })
      if (!answer) throw new DeliveryFault('sms_nonsense', true, true)
      if (answer.status_code !== accepted) throw faultOf(answer.status_code)
      // «OK» is about the request: this number may have been refused all the same.
      const own = answer.sms?.[to]
      if (!own) throw new DeliveryFault('sms_nonsense', true, true)
      if (own.status_code < 100 || own.status_code > 103) throw faultOf(own.status_code)
      return { gatewayId: own.sms_id }
    },
    async delivery({ gatewayId }) {
      if (!gatewayId) return 'cannot_tell'
      const answer = await ask('/sms/status', { sms_id: gatewayId })
      if (!answer) return 'cannot_tell'
      if (answer.status_code !== accepted) throw new DeliveryFault(`sms_${answer.status_code}`, true)
      return deliveryOf(answer.sms?.[gatewayId]?.status_code ?? -1)
    },
  }
}

const faultOf = (code: number) =>
  new DeliveryFault(`sms_${code}`, !permanent.has(code), repeated.has(code), code === noSuchNumber)
