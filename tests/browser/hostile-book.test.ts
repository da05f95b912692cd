import { rm, writeFile } from 'node:fs/promises'
import type { Server } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { until } from '../../src/core/shared/postgres/processes.ts'
import { madeEpub } from '../../src/protocols/epub/epub.fixtures.ts'
import { desk, launchBrowser, openPage } from '../support/browser.ts'
import { startDemo } from '../support/demo.ts'
import { hostileBook, hostileFiles, hostileText, lastText, runningFiles } from '../support/hostile-book.ts'
import {
  chapterFrame,
  credentialsOf,
  demoReaders,
  firstText,
  placeOnScreen,
  signInReader,
  smart,
  takeAndOpen,
} from '../support/steps.ts'
import type { RunningSystem } from '../support/system.ts'
import { eventually } from '../support/system.ts'

let system: RunningSystem
let browser: Browser
/** Where the book calls: whatever arrives here has left the reader's browser. */
let home: Server
let calls: string[]
/** What scripts of the book say in the console: that they run, even if nothing of them gets out. */
let said: string[]
let connections: number
let book: string
let readAddress: string

beforeAll(async () => {
  home = createServer((request, response) => {
    calls.push(request.url ?? '')
    response.setHeader('access-control-allow-origin', '*')
    response.setHeader('content-type', request.url?.endsWith('.js') ? 'text/javascript' : 'text/css')
    response.end(request.url?.endsWith('.js') ? `fetch('http://${request.headers.host}/ran/external')` : '')
  })
  home.on('connection', () => (connections += 1))
  await new Promise<void>((resolve) => {
    home.listen(0, '127.0.0.1', resolve)
  })
  book = join(tmpdir(), `hostile-${process.pid}.epub`)
  const address = `http://127.0.0.1:${(home.address() as AddressInfo).port}`
  await writeFile(book, await madeEpub(hostileBook(address)))
  ;[system, browser] = await Promise.all([startDemo(), launchBrowser()])
  await smart(system, 'import', 'books', book, '--age', '0', '--licence', 'open')
  const first = await openPage(browser, desk)
  await signInReader(first.page, system.origin, await credentialsOf(system.origin, demoReaders.alyona))
  await takeAndOpen(first.page, system.origin, 'Книга-беглец')
  readAddress = first.page.url()
  await first.context.close()
})
afterAll(async () => {
  await browser?.close()
  await system?.dispose()
  await new Promise((resolve) => {
    home.close(resolve)
    home.closeAllConnections()
  })
  await rm(book, { force: true })
})
beforeEach(() => {
  calls = []
  said = []
  connections = 0
})

/** What holds a book, each of them to be taken away in the test's own browser. */
interface Locks {
  /** The policies of page and files. */
  policy: boolean
  cleaning: boolean
  /** Harmless media types for the book's files, and that browsers keep to them. */
  types: boolean
}
const all: Locks = { policy: true, cleaning: true, types: true }
const none: Locks = { policy: false, cleaning: false, types: false }

async function reader(locks: Locks): Promise<{ page: Page; context: BrowserContext }> {
  const opened = await openPage(browser, {
    ...desk,
    bypassCSP: !locks.policy,
    // The other server on this machine is the book's home, which may be reached as one on the net may.
    permissions: ['local-network-access'],
  })
  opened.context.on('console', (message) => said.push(message.text()))
  if (!locks.cleaning) await opened.context.addInitScript(keepWhatBooksBring)
  if (!locks.types) await serveAsClaimed(opened.context, locks.policy)
  await signInReader(opened.page, system.origin, await credentialsOf(system.origin, demoReaders.alyona))
  await turnBack(opened.page)
  return opened
}

/** Puts the reader's place to the book's beginning, wherever the test before has left it. */
async function turnBack(page: Page): Promise<void> {
  const save = async (revision: number) =>
    page.request.put(`${readAddress}/position`, {
      headers: { origin: system.origin },
      data: { locator: 'epubcfi(/6/2!/4/2)', fraction: 0, revision },
    })
  const answer = await save(0)
  if (answer.ok()) return
  const { position } = (await answer.json()) as { position: { revision: number } }
  expect((await save(position.revision)).ok()).toBe(true)
}

async function close(context: BrowserContext): Promise<void> {
  await context.unrouteAll({ behavior: 'ignoreErrors' })
  await context.close()
}

