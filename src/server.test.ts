import { request } from 'node:http'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readEnvironment } from '#core/shared/environment.ts'
import { createLog } from '#core/shared/log.ts'
import type { WebServer } from './server.ts'
import { listen } from './server.ts'

let server: WebServer

beforeAll(async () => {
  const environment = readEnvironment({ PORT: '0' })
  server = await listen(environment, createLog('silent'), (req, res) => {
    req.resume()
    res.end('taken')
  })
})
afterAll(() => server.stop())

/** The answer to a form of that many bytes. */
const send = (path: string, bytes: number): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    const sent = request(
      { port: server.port, host: '127.0.0.1', path, method: 'POST', headers: { 'content-length': bytes } },
      (res) => {
        res.resume()
        resolve(res.statusCode)
      },
    )
    sent.on('error', reject)
    // Whoever is refused is answered before a byte is read.
    sent.flushHeaders()
    if (bytes <= 3_000_000) sent.end(Buffer.alloc(bytes))
  })

it('a filled-in list of a provider may be as large as other lists; other forms stay small', async () => {
  expect(await send('/staff/provider?/receive', 3_000_000)).toBe(200)
  expect(await send('/staff/lists/new', 3_000_000)).toBe(200)
  expect(await send('/staff/provider?/receive', 200_000_000)).toBe(413)
  expect(await send('/staff/provider?/enter', 2_000_000).catch(() => 413)).toBe(413)
})
