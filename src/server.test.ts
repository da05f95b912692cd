import type { IncomingMessage, ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { cookieName } from '#texts/runtime.js'
import { barePagePolicy } from './web/bare-page.ts'
import { readEnvironment } from '#core/shared/environment.ts'
import { createLog } from '#core/shared/log.ts'
import type { WebServer } from './server.ts'
import { listen } from './server.ts'

const limits = [
  { path: '/upload', bytes: 1000, patience: 600_000, upload: { file: 1 } },
  { path: '/books', bytes: 1000, patience: 600_000, upload: { file: 512, together: 1024 } },
  { path: '/small', bytes: 10, patience: 600_000 },
  { path: '/slow', bytes: 10, patience: 1 },
] as const

let server: WebServer
/** What has reached the pages and waits there for an answer. */
let reached: { req: IncomingMessage; res: ServerResponse }[]
let onReached: () => void

const start = async (origin = 'http://library.test') => {
  reached = []
  onReached = () => {}
  const environment = readEnvironment({ PORT: '0', ORIGIN: origin })
  server = await listen(
    environment,
    createLog('silent'),
    (req, res) => {
      reached.push({ req, res })
      onReached()
    },
    limits,
  )
}
beforeEach(() => start())
afterEach(async () => {
  for (const { res } of reached) res.end()
  await server.stop()
})

const arrivals = (count: number) =>
  new Promise<void>((resolve) => {
    onReached = () => reached.length >= count && resolve()
    onReached()
  })

/** Sends these lines as they are, and hears until the server hangs up or has told its headers. */
function say(...lines: string[]): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(server.port, '127.0.0.1', () => socket.write(lines.join('\r\n')))
    let heard = ''
    socket.on('data', (bytes) => {
      heard += bytes.toString()
      if (heard.includes('\r\n\r\n')) socket.destroy()
    })
    socket.on('error', () => {})
    socket.on('close', () => resolve(heard))
  })
}
const post = (path: string, length: number) =>
  say(`POST ${path} HTTP/1.1`, 'Host: x', `Content-Length: ${length}`, '', 'a')
const statusOf = (answer: string) => Number(answer.split(' ')[1])

describe('a body', () => {
  it('that is larger than its address takes is refused before it is read', async () => {
    expect(statusOf(await post('/small', 11))).toBe(413)
    expect(statusOf(await post('/upload', 1001))).toBe(413)
    expect(statusOf(await post('/', 1024 * 1024 + 1))).toBe(413)
    expect(reached).toEqual([])
  })

  it('whose length isn’t told is refused', async () => {
    const answer = await say('POST / HTTP/1.1', 'Host: x', 'Transfer-Encoding: chunked', '', '')
    expect(statusOf(answer)).toBe(411)
    expect(reached).toEqual([])
  })

  it('that dribbles is cut off without an answer', async () => {
    expect(await post('/slow', 5)).toBe('')
    expect(reached).toHaveLength(1)
  })

  it('that is there whole may wait for its answer', async () => {
    const answer = post('/slow', 1)
    await arrivals(1)
    const { req, res } = reached[0] ?? {}
    await new Promise((resolve) => req?.resume().once('end', resolve))
    // A longer timer, begun later, ends after the one that would cut it off.
    await new Promise((resolve) => setTimeout(resolve, 5))
    res?.end('here')
    expect(statusOf(await answer)).toBe(200)
  })
})

/** Sends a request as a browser does: nothing is read until all is sent. @throws when the line breaks before */
function sendWhole(path: string, bytes: number, headers: string[] = []): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(server.port, '127.0.0.1')
    const head = [`POST ${path} HTTP/1.1`, 'Host: x', `Content-Length: ${bytes}`, ...headers, '', '']
    let heard = ''
    socket.on('error', reject)
    socket.on('close', () => resolve(heard))
    socket.write(head.join('\r\n'))
    socket.write(Buffer.alloc(bytes, 'a'), () => socket.on('data', (chunk) => (heard += chunk.toString())))
  })
}

describe('an address at which nobody can be heard', () => {
  it.each([
    ['whose port is taken', () => ({ PORT: String(server.port) }), 'занят'],
    ['that isn’t this computer’s', () => ({ PORT: '0', HOST: '192.0.2.1' }), 'нет адреса 192.0.2.1'],
  ])('%s, is told in a sentence that names what to change', async (_which, variables, told) => {
    const started = listen(readEnvironment(variables()), createLog('silent'), () => {})
    await expect(started).rejects.toThrow(told)
  })
})

