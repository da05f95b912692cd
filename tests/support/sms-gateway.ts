import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { SmsProtocol, SmsQuestion, TakenSms, Told } from './sms-protocols.ts'
import { smsc } from './sms-protocols.ts'

export { smsError, smsPassword } from './sms-protocols.ts'
export type { SmsQuestion, TakenSms } from './sms-protocols.ts'

/** How a question is answered. `taken_unanswered`: an SMS goes out, and the connection breaks before the answer. */
export type SmsBehaviour =
  'works' | 'html' | 'broken' | 'silent' | 'hung_up' | 'taken_unanswered' | { answer: unknown; code?: number }

/** An answer that depends on what is asked. */
export type BehaviourFor = (fields: Record<string, unknown>) => SmsBehaviour

export interface SmsGateway {
  /** `smsc+http://login:password@…`, as SMS_URL takes it. */
  url: string
  /** Where it listens. */
  host: string
  /** Every SMS that went out, each of which cost money. */
  taken: TakenSms[]
  /** Every question that was put, in order. */
  asked: SmsQuestion[]
  behave(question: SmsQuestion, behaviour: SmsBehaviour | BehaviourFor): void
  /** The gateway's status of every SMS that went out; delivered, if nothing is said. */
  status: number
  /** The next such question waits, before the gateway works on it, until it is released. */
  hold(question: SmsQuestion): { arrived: Promise<void>; release(): void }
  /** What the gateway refuses to repeat within a minute it takes again. */
  passMinute(): void
  /** Works again as it should. */
  recover(): void
  close(): Promise<void>
}

/** An HTTP server on loopback that speaks a gateway's own protocol. */
export async function startSmsGateway(protocol: SmsProtocol = smsc): Promise<SmsGateway> {
  const taken: TakenSms[] = []
  const asked: SmsQuestion[] = []
  const behaviours = new Map<SmsQuestion, SmsBehaviour | BehaviourFor>()
  const holds = new Map<SmsQuestion, { arrive(): void; released: Promise<void> }>()
  const lastMinute = new Map<string, number>()
  const gateway = { status: protocol.delivered }

  function repeats(key: string): number {
    const count = (lastMinute.get(key) ?? 0) + 1
    lastMinute.set(key, count)
    return count
  }

  async function answer(request: IncomingMessage, response: ServerResponse) {
    const question = request.method === 'POST' ? protocol.paths[request.url ?? ''] : undefined
    const fields = protocol.read(request.headers['content-type'] ?? '', await bodyOf(request))
    if (!question || !fields) return respond(response, { code: 400, answer: 'what?' })
    asked.push(question)
    const hold = holds.get(question)
    holds.delete(question)
    hold?.arrive()
    await hold?.released
    const work = () =>
      protocol.work(
        { taken, status: gateway.status, repeats },
        question,
        fields,
        request.headers.authorization ?? '',
      )
    const set = behaviours.get(question) ?? 'works'
    const behaviour = typeof set === 'function' ? set(fields) : set
    if (behaviour === 'silent') return
    if (behaviour === 'html') return write(response, 200, '<html><h1>Технические работы</h1></html>')
    if (behaviour === 'broken') return write(response, 500, 'Internal Server Error')
    if (behaviour === 'taken_unanswered') work()
    if (behaviour === 'hung_up' || behaviour === 'taken_unanswered') return void request.socket.destroy()
    respond(response, behaviour === 'works' ? work() : { code: 200, ...behaviour })
  }

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const host = `127.0.0.1:${port}`

  return Object.assign(gateway, {
    url: `${protocol.scheme}+http://${protocol.credentials}@${host}/`,
    host,
    taken,
    asked,
    behave: (question: SmsQuestion, behaviour: SmsBehaviour | BehaviourFor) =>
      void behaviours.set(question, behaviour),
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
      gateway.status = protocol.delivered
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  })
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}

const respond = (response: ServerResponse, { code, answer }: Told) =>
  write(response, code, JSON.stringify(answer))

function write(response: ServerResponse, code: number, body: string): void {
  response.writeHead(code).end(body)
}
