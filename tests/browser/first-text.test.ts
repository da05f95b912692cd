import { rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launchBrowser, openPage, phone } from '../support/browser.ts'
import { startDemo } from '../support/demo.ts'
import { firstSentence, largeEpub, largeFb2 } from '../support/large-books.ts'
import type { Transfer } from '../support/network.ts'
import { bytesOf, gzipOnly, namedByPage, scriptsOf, watchNetwork } from '../support/network.ts'
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
import { eventually } from '../support/system.ts'

let system: RunningSystem
let browser: Browser
let files: string[]

beforeAll(async () => {
  const epub = await largeEpub('Большая книга')
  const fb2 = await largeFb2('Большой роман')
  expect(Math.min(epub.length, fb2.length)).toBeGreaterThan(5_000_000)
  files = [join(tmpdir(), `large-${process.pid}.epub`), join(tmpdir(), `large-${process.pid}.fb2`)]
  await writeFile(files[0] ?? '', epub)
  await writeFile(files[1] ?? '', fb2)
  ;[system, browser] = await Promise.all([startDemo(), launchBrowser()])
  await smart(system, 'import', 'books', ...files, '--age', '0', '--licence', 'open')
})
afterAll(async () => {
  await browser?.close()
  await system?.dispose()
  await Promise.all(files.map((file) => rm(file, { force: true })))
})

/** Lends a book to a reader, and gives its reading address and what a browser must know to be signed in. */
async function lent(title: string): Promise<{ address: string; storageState: StorageState }> {
  const { context, page } = await openPage(browser, phone)
  await signInReader(page, system.origin, await credentialsOf(system.origin, demoReaders.alyona))
  await takeAndOpen(page, system.origin, title)
  const found = { address: page.url(), storageState: await context.storageState() }
  await context.close()
  return found
}

/** A browser that is signed in and has never fetched anything. */
async function coldBrowser(storageState: StorageState): Promise<{ context: BrowserContext; page: Page }> {
  const { context, page } = await openPage(browser, { ...phone, storageState })
  await context.addInitScript(noteFirstText)
  return { context, page }
}

type StorageState = Awaited<ReturnType<BrowserContext['storageState']>>

declare global {
  interface Window {
    firstTextAt?: number
  }
}

/** In a chapter's frame: notes, for the page around it, when its text can be seen. */
function noteFirstText(): void {
  if (location.protocol !== 'blob:' || !window.top) return
  const { top } = window
  const look = () => {
    // Text that is laid out, in a frame that is shown: hidden frames get no animation frames.
    if (document.body?.innerText.trim()) top.firstTextAt ??= performance.timeOrigin + performance.now()
    else requestAnimationFrame(look)
  }
  requestAnimationFrame(look)
}

const firstTextAt = (page: Page): Promise<number> => eventually(() => page.evaluate(() => window.firstTextAt))

/** Bytes over the line, those of the answers' headers included. */
const withHeads = (transfers: readonly Transfer[]): number =>
  transfers.reduce((sum, { head, bytes }) => sum + head + bytes, 0)

describe.each([
  ['Большая книга', firstSentence],
  // An FB2's own title page comes first.
  ['Большой роман', 'Большой роман'],
])('the first text of «%s», 5 MB, on a cold cache', (title, words) => {
  let address: string
  let storageState: StorageState
  beforeAll(async () => {
    ;({ address, storageState } = await lent(title))
  })

  it('takes less than 300 kB, of it less than 60 kB of JavaScript, and never the whole book', async () => {
    const { context, page } = await coldBrowser(storageState)
    const named = await namedByPage(page, address)
    await context.setExtraHTTPHeaders(gzipOnly)
    const { transfers } = await watchNetwork(page)
    await page.goto(address)
    expect(await firstText(page)).toContain(words)
    const seenAt = await firstTextAt(page)
    await page.waitForLoadState('networkidle')
    const before = transfers().filter(({ startedAt }) => startedAt <= seenAt)

    expect(withHeads(before)).toBeLessThan(300_000)
    const scripts = scriptsOf(before).filter(({ url }) => named.has(url))
    expect(scripts.length).toBeGreaterThan(3)
    expect(bytesOf(scripts)).toBeLessThan(60_000)

    // Also after it: the text, the next one that is fetched ahead, and what is on the page.
    const ofBook = transfers().filter(({ url }) => url.includes('/files/'))
    expect(ofBook.filter(({ url }) => url.endsWith('.xhtml')).length).toBeLessThanOrEqual(2)
    expect(withHeads(ofBook)).toBeLessThan(400_000)
    const urls = transfers().map(({ url }) => url)
    expect(urls.filter((url, index) => urls.indexOf(url) !== index)).toEqual([])
    await context.close()
  })

  it('takes two round trips: the page, then scripts, styles and the text side by side', async () => {
    const { context, page } = await coldBrowser(storageState)
    const named = await namedByPage(page, address)
    const asked: string[] = []
    // What only a script or a style sheet asks for is never answered. If the text needed it, it wouldn't come.
    await page.route('**/*', async (route) => {
      const url = route.request().url()
      asked.push(url)
      if (url === address || named.has(url)) await route.continue()
    })
    await page.goto(address, { waitUntil: 'commit' })
    await firstTextAt(page)
    expect(await chapterFrame(page)?.evaluate(() => document.body.innerText)).toContain(words)
    const text = asked.find((url) => url.includes('/files/') && url.endsWith('.xhtml'))
    expect(named).toContain(text)
    await context.close()
  })
})

describe('the reading page', () => {
  it('finds its scripts in the cache when it is opened from the book’s page', async () => {
    const { context, page } = await openPage(browser, phone)
    await signInReader(page, system.origin, await credentialsOf(system.origin, demoReaders.pyotr))
    await page.goto(`${system.origin}/search?q=${encodeURIComponent('Большая книга')}`)
    await page.getByRole('link', { name: 'Большая книга' }).first().click()
    await page.getByRole('button', { name: 'Взять' }).click()
    const link = page.getByRole('link', { name: 'Читать' })
    await link.waitFor()
    await page.waitForLoadState('networkidle')
    const { transfers } = await watchNetwork(page)
    await link.click()
    await page.waitForURL(/\/read\//)
    await firstText(page)
    const named = await namedByPage(page, page.url())
    expect(transfers().filter(({ kind, url }) => kind === 'Script' && named.has(url))).toEqual([])
    await context.close()
  })
})