describe('a refusal', () => {
  const much = 8 * 1024 * 1024
  const browser = ['Accept: text/html,*/*']

  it('comes to a browser that looks once it has sent all, as a page of its own that says what may be sent', async () => {
    const answer = await sendWhole('/upload', much, browser)
    expect(statusOf(answer)).toBe(413)
    expect(answer).toContain(`content-security-policy: ${barePagePolicy}`)
    expect(answer).toContain('cache-control: no-store')
    expect(answer).toContain('<html lang="ru">')
    expect(answer).toContain('сюда можно отправить файл до 1 МБ')
    expect(answer).toContain('</html>')
    expect(await sendWhole('/books', much, browser)).toContain(
      'один файл — до 512 МБ, все вместе — до 1024 МБ',
    )
    expect(await sendWhole('/', much, browser)).toContain('примерно 149000 букв')
    expect(reached).toEqual([])
  })

  it('speaks the language that the reader has chosen', async () => {
    const answer = await sendWhole('/upload', much, [...browser, `Cookie: a=b; ${cookieName}=en`])
    expect(answer).toContain('<html lang="en">')
    expect(answer).toContain('a file of up to 1 MB can be sent here')
  })

  it('is JSON for scripts', async () => {
    const [, body = ''] = (await sendWhole('/small', much)).split('\r\n\r\n')
    expect(JSON.parse(body)).toMatchObject({ type: 'error', status: 413, code: 'server.too_large' })
  })

  it('goes on listening neither for ever nor to everything', async () => {
    // Nothing more comes of what was announced.
    const silent = await say('POST /slow HTTP/1.1', 'Host: x', 'Content-Length: 11', ...browser, '', 'a')
    expect(statusOf(silent)).toBe(413)
    const socket = connect(server.port, '127.0.0.1')
    socket.on('error', () => {}).resume()
    socket.write(`POST /small HTTP/1.1\r\nHost: x\r\nContent-Length: ${1024 ** 3}\r\n\r\n`)
    const send = () => socket.writable && socket.write(Buffer.alloc(1024 * 1024), send)
    send()
    await new Promise((resolve) => socket.once('close', resolve))
    expect(socket.bytesWritten).toBeLessThan(512 * 1024 * 1024)
  })
})

describe('uploads', () => {
  it('come in four at a time; a further one is asked to come again, and forms go on', async () => {
    const waiting = [1, 2, 3, 4].map(() => post('/upload', 100))
    await arrivals(4)
    const fifth = await post('/upload', 100)
    expect(statusOf(fifth)).toBe(503)
    expect(fifth).toMatch(/retry-after: 60/i)
    const form = post('/small', 1)
    await arrivals(5)
    reached[4]?.res.end()
    expect(statusOf(await form)).toBe(200)

    reached[0]?.res.end()
    await waiting[0]
    const next = post('/upload', 100)
    await arrivals(6)
    for (const { res } of reached) res.end()
    expect(statusOf(await next)).toBe(200)
    await Promise.all(waiting)
  })

  it('that have come in hold no other up, however long they are worked on', async () => {
    const waiting = [1, 2, 3, 4].map(() => post('/upload', 1))
    await arrivals(4)
    await Promise.all(reached.map(({ req }) => new Promise((resolve) => req.resume().once('end', resolve))))
    const fifth = post('/upload', 1)
    await arrivals(5)
    for (const { res } of reached) res.end()
    expect((await Promise.all([...waiting, fifth])).map(statusOf)).toEqual([200, 200, 200, 200, 200])
  })
})

describe('every answer', () => {
  it.each([
    ['a refusal', () => post('/small', 11)],
    [
      'a page',
      async () => {
        const answer = say('GET / HTTP/1.1', 'Host: x', '', '')
        await arrivals(1)
        reached[0]?.res.end()
        return answer
      },
    ],
  ])('is not sniffed, framed or told to others: %s', async (_what, ask) => {
    const answer = await ask()
    for (const line of [
      'x-content-type-options: nosniff',
      "content-security-policy: base-uri 'none'; frame-ancestors 'none'",
      'referrer-policy: same-origin',
      'cross-origin-opener-policy: same-origin',
      'cross-origin-resource-policy: same-origin',
      'permissions-policy: camera=(), microphone=(), geolocation=()',
    ])
      expect(answer.toLowerCase()).toContain(line)
    expect(answer).not.toMatch(/strict-transport-security/i)
  })

  it('says over https that there is no other way', async () => {
    await server.stop()
    await start('https://library.test')
    expect(await post('/small', 11)).toMatch(
      /strict-transport-security: max-age=31536000; includeSubDomains/i,
    )
  })
})

describe('the pages', () => {
  it('learn protocol, host and address from the server, whatever a client says of them', async () => {
    await server.stop()
    await start('https://library.test')
    const answer = say(
      'GET / HTTP/1.1',
      'Host: evil.test',
      'X-Smart-Protocol: http',
      'X-Smart-Host: evil.test',
      'X-Smart-Address: 10.0.0.1',
      'X-Forwarded-For: 10.0.0.1',
      '',
      '',
    )
    await arrivals(1)
    const { req, res } = reached[0] ?? {}
    expect(req?.headers).toMatchObject({
      'x-smart-protocol': 'https',
      'x-smart-host': 'library.test',
      'x-smart-address': '127.0.0.1',
    })
    res?.end()
    await answer
  })
})
