import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Environment } from '#core/shared/environment.ts'
import type { Log } from '#core/shared/log.ts'
import { clientAddress } from '#core/shared/addresses.ts'

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

const smallBody = 1024 * 1024
/** Book uploads are streamed to disk; everything else is a form. */
const largeBody = 1024 * 1024 * 1024
const largeBodyPath = '/staff/catalogue/import'
/** Lists are smaller; what is larger than one may be still gets a sentence instead of a dropped line. */
const listBody = 128 * 1024 * 1024
const listBodyPaths = ['/staff/lists/new', '/staff/provider?/receive']
/** A mark, too, gets a sentence when it is larger than one may be. */
const markBody = 32 * 1024 * 1024
const markBodyPath = '/staff/settings/cards/mark'
/** What anybody may send without signing in: one questionnaire. */
const tinyBody = 32 * 1024
const tinyBodyPath = '/join'

/** Serves the production build over http. */
export async function startServer(environment: Environment, log: Log): Promise<WebServer> {
  Object.assign(process.env, {
    PROTOCOL_HEADER: privateHeaders.protocol,
    HOST_HEADER: privateHeaders.host,
    ADDRESS_HEADER: privateHeaders.address,
    BODY_SIZE_LIMIT: String(largeBody),
  })
  // A path made at run time: the build isn't there when types are checked.
  const built = new URL('../build/handler.js', import.meta.url).href
  const { handler } = (await import(built)) as { handler: Handler }
  return listen(environment, log, handler)
}

export async function listen(environment: Environment, log: Log, handler: Handler): Promise<WebServer> {
  const server = createServer({ headersTimeout: 30_000, requestTimeout: 600_000 }, (req, res) => {
    if (refuseBody(req, res)) return
    const origin = environment.origin && new URL(environment.origin)
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

/** Refuses a body that is too large, or whose length isn't told, before a byte of it is read. */
function refuseBody(req: IncomingMessage, res: ServerResponse): boolean {
  if (req.method === 'GET' || req.method === 'HEAD') return false
  const limit = bodyLimit(req.url ?? '')
  const length = req.headers['content-length']
  const status =
    length === undefined && req.headers['transfer-encoding'] ? 411 : Number(length ?? 0) > limit ? 413 : 0
  if (status === 0) return false
  res.writeHead(status, { connection: 'close' }).end()
  return true
}

function bodyLimit(url: string): number {
  if (url.startsWith(largeBodyPath)) return largeBody
  if (listBodyPaths.some((path) => url.startsWith(path))) return listBody
  if (url.startsWith(markBodyPath)) return markBody
  return url.startsWith(tinyBodyPath) ? tinyBody : smallBody
}
