/** What the gateways of the three protocols share: every SMS that went out, and what was asked lately. */
export interface GatewayMemory {
  taken: TakenSms[]
  /** The gateway's own status of every SMS that went out. */
  status: number
  /** How often the same was asked within the minute, this time included. */
  repeats(key: string): number
}

export interface TakenSms {
  phone: string
  text: string
  id: number | string
  sender: string | undefined
}

export type SmsQuestion = 'send' | 'status'
export interface Told {
  code: number
  answer: unknown
}

/** One gateway's own way to speak. */
export interface SmsProtocol {
  /** What SMS_URL begins with, and who signs in. */
  scheme: string
  credentials: string
  paths: Record<string, SmsQuestion>
  /** What a delivered SMS's status is. */
  delivered: number
  read(contentType: string, body: string): Record<string, unknown> | undefined
  work(
    memory: GatewayMemory,
    question: SmsQuestion,
    fields: Record<string, unknown>,
    authorization: string,
  ): Told
}

/** What a fault must never show. */
export const smsPassword = 'пароль: смс/1'

/** smsc.ru's own answer to an error. */
export const smsError = (code: number) => ({
  answer: { error: `refused, whatever ${smsPassword} says`, error_code: code },
})

const json = (contentType: string, body: string) =>
  contentType.startsWith('application/json') ? (JSON.parse(body) as Record<string, unknown>) : undefined
const form = (contentType: string, body: string) =>
  contentType.startsWith('application/x-www-form-urlencoded')
    ? Object.fromEntries(new URLSearchParams(body))
    : undefined
const ok = (answer: unknown): Told => ({ code: 200, answer })
const optional = (value: unknown) => (typeof value === 'string' ? value : undefined)

export const smsc: SmsProtocol = {
  scheme: 'smsc',
  credentials: `library:${encodeURIComponent(smsPassword)}`,
  paths: { '/rest/send/': 'send', '/rest/status/': 'status' },
  delivered: 1,
  read: json,
  work(memory, question, fields) {
    if (fields['login'] !== 'library' || fields['psw'] !== smsPassword) return ok(smsError(2).answer)
    return ok(question === 'send' ? takeSmsc(memory, fields) : tellSmsc(memory, fields))
  },
}

function takeSmsc({ taken, repeats }: GatewayMemory, body: Record<string, unknown>): unknown {
  const { phones, mes, id, sender } = body
  if (typeof phones !== 'string' || typeof mes !== 'string' || mes === '') return smsError(1).answer
  if (typeof id !== 'number' || !Number.isInteger(id) || id < 1 || id > 2147483647) return smsError(1).answer
  if (!/^\+?\d{11,15}$/.test(phones)) return smsError(7).answer
  if (repeats(JSON.stringify([phones, mes, id])) > 1) return smsError(9).answer
  taken.push({ phone: phones, text: mes, id, sender: optional(sender) })
  return { id, cnt: mes.length > 70 ? Math.ceil(mes.length / 67) : 1 }
}

function tellSmsc(memory: GatewayMemory, body: Record<string, unknown>): unknown {
  if (memory.repeats(JSON.stringify(['status', body['phone'], body['id']])) > 5) return smsError(9).answer
  const known = memory.taken.some(({ phone, id }) => phone === body['phone'] && id === body['id'])
  // Error 3 answers a question about one message, status -3 one about several.
  return known ? { status: memory.status, last_date: '', last_timestamp: 0 } : smsError(3).answer
}

/** sms.ru's answer to a request that it refuses as a whole. */
export const smsruError = (code: number) => ({
  answer: { status: 'ERROR', status_code: code, status_text: `no, ${smsPassword}` },
})
/** sms.ru's answer to a request that is in order, while the number is refused. */
export const smsruNumberError = (code: number, number = '79101234567') => ({
  answer: {
    status: 'OK',
    status_code: 100,
    sms: { [number]: { status: 'ERROR', status_code: code, status_text: `no, ${smsPassword}` } },
    balance: 10,
  },
})

export const smsru: SmsProtocol = {
  scheme: 'smsru',
  credentials: encodeURIComponent(smsPassword),
  paths: { '/sms/send': 'send', '/sms/status': 'status' },
  delivered: 103,
  read: form,
  work(memory, question, { api_id: apiId, json: asJson, to, msg, from, sms_id: smsId }) {
    if (apiId !== smsPassword) return ok(smsruError(200).answer)
    if (asJson !== '1') return ok('100')
    if (question === 'status') {
      const known = memory.taken.some(({ id }) => id === smsId)
      const own = known
        ? { status: 'OK', status_code: memory.status, cost: 5 }
        : { status: 'ERROR', status_code: -1 }
      return ok({ status: 'OK', status_code: 100, sms: { [String(smsId)]: own }, balance: 10 })
    }
    if (typeof to !== 'string' || typeof msg !== 'string') return ok(smsruError(202).answer)
    if (!/^7\d{10}$/.test(to)) return ok(smsruNumberError(202, to).answer)
    if (msg === '') return ok(smsruNumberError(203, to).answer)
    if (memory.repeats(JSON.stringify([to, msg])) > 1) return ok(smsruNumberError(231, to).answer)
    const id = `2026-${memory.taken.length + 1}`
    memory.taken.push({ phone: `+${to}`, text: msg, id, sender: optional(from) })
    return ok({
      status: 'OK',
      status_code: 100,
      sms: { [to]: { status: 'OK', status_code: 100, sms_id: id } },
      balance: 10,
    })
  },
}

/** SMS Aero's answer to what it refuses. */
export const smsaeroError = (code: number, fields: Record<string, string[]> | null = null) => ({
  code,
  answer: { success: false, data: fields, message: `Validation error, ${smsPassword}` },
})

export const smsaero: SmsProtocol = {
  scheme: 'smsaero',
  credentials: `${encodeURIComponent('books@library.test')}:${encodeURIComponent(smsPassword)}`,
  paths: { '/v2/sms/send': 'send', '/v2/sms/status': 'status' },
  delivered: 1,
  read: json,
  work(memory, question, { number, text, sign, id }, authorization) {
    const expected = Buffer.from(`books@library.test:${smsPassword}`).toString('base64')
    if (authorization !== `Basic ${expected}`) return smsaeroError(401)
    if (question === 'status') {
      const known = memory.taken.find((sms) => sms.id === id)
      if (!known) return smsaeroError(400, { id: ['not found'] })
      return ok({ success: true, data: { id, status: memory.status }, message: null })
    }
    if (typeof number !== 'string' || !/^7\d{10}$/.test(number)) return smsaeroError(400, { number: ['bad'] })
    if (typeof text !== 'string' || text === '') return smsaeroError(400, { text: ['missing'] })
    const own = memory.taken.length + 1
    memory.taken.push({ phone: `+${number}`, text, id: own, sender: optional(sign) })
    return ok({ success: true, data: { id: own, number, status: 8 }, message: null })
  },
}