/** Makes the ways by which the cleaning takes something out of a book's document do nothing. */
function keepWhatBooksBring(): void {
  const ours = (node: Node) => node.ownerDocument === document
  const { remove, replaceWith, removeAttributeNode } = Element.prototype
  Element.prototype.remove = function keep(this: Element) {
    if (ours(this)) remove.call(this)
  }
  Element.prototype.replaceWith = function keep(this: Element, ...nodes) {
    if (ours(this)) replaceWith.apply(this, nodes)
  }
  Element.prototype.removeAttributeNode = function keep(this: Element, attribute) {
    return ours(this) ? removeAttributeNode.call(this, attribute) : attribute
  }
}

/** Serves the book's files as what their endings claim, as a careless server would. */
async function serveAsClaimed(context: BrowserContext, withPolicy: boolean): Promise<void> {
  const types: Record<string, string> = {
    js: 'text/javascript',
    mjs: 'text/javascript',
    txt: 'text/javascript',
    html: 'text/html',
    svg: 'image/svg+xml',
    css: 'text/css',
  }
  await context.route('**/files/**', async (route) => {
    const response = await route.fetch()
    const ending = /\.(\w+)$/.exec(new URL(route.request().url()).pathname)?.[1] ?? ''
    const policy = response.headers()['content-security-policy'] ?? ''
    await route.fulfill({
      status: response.status(),
      body: await response.body(),
      headers: {
        'content-type': types[ending] ?? 'application/xhtml+xml',
        ...(withPolicy && { 'content-security-policy': policy }),
      },
    })
  })
}

const ran = () => [...calls, ...said].filter((call) => call.startsWith('/ran/'))

async function expectCalls(kind: 'ran' | 'left', signs: readonly string[]): Promise<void> {
  const missing = () => signs.filter((sign) => !calls.includes(`/${kind}/${sign}`))
  await until(() => missing().length === 0, 20_000)
  expect(missing()).toEqual([])
}

describe('a hostile book', () => {
  it('does run its scripts and call home when nothing holds it', async () => {
    const { page, context } = await reader(none)
    await page.goto(readAddress)
    const scripts = ['inline', 'external', 'own-js', 'own-txt', 'own-html', 'onerror', 'srcdoc']
    await expectCalls('ran', [...scripts, 'svg-script', 'own-svg-script', 'frame-link'])
    await expectCalls('left', [
      'image',
      'frame',
      'object',
      'embed',
      'prefetch',
      'sheet.css',
      'video',
      'audio',
    ])
    await close(context)
  })

  it.each(runningFiles)('would run %s in a tab of its own when nothing held it', async (name, sign) => {
    const { page, context } = await reader(none)
    await page.goto(`${readAddress}/files/${name}`)
    await expectCalls('ran', [sign])
    await close(context)
  })

  it('shows its text, runs nothing and reaches nobody when it is read', async () => {
    const { page, context } = await reader(all)
    await page.goto(readAddress)
    const title = await page.title()
    await firstText(page)
    await expectSeen(page, hostileText)
    await pressEverything(page)
    await turnUntil(page, 'Следующая страница', lastText)
    await expectSeen(page, lastText)
    // And back: whatever the first text had under way would have gone out by then.
    await turnUntil(page, 'Предыдущая страница', hostileText)
    expectSilence()
    expect(await page.title()).toBe(title)
    expect(page.url()).toBe(readAddress)
    expect(context.pages()).toHaveLength(1)
    await close(context)
  })

  it.each([
    ['the content policy', { ...none, policy: true }],
    ['the cleaning', { ...none, cleaning: true }],
  ])('is held by %s alone: none of its scripts runs', async (_lock, locks) => {
    const { page, context } = await reader(locks)
    await page.goto(readAddress)
    await firstText(page)
    await expectSeen(page, hostileText)
    await pressEverything(page)
    await turnUntil(page, 'Следующая страница', 'Глава о двух лицах')
    await turnUntil(page, 'Предыдущая страница', hostileText)
    expect(ran()).toEqual([])
    await close(context)
  })

  it('is held by the media types alone where it brings its scripts as files', async () => {
    const { page, context } = await reader({ ...none, types: true })
    await page.goto(readAddress)
    await expectCalls('ran', ['inline', 'srcdoc', 'onerror'])
    await page.waitForLoadState('load')
    expect(ran().filter((call) => call.startsWith('/ran/own-'))).toEqual([])
    await close(context)
  })

  it.each(hostileFiles)(
    'runs nothing and reaches nobody when %s is opened in a tab of its own',
    async (name) => {
      const { page, context } = await reader(all)
      const headers = await openAlone(page, name)
      expect(headers['content-security-policy']).toContain("sandbox; default-src 'none'")
      expect(headers['x-content-type-options']).toBe('nosniff')
      expect(headers['content-type']).toMatch(
        /^(text\/plain; charset=utf-8|application\/octet-stream|image\/(png|jpeg)|audio\/mpeg|font\/woff2)$/,
      )
      expect(calls).toEqual([])
      expect(connections).toBe(0)
      await close(context)
    },
  )

  it.each([
    ['the policy of its files', { ...none, policy: true }],
    ['their media types', { ...none, types: true }],
  ])('is held by %s alone in a tab of its own', async (_lock, locks) => {
    const { page, context } = await reader(locks)
    for (const [name] of runningFiles) await openAlone(page, name)
    expect(ran()).toEqual([])
    await close(context)
  })

  it('leaves its own policy on the reading page only', async () => {
    const { page, context } = await reader(all)
    const policyOf = async (address: string) =>
      (await page.request.get(address)).headers()['content-security-policy'] ?? ''
    const reading = await policyOf(readAddress)
    expect(reading).toContain('frame-src blob:;')
    // Not 'self': the book's files lie at an address of ours.
    expect(reading).toMatch(new RegExp(`script-src ${system.origin}/_app/ 'nonce-[^']+';`))
    expect(await policyOf(`${system.origin}/shelf`)).not.toContain('blob:')
    await close(context)
  })
})

