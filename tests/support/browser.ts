import { access } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { chromium } from 'playwright-core'
import { shortLived } from './short-lived.ts'
import { fieldsOf, noteTyped } from './spoken.ts'

/** The system's Chromium when there is one, else the one that npm brings, unpacked at the first call. */
export async function findChromium(): Promise<string> {
  const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome']
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    for (const name of names) {
      const path = join(folder, name)
      if (
        await access(path).then(
          () => true,
          () => false,
        )
      )
        return path
    }
  }
  const { default: packed } = await import('@sparticuz/chromium')
  return packed.executablePath()
}

export const launchBrowser = async (): Promise<Browser> =>
  chromium.launch({
    executablePath: await findChromium(),
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
      `--js-flags=${shortLived.join(' ')}`,
    ],
  })

export const phoneScreen = { width: 360, height: 740 }
export const phone: BrowserContextOptions = {
  viewport: phoneScreen,
  hasTouch: true,
  isMobile: true,
  deviceScaleFactor: 2,
}
export const deskScreen = { width: 1280, height: 800 }
export const desk: BrowserContextOptions = { viewport: deskScreen }

/** A page whose unexpected noise is kept: script errors, refused resources, failed requests of our own. */
export interface WatchedPage {
  page: Page
  context: BrowserContext
  noise: string[]
}

/** What Chromium says of foliate's own frames; the content policy is what holds chapters. */
const known = /allow-scripts and allow-same-origin/

export async function openPage(browser: Browser, options: BrowserContextOptions): Promise<WatchedPage> {
  const context = await browser.newContext({
    locale: 'ru-RU',
    timezoneId: 'Europe/Moscow',
    // Pages turn at once: what a test sees is where they have arrived.
    reducedMotion: 'reduce',
    ...options,
  })
  context.setDefaultTimeout(20_000)
  context.on('request', (request) => {
    const body = request.postData()
    if (body !== null) noteTyped(fieldsOf(body, request.headers()['content-type']))
  })
  const page = await context.newPage()
  const noise: string[] = []
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type()) && !known.test(message.text()))
      noise.push(message.text())
  })
  page.on('pageerror', (error) => noise.push(String(error)))
  page.on('response', (response) => {
    if (response.status() >= 400) noise.push(`${response.status()} ${response.url()}`)
  })
  return { page, context, noise }
}
