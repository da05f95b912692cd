import { z } from 'zod'
import type { Delivery, Driver } from './driver.ts'
import { DeliveryFault } from './driver.ts'
import { askGatewayInFull, baseOf } from './gateway-http.ts'

const answerSchema = z.object({
  success: z.boolean(),
  data: z.unknown(),
})
const takenSchema = z.object({ id: z.union([z.number(), z.string()]) })
const statusSchema = z.object({ status: z.number() })
/** What a validation error says of the fields. */
const fieldsSchema = z.record(z.string(), z.unknown())

/** Fields of this message alone; the others are settings, the same for every message, and may be mended. */
const ofThisMessage = ['number', 'text']

/**
 * SMS over SMS Aero. It takes no id of ours, so of an answer that we never had it can't be asked.
 * @param url `smsaero://email:api_key@gate.smsaero.ru/?sign=Name&delivered=1&undelivered=2,6`. Which statuses
 *   mean delivered and undelivered is the gateway's affair and stands in its cabinet: without them no delivery is
 *   asked about. `smsaero+http://` speaks plain http.
 * @param answerLimit how long an answer is waited for, in milliseconds
 */
export function createSmsaeroDriver(url: string, answerLimit = 20_000): Driver {
  const settings = new URL(url)
  const base = baseOf(settings, 'gate.smsaero.ru')
  const credentials = `${decodeURIComponent(settings.username)}:${decodeURIComponent(settings.password)}`
  const authorization = `Basic ${Buffer.from(credentials).toString('base64')}`
  const sign = settings.searchParams.get('sign') ?? undefined
  const statuses = (name: string) =>
    new Set((settings.searchParams.get(name) ?? '').split(',').filter(Boolean).map(Number))
  const delivered = statuses('delivered')
  const undelivered = statuses('undelivered')

  async function ask(path: string, body: object) {
    const { status, answer } = await askGatewayInFull(
      base + path,
      {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization },
        body: JSON.stringify(body),
      },
      answerLimit,
    )
    return { status, ...answerSchema.safeParse(answer).data }
  }

  /** With `gatewayId` it can tell of deliveries. */
  const delivery = async ({ gatewayId }: { gatewayId: string | null }): Promise<Delivery> => {
    const id = Number(gatewayId)
    if (!gatewayId || Number.isNaN(id)) return 'cannot_tell'
    const { success, data, status: code } = await ask('/v2/sms/status', { id })
    if (success === false) throw new DeliveryFault(`sms_${code}`, true)
    const { status } = statusSchema.safeParse(data).data ?? {}
    if (status === undefined) return 'cannot_tell'
    if (delivered.has(status)) return 'delivered'
    return undelivered.has(status) ? 'undelivered' : 'under_way'
  }

  return {
    repeatable: false,
    trace: async () => 'cannot_tell',
    async send(message) {
      const number = message.recipient.replace(/^\+/, '')
      const { status, success, data } = await ask('/v2/sms/send', { number, text: message.text, sign })
      if (success === undefined) throw new DeliveryFault('sms_nonsense', true, true)
      if (!success) throw faultOf(status, data)
      const { id } = takenSchema.safeParse(data).data ?? {}
      return { gatewayId: id === undefined ? undefined : String(id) }
    },
    ...(delivered.size > 0 && { delivery }),
  }
}

function faultOf(status: number, data: unknown): DeliveryFault {
  const fields = Object.keys(fieldsSchema.safeParse(data).data ?? {})
  const permanent = status === 400 && fields.some((field) => ofThisMessage.includes(field))
  // A fault of the gateway's own says nothing of what it did before.
  return new DeliveryFault(`sms_${status}`, !permanent, status >= 500)
}
