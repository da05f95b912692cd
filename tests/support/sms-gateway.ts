import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export type SmsQuestion = 'send' | 'status'

/** How a question is answered. `taken_unanswered`: an SMS goes out, and the connection breaks before the answer. */
export type SmsBehaviour =
  'works' | 'html' | 'broken' | 'silent' | 'hung_up' | 'taken_unanswered' | { answer: unknown }

export interface TakenSms {
  phone: string
  text: string
  id: number
  sender: string | undefined
}

export interface SmsGateway {
  /** `smsc+http://login:password@…`, as SMS_URL takes it. */
  url: string
  /** Every SMS that went out, each of which cost money. */
  taken: TakenSms[]
  /** Every question that was put, in order. */
  asked: SmsQuestion[]
  behave(question: SmsQuestion, behaviour: SmsBehaviour): void
  /** smsc.ru's status of every SMS that went out; 1, delivered, if nothing is said. */
  status: number
  /** The next such question waits, before the gateway works on it, until it is released. */
  hold(question: SmsQuestion): { arrived: Promise<void>; release(): void }
  /** What the gateway refuses to repeat within a minute it takes again. */
  passMinute(): void
  /** Works again as it should. */
  recover(): void
  close(): Promise<void>
}

/** What a fault must never show. */
export const smsPassword = 'пароль: смс/1'

/** smsc.ru's own answer to an error. */
export const smsError = (code: number) => ({
  answer: { error: `refused, whatever ${smsPassword} says`, error_code: code },
})

/** An HTTP server on loopback that speaks smsc.ru's JSON. */
export async function startSmsGateway(): Promise<SmsGateway> {
  const taken: TakenSms[] = []
  const asked: SmsQuestion[] = []
  const behaviours = new Map<SmsQuestion, SmsBehaviour>()
  const holds = new Map<SmsQuestion, { arrive(): void; released: Promise<void> }>()
  const lastMinute = new Map<string, number>()
  const gateway = { status: 1 }

  /** How often the same was asked within the minute, this time included. */
  function repeats(key: string): number {
    const count = (lastMinute.get(key) ?? 0) + 1
    lastMinute.set(key, count)
    return count
  }

  function work(question: SmsQuestion, body: Record<string, unknown>): unknown {
    if (body['login'] !== 'library' || body['psw'] !== smsPassword) return smsError(2).answer
    return question === 'send' ? take(body) : tell(body)
  }

  function take(body: Record<string, unknown>): unknown {
    const { phones, mes, id, sender } = body
    if (typeof phones !== 'string' || typeof mes !== 'string' || mes === '') return smsError(1).answer
    if (typeof id !== 'number' || !Number.isInteger(id) || id < 1 || id > 2147483647)
      return smsError(1).answer
    if (!/^\+?\d{11,15}$/.test(phones)) return smsError(7).answer
    if (repeats(JSON.stringify([phones, mes, id])) > 1) return smsError(9).answer
    taken.push({ phone: phones, text: mes, id, sender: typeof sender === 'string' ? sender : undefined })
    return { id, cnt: mes.length > 70 ? Math.ceil(mes.length / 67) : 1 }
  }

  function tell(body: Record<string, unknown>): unknown {
    if (repeats(JSON.stringify(['status', body['phone'], body['id']])) > 5) return smsError(9).answer
    const known = taken.some(({ phone, id }) => phone === body['phone'] && id === body['id'])
    // Error 3 answers a question about one message, status -3 one about several.
    return known ? { status: gateway.status, last_date: '', last_timestamp: 0 } : smsError(3).answer
  }

  async function answer(request: IncomingMessage, response: ServerResponse) {
    const question = questionOf(request)
    const body = await bodyOf(request)
    if (!question || !body) return respond(response, 200, JSON.stringify(smsError(1).answer))
    asked.push(question)
    const hold = holds.get(question)
    holds.delete(question)
    hold?.arrive()
    await hold?.released
    const behaviour = behaviours.get(question) ?? 'works'
    if (behaviour === 'silent') return
    if (behaviour === 'html') return respond(response, 200, '<html><h1>Технические работы</h1></html>')
    if (behaviour === 'broken') return respond(response, 500, 'Internal Server Error')
    if (behaviour === 'taken_unanswered') work(question, body)
    if (behaviour === 'hung_up' || behaviour === 'taken_unanswered') return void request.socket.destroy()
    const told = behaviour === 'works' ? work(question, body) : behaviour.answer
    respond(response, 200, JSON.stringify(told))
  }

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo

  return Object.assign(gateway, {
    url: `smsc+http://library:${encodeURIComponent(smsPassword)}@127.0.0.1:${port}/`,
    taken,
    asked,
    behave: (question: SmsQuestion, behaviour: SmsBehaviour) => void behaviours.set(question, behaviour),
    hold(question: SmsQuestion) {
      const arrived = Promise.withResolvers<void>()
      const released = Promise.withResolvers<void>()
      holds.set(question, { arrive: () => arrived.resolve(), released: released.promise })
      return {
        arrived: arrived.promise,
        release: () => released.resolve(),
      }
    },
    passMinute: () => lastMinute.clear(),
    recover() {
      behaviours.clear()
      lastMinute.clear()
      gateway.status = 1
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  })
}

function questionOf({ method, url }: IncomingMessage): SmsQuestion | undefined {
  if (method !== 'POST') return undefined
  if (url === '/rest/send/') return 'send'
  return url === '/rest/status/' ? 'status' : undefined
}

async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown> | undefined> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  if (!request.headers['content-type']?.startsWith('application/json')) return undefined
  return JSON.parse(Buffer.concat(chunks).toString('utf8')) as Record<string, unknown>
}

function respond(response: ServerResponse, code: number, body: string): void {
  response.writeHead(code).end(body)
}
