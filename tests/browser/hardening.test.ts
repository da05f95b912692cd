import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ensureBuild } from '../../scripts/build.ts'
import type { BuiltRoute } from '../support/built-routes.ts'
import { builtRoutes } from '../support/built-routes.ts'
import { startDemo } from '../support/demo.ts'
import { demoPassword } from '../support/steps.ts'
import type { RunningSystem } from '../support/system.ts'

/** As people reach it, through a proxy that speaks https to them. */
const origin = 'https://library.test'
let system: RunningSystem
let routes: BuiltRoute[]

beforeAll(async () => {
  await ensureBuild()
  routes = await builtRoutes()
  system = await startDemo({ env: { ORIGIN: origin } })
})
afterAll(() => system?.dispose())

/** A route's address with something in each place that asks for it. */
function addressOf(key: string): { path: string; method: string } {
  const [id = '', what = ''] = key.split(' ')
  const path = id
    .replace(/\/\([^)]+\)/g, '')
    .replace(/\[\w+=uuid\]/g, '00000000-0000-4000-8000-000000000000')
    .replace(/\[(\.\.\.)?\w+\]/g, '1')
  const action = what.startsWith('?/') && what !== '?/default' ? what : ''
  const method = what === 'page' ? 'GET' : what.startsWith('?/') ? 'POST' : what
  return { path: (path || '/') + action, method }
}

const ask = (path: string, init: RequestInit = {}) =>
  fetch(system.origin + path, { redirect: 'manual', ...init })

const everywhere = {
  'x-content-type-options': 'nosniff',
  // Pages with a secret in their address tell nobody more than the host.
  'referrer-policy': expect.stringMatching(/^(same|strict)-origin$/),
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': expect.stringContaining('camera=()'),
  'strict-transport-security': expect.stringMatching(/max-age=\d{8}/),
  'content-security-policy': expect.stringMatching(/frame-ancestors 'none'|^sandbox/),
}

describe('every answer', () => {
  it('of every page and address carries the headers that keep it safe', async () => {
    const asked = routes.map(({ key }) => addressOf(key)).filter(({ method }) => method === 'GET')
    expect(asked.length).toBeGreaterThan(30)
    const paths = asked.map(({ path }) => path)
    for (const path of [...paths, '/nowhere', '/icon.svg', '/help/__data.json', '/_app/version.json']) {
      const answer = await ask(path)
      await answer.body?.cancel()
      expect(Object.fromEntries(answer.headers), path).toMatchObject(everywhere)
    }
  })

  it('that is a page lets only scripts of its own run, by a nonce of its own', async () => {
    const policies = await Promise.all(
      [1, 2].map(async () => (await ask('/sign-in')).headers.get('content-security-policy') ?? ''),
    )
    const nonces = policies.map((policy) => /script-src 'self' 'nonce-([^']+)'/.exec(policy)?.[1])
    expect(nonces[0]).toMatch(/\S{16,}/)
    expect(nonces[0]).not.toBe(nonces[1])
    expect(policies[0]).toContain("default-src 'none'")
    expect(policies[0]).not.toMatch(/script-src [^;]*unsafe/)
  })

  it('that is a page stays in no cache', async () => {
    for (const path of ['/', '/sign-in', '/staff/sign-in', '/nowhere'])
      expect((await ask(path)).headers.get('cache-control'), path).toBe('no-store')
  })
})

describe('a change that another site asks for', () => {
  const json = { type: 'application/json', body: '{}' }
  const attempts = [
    { type: 'application/x-www-form-urlencoded', body: 'a=1', from: 'https://evil.test' },
    // A body without a type needs no leave of ours to be sent from elsewhere.
    { type: undefined, body: new Blob(['{}']), from: 'https://evil.test' },
    { ...json, from: 'https://evil.test' },
    { ...json, from: 'http://library.test' },
    { ...json, from: undefined },
  ]
  it('is refused by every action and address, whatever its content type', async () => {
    const asked = routes.map(({ key }) => addressOf(key)).filter(({ method }) => method !== 'GET')
    expect(asked.length).toBeGreaterThan(50)
    const wrong: string[] = []
    for (const { path, method } of asked) {
      for (const { type, body, from } of attempts) {
        const headers = {
          accept: 'application/json',
          ...(type && { 'content-type': type }),
          ...(from && { origin: from }),
        }
        const answer = await ask(path, { method, body, headers })
        if (answer.status !== 403 || !/Cross-site|не с этого сайта/.test(await answer.text()))
          wrong.push(`${method} ${path} ${type} ${from}: ${answer.status}`)
      }
    }
    expect(wrong).toEqual([])
  })

  it('says so in a sentence where a person may see it, and in the log', async () => {
    const answer = await ask('/staff/applications/drafts', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    })
    expect(await answer.text()).toContain('запрос пришёл не с этого сайта')
    expect(system.output()).toContain('"code":"shared.other_site","route":"/staff/applications/drafts"')
  })
})

describe('a cookie', () => {
  const signIn = () =>
    ask('/staff/sign-in', {
      method: 'POST',
      headers: { origin, accept: 'text/html' },
      body: new URLSearchParams({ email: 'admin@demo.test', password: demoPassword }),
    })

  const sessionLine = (answer: Response) =>
    answer.headers.getSetCookie().find((line) => line.startsWith('__Host-staff=')) ?? ''

  it('of a session is this host’s alone, out of scripts’ reach, and sent over https only', async () => {
    const line = sessionLine(await signIn())
    expect(line).toMatch(/^__Host-staff=[\w-]{43};/)
    for (const flag of ['Path=/', 'HttpOnly', 'Secure', 'SameSite=Lax', 'Expires='])
      expect(line).toContain(flag)
    expect(line).not.toContain('Domain=')
    const cookie = line.split(';')[0] ?? ''
    expect((await ask('/staff', { headers: { cookie } })).status).toBe(200)
    // The plain name, which any neighbour could have set, opens nothing.
    expect((await ask('/staff', { headers: { cookie: cookie.replace('__Host-', '') } })).status).toBe(303)
  })

  it('of a session is another one after each sign-in, whatever was sent before', async () => {
    const planted = '__Host-staff=' + 'a'.repeat(43)
    const [one, two] = await Promise.all([signIn(), signIn()])
    const names = [one, two].map((answer) => sessionLine(answer).split(';')[0])
    expect(new Set([planted, ...names]).size).toBe(3)
  })
})

it('a request that asks to be sent back whole (TRACE) is refused', async () => {
  const status = new Promise<number | undefined>((resolve, reject) => {
    const asked = request(system.origin, { method: 'TRACE', headers: { origin, cookie: 'staff=x' } })
    asked.once('response', (answer) => {
      answer.resume()
      resolve(answer.statusCode)
    })
    asked.once('error', reject).end()
  })
  expect(await status).toBe(400)
})
