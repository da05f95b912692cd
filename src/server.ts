import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Environment } from '#core/shared/environment.ts'
import type { Log } from '#core/shared/log.ts'
import { clientAddress } from '#core/shared/addresses.ts'
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

const kilobyte = 1024
const megabyte = 1024 * kilobyte

/** What may be sent to addresses that begin so, and for how long its sending may go on. */
interface BodyLimit {
  path: string
  bytes: number
  /** In milliseconds. */
  patience: number
  /** Large ones are taken a few at a time: each lies on disk while it is read. */
  upload?: true
}
/** The longest that one request may take to come in, in milliseconds. */
const longest = 600_000
const aForm = { bytes: megabyte, patience: 120_000 }
const bodyLimits: readonly BodyLimit[] = [
  // Books are streamed to disk.
  { path: '/staff/catalogue/import', bytes: 1024 * megabyte, patience: longest, upload: true },
  // Lists are smaller; what is larger than one may be still gets a sentence instead of a dropped line.
  { path: '/staff/lists/new', bytes: 128 * megabyte, patience: longest, upload: true },
  { path: '/staff/provider?/receive', bytes: 128 * megabyte, patience: longest, upload: true },
  { path: '/staff/setup/libraries', bytes: 17 * megabyte, patience: longest, upload: true },
  // A mark, too, gets a sentence when it is larger than one may be.
  { path: '/staff/settings/cards/mark', bytes: 32 * megabyte, patience: longest, upload: true },
  // What anybody may send without signing in: one questionnaire.
  { path: '/join', bytes: 32 * kilobyte, patience: aForm.patience },
]
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
    server.once('error', reject)
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

/**
 * Refuses a body that is too large, whose length isn't told, or that is one upload too many, before a byte of
 * it is read; a body that dribbles is cut off.
 * @returns whether the request goes on
 */
function createAdmission(limits: readonly BodyLimit[]) {
  let uploads = 0
  return (req: IncomingMessage, res: ServerResponse): boolean => {
    if (req.method === 'GET' || req.method === 'HEAD') return true
    const limit = limits.find(({ path }) => req.url?.startsWith(path)) ?? aForm
    const upload = 'upload' in limit
    const status = refusal(req, limit.bytes) ?? (upload && uploads >= mostUploads ? 503 : undefined)
    if (status !== undefined) {
      res.writeHead(status, { connection: 'close', ...(status === 503 && { 'retry-after': '60' }) }).end()
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

function refusal({ headers }: IncomingMessage, most: number): 411 | 413 | undefined {
  const length = headers['content-length']
  if (length === undefined && headers['transfer-encoding']) return 411
  return Number(length ?? 0) > most ? 413 : undefined
}
