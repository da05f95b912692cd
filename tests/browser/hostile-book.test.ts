import { rm, writeFile } from 'node:fs/promises'
import type { Server } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { madeEpub } from '../../src/protocols/epub/epub.fixtures.ts'
import { desk, launchBrowser, openPage } from '../support/browser.ts'
import { hostileBook, hostileFiles, hostileText } from '../support/hostile-book.ts'
import {
  chapterFrame,
  credentialsOf,
  demoReaders,
  firstText,
  signInReader,
  smart,
  takeAndOpen,
} from '../support/steps.ts'
import type { RunningSystem } from '../support/system.ts'
import { eventually, newDataDir, removeDataDir, startSystem } from '../support/system.ts'

let dataDir: string
let system: RunningSystem
let browser: Browser
/** Where the book calls: whatever arrives here has left the reader's browser. */
let home: Server
let calls: string[]
let book: string
let readAddress: string

beforeAll(async () => {
  calls = []
  home = createServer((request, response) => {
    calls.push(request.url ?? '')
    response.setHeader('access-control-allow-origin', '*')
    response.setHeader('content-type', request.url?.endsWith('.js') ? 'text/javascript' : 'text/css')
    response.end(request.url?.endsWith('.js') ? `fetch('http://${request.headers.host}/ran/external')` : '')
  })
  await new Promise<void>((resolve) => {
    home.listen(0, '127.0.0.1', resolve)
  })
  const address = `http://127.0.0.1:${(home.address() as AddressInfo).port}`
  book = join(tmpdir(), `hostile-${process.pid}.epub`)
  await writeFile(book, await madeEpub(hostileBook(address)))
  dataDir = await newDataDir()
  ;[system, browser] = await Promise.all([
    startSystem({ dataDir, env: { SMART_DEMO: '1' } }),
    launchBrowser(),
  ])
  await smart(system, 'import', 'books', book, '--age', '0', '--licence', 'open')
  const first = await openPage(browser, desk)
  await signInReader(first.page, system.origin, await credentialsOf(system.origin, demoReaders.alyona))
  await takeAndOpen(first.page, system.origin, 'Книга-беглец')
  readAddress = first.page.url()
  await first.context.close()
})
afterAll(async () => {
  await browser?.close()
  await system?.stop()
  await new Promise((resolve) => {
    home.close(resolve)
  })
  await removeDataDir(dataDir)
  await rm(book, { force: true })
})
beforeEach(() => {
  calls = []
})

async function reader(
  options: { bypassCSP?: boolean } = {},
): Promise<{ page: Page; context: BrowserContext }> {
  const opened = await openPage(browser, { ...desk, ...options })
  await signInReader(opened.page, system.origin, await credentialsOf(system.origin, demoReaders.alyona))
  return opened
}

/** Takes away, in this browser only, all that holds a book: both policies, the cleaning, the safe types. */
async function switchProtectionOff(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    const ours = (node: Element) => node.ownerDocument === document
    const { remove, removeAttribute } = Element.prototype
    Element.prototype.remove = function keepForeign(this: Element) {
      if (ours(this)) remove.call(this)
    }
    Element.prototype.removeAttribute = function keepForeign(this: Element, name: string) {
      if (ours(this)) removeAttribute.call(this, name)
    }
  })
  await context.route('**/files/**', async (route) => {
    const response = await route.fetch()
    const ending = /\.(\w+)$/.exec(new URL(route.request().url()).pathname)?.[1] ?? ''
    const types: Record<string, string> = { js: 'text/javascript', txt: 'text/javascript', html: 'text/html' }
    const type = types[ending] ?? (ending === 'svg' ? 'image/svg+xml' : 'application/xhtml+xml')
    await route.fulfill({ status: response.status(), body: await response.body(), contentType: type })
  })
}

const ran = () => calls.filter((call) => call.startsWith('/ran/'))

describe('a hostile book', () => {
  it('does run its scripts and call home when the protection is switched off', async () => {
    const { page, context } = await reader({ bypassCSP: true })
    await switchProtectionOff(context)
    await page.goto(readAddress)
    await eventually(async () => (calls.includes('/ran/inline') ? true : undefined))
    await eventually(async () => (calls.includes('/ran/external') ? true : undefined))
    expect(calls.some((call) => call.startsWith('/left/'))).toBe(true)
    for (const [name, sign] of [
      ['OPS/evil.svg', '/ran/svg-script'],
      ['OPS/evil.html', '/ran/html'],
      ['OPS/text/one.xhtml', '/ran/own-js'],
    ] as const) {
      const tab = await context.newPage()
      await tab.goto(`${readAddress}/files/${name}`)
      await eventually(async () => (calls.includes(sign) ? true : undefined))
      await tab.close()
    }
    await context.close()
  })

  it('shows its text, runs nothing and reaches nobody when it is read', async () => {
    const { page, context } = await reader()
    await page.goto(readAddress)
    expect(await firstText(page)).toContain(hostileText)
    const title = await page.title()
    await chapterFrame(page)?.evaluate(() => {
      document.querySelector<HTMLElement>('#link')?.click()
      document.querySelector<HTMLElement>('#send')?.click()
      document.querySelector<HTMLElement>('input')?.focus()
    })
    // To the next chapter and back: whatever the first one had under way would have gone out by then.
    await page.getByRole('button', { name: 'Оглавление' }).click()
    await page.keyboard.press('Escape')
    await turnUntil(page, 'Следующая страница', 'Вторая глава')
    await turnUntil(page, 'Предыдущая страница', hostileText)
    expect(ran()).toEqual([])
    expect(calls).toEqual([])
    expect(await page.title()).toBe(title)
    expect(page.url()).toBe(readAddress)
    expect(context.pages()).toHaveLength(1)
    await context.close()
  })

  it.each(hostileFiles)(
    'runs nothing and reaches nobody when %s is opened in a tab of its own',
    async (name) => {
      const { page, context } = await reader()
      const response = await page.goto(`${readAddress}/files/${name}`).catch(() => undefined)
      // A file that isn't shown but saved has no page to wait for.
      if (response) {
        const headers = response.headers()
        expect(headers['content-security-policy']).toContain("sandbox; default-src 'none'")
        expect(headers['x-content-type-options']).toBe('nosniff')
        expect(headers['content-type']).not.toMatch(/script|html|xml;|xml$(?<!svg\+xml)/)
        await page.waitForLoadState('load')
      }
      // A page of our own, loaded after it in the same browser: an earlier request would have been seen.
      const after = await context.newPage()
      await after.goto(`${system.origin}/shelf`)
      expect(calls).toEqual([])
      await context.close()
    },
  )

  it('leaves its own policy on the reading page only', async () => {
    const { page, context } = await reader()
    const policyOf = async (address: string) =>
      (await page.request.get(address)).headers()['content-security-policy'] ?? ''
    const reading = await policyOf(readAddress)
    expect(reading).toContain('frame-src blob:')
    expect(reading).toMatch(/script-src 'self' 'nonce-[^']+'/)
    expect(reading).not.toMatch(/script-src[^;]*(unsafe|blob:|data:)/)
    expect(await policyOf(`${system.origin}/shelf`)).not.toContain('blob:')
    await context.close()
  })
})

async function turnUntil(page: Page, button: string, wanted: string): Promise<void> {
  await eventually(async () => {
    const text = await chapterFrame(page)
      ?.evaluate(() => document.body.textContent)
      .catch(() => '')
    if (text?.includes(wanted)) return true
    await page.getByRole('button', { name: button }).click()
    return undefined
  })
}
