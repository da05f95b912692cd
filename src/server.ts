import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Environment } from '#core/shared/environment.ts'
import type { Log } from '#core/shared/log.ts'
import { clientAddress } from '#core/shared/addresses.ts'
import type { BodyLimit } from './body-limits.ts'
import { aForm, bodyLimits, longest } from './body-limits.ts'
import type { BodyRefusal } from './body-refusal.ts'
import { refuseBody } from './body-refusal.ts'
import { secureHeaders } from './secure-headers.ts'

type Handler = (req: IncomingMessage, res: ServerResponse, next: () => void) => void

export interface WebServer {
  port: number
  stop(): Promise<void>
}

/**
 * Private headers by which the web build learns protocol, host and client address. Whatever a client sends
 * under these names is overwritten.
 */
const privateHeaders = {
  protocol: 'x-smart-protocol',
  host: 'x-smart-host',
  address: 'x-smart-address',
} as const

const largestBody = Math.max(...bodyLimits.map(({ bytes }) => bytes))

/** How many uploads come in at once; further ones are asked to come again. */
const mostUploads = 4

/** Serves the production build over http. */
export async function startServer(environment: Environment, log: Log): Promise<WebServer> {
  Object.assign(process.env, {
    PROTOCOL_HEADER: privateHeaders.protocol,
    HOST_HEADER: privateHeaders.host,
    ADDRESS_HEADER: privateHeaders.address,
    BODY_SIZE_LIMIT: String(largestBody),
  })
  // A path made at run time: the build isn't there when types are checked.
  const built = new URL('../build/handler.js', import.meta.url).href
  const { handler } = (await import(built)) as { handler: Handler }
  return listen(environment, log, handler)
}

export async function listen(
  environment: Environment,
  log: Log,
  handler: Handler,
  limits: readonly BodyLimit[] = bodyLimits,
): Promise<WebServer> {
  const origin = environment.origin ? new URL(environment.origin) : undefined
  const headers = Object.entries(secureHeaders(origin?.protocol === 'https:'))
  const admit = createAdmission(limits)
  const server = createServer({ headersTimeout: 30_000, requestTimeout: longest }, (req, res) => {
    for (const [name, value] of headers) res.setHeader(name, value)
    if (!admit(req, res)) return
    req.headers[privateHeaders.protocol] = origin ? origin.protocol.slice(0, -1) : 'http'
    req.headers[privateHeaders.host] = origin ? origin.host : (req.headers.host ?? 'localhost')
    req.headers[privateHeaders.address] = clientAddress(
      req.socket.remoteAddress ?? '',
      req.headers['x-forwarded-for'],
      environment.trustedProxies,
    )
    handler(req, res, () => {
      res.statusCode = 404
      res.end()
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(unheard(error, environment)))
    server.listen(environment.port, environment.host, resolve)
  })
  const { port } = server.address() as AddressInfo
  log.debug({ port }, 'listening')
  return {
    port,
    async stop() {
      server.closeIdleConnections()
      const closed = new Promise<void>((resolve) => {
        server.close(() => resolve())
      })
      const impatience = setTimeout(() => server.closeAllConnections(), 5_000)
      await closed
      clearTimeout(impatience)
    },
  }
}

/** Why nobody can be heard at the address, in a sentence for whoever starts the system. */
function unheard(error: NodeJS.ErrnoException, { host, port }: Environment): Error {
  const sentences: Record<string, string> = {
    EADDRINUSE: `Порт ${port} занят: там работает другая программа или ещё одна Смарт-библиотека. Остановите её или укажите другой порт в PORT.`,
    EACCES: `Порт ${port} программе не разрешён. Укажите в PORT номер больше 1023.`,
    EADDRNOTAVAIL: `У этого компьютера нет адреса ${host}. Исправьте HOST.`,
    ENOTFOUND: `У этого компьютера нет адреса ${host}. Исправьте HOST.`,
    EAI_AGAIN: `У этого компьютера нет адреса ${host}. Исправьте HOST.`,
  }
  const sentence = sentences[error.code ?? '']
  return sentence ? new Error(sentence, { cause: error }) : error
}

/**
 * Refuses a body that is too large, whose length isn't told, or that is one upload too many: no page sees a byte
 * of it. A body that dribbles is cut off.
 * @returns whether the request goes on
 */
function createAdmission(limits: readonly BodyLimit[]) {
  let uploads = 0
  return (req: IncomingMessage, res: ServerResponse): boolean => {
    if (req.method === 'GET' || req.method === 'HEAD') return true
    const limit = limits.find(({ path }) => req.url?.startsWith(path)) ?? aForm
    const upload = limit.upload !== undefined
    const refusal =
      refusalOf(req, limit.bytes) ?? (upload && uploads >= mostUploads ? 'too_many_uploads' : undefined)
    if (refusal) {
      refuseBody(req, res, refusal, limit)
      return false
    }
    if (upload) uploads += 1
    const cutOff = setTimeout(() => req.complete || req.destroy(), limit.patience)
    // It has come in, or nobody listens to it any more: what is made of it holds no other up.
    let comesIn = true
    const received = () => {
      if (upload && comesIn) uploads -= 1
      comesIn = false
      clearTimeout(cutOff)
    }
    req.once('end', received)
    res.once('close', received)
    return true
  }
}

function refusalOf({ headers }: IncomingMessage, most: number): BodyRefusal | undefined {
  const length = headers['content-length']
  if (length === undefined && headers['transfer-encoding']) return 'no_length'
  return Number(length ?? 0) > most ? 'too_large' : undefined
}