/** Nothing ran and nothing left the browser. */
function expectSilence(): void {
  expect(ran()).toEqual([])
  expect(calls).toEqual([])
  expect(connections).toBe(0)
}

/** Opens a file by its address; the headers it came with. */
async function openAlone(page: Page, name: string): Promise<Record<string, string>> {
  const address = `${readAddress}/files/${name}`
  const answer = page.waitForResponse(address)
  // A file that isn't shown but saved has no page to wait for.
  const shown = await page.goto(address).catch(() => undefined)
  if (shown) await page.waitForLoadState('load')
  // A page of our own, loaded after it in the same browser: an earlier request would have been seen.
  const after = await page.context().newPage()
  await after.goto(`${system.origin}/shelf`)
  await after.close()
  return (await answer).headers()
}

/** On the screen, not only in the document. */
async function expectSeen(page: Page, text: string): Promise<void> {
  const frame = chapterFrame(page)
  const box = await frame?.getByText(text).first().boundingBox()
  const { width, height } = page.viewportSize() ?? { width: 0, height: 0 }
  expect(await frame?.getByText(text).first().isVisible()).toBe(true)
  expect(
    box && box.x >= 0 && box.y >= 0 && box.x + 10 < width && box.y + 10 < height,
    JSON.stringify(box),
  ).toBe(true)
}

/** Every link and button of the text, and the keyboard in every field. */
async function pressEverything(page: Page): Promise<void> {
  await chapterFrame(page)?.evaluate(() => {
    for (const each of document.querySelectorAll('a, button, input, rect, text'))
      each.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true }))
    for (const each of document.querySelectorAll<HTMLElement>('input, button, a')) each.focus()
  })
}

/** The text of the chapter that is shown, which may have none; a turn puts another frame in its place. */
const loadedText = (page: Page): Promise<string> =>
  eventually(async () =>
    chapterFrame(page)
      ?.evaluate(() => (document.readyState === 'complete' ? document.body.textContent : undefined))
      .catch(() => undefined),
  )

/**
 * Turns pages, each when the one before it is there. A press while a page is still being laid out turns nothing:
 * like a person, it is pressed again when nothing has moved for many looks.
 */
async function turnUntil(page: Page, button: string, wanted: string): Promise<void> {
  await firstText(page)
  for (let turns = 0; turns < 12; turns += 1) {
    if ((await loadedText(page)).includes(wanted)) return
    const before = await placeOnScreen(page)
    let looks = 0
    await eventually(async () => {
      if ((await placeOnScreen(page)) !== before) return true
      if (looks % 50 === 0) await page.getByRole('button', { name: button }).click()
      looks += 1
      return undefined
    })
  }
  throw new Error(`«${wanted}» was not found by turning pages`)
}
