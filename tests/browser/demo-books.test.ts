import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { WatchedPage } from '../support/browser.ts'
import { desk, openPage, phone } from '../support/browser.ts'
import { chapterFrame, credentialsOf, demoReaders, signInReader } from '../support/steps.ts'
import type { RunningSystem } from '../support/system.ts'
import { eventually } from '../support/system.ts'
import { useDemo } from '../support/use-demo.ts'

let system: RunningSystem
let browser: Browser
useDemo((started) => ({ system, browser } = started))

/** Titles that need two lines, a picture book, verse, an EPUB 2, and an FB2 (whose first page is its cover). */
const titles = [
  'Кукушка, которая боялась опоздать',
  'Снежинка и море',
  'Год на реке',
  'Записки о Лодейной Горке',
]

/** Opens a book that the reader has or takes, and waits until a page with a text or a picture can be turned. */
async function open(page: Page, title: string): Promise<void> {
  await page.goto(`${system.origin}/search?q=${encodeURIComponent(title)}`)
  await page.getByRole('link', { name: title }).first().click()
  await page.waitForURL(/\/books\//)
  const take = page.getByRole('button', { name: 'Взять' })
  const read = page.getByRole('link', { name: 'Читать' })
  await take.or(read).waitFor()
  if (await take.isVisible()) await take.click()
  await read.click()
  await page.waitForURL(/\/read\//)
  await eventually(async () => {
    const filled = await chapterFrame(page)
      ?.evaluate(() => document.body.textContent.trim() !== '' || document.querySelector('img, svg') !== null)
      .catch(() => false)
    return filled && (await page.locator('footer button').last().isEnabled()) ? true : undefined
  })
}

/** The shelf holds five books at most. */
async function giveBack(page: Page, title: string): Promise<void> {
  await page.goto(`${system.origin}/shelf`)
  const item = page.getByRole('listitem').filter({ hasText: title })
  await item.getByRole('button', { name: 'Вернуть' }).click()
  await item.waitFor({ state: 'detached' })
}

describe.for([
  ['phone', phone, demoReaders.alyona],
  ['desk', desk, demoReaders.pyotr],
] as const)('the demonstration’s books on a %s', ([, size, who]) => {
  let reader: WatchedPage

  beforeAll(async () => {
    reader = await openPage(browser, size)
    await signInReader(reader.page, system.origin, await credentialsOf(system.origin, who))
  })
  afterAll(() => reader?.context.close())

  it.for(titles)('«%s» is no wider than the screen, and all its tools are in reach', async (title) => {
    const { page } = reader
    await open(page, title)
    const screen = size.viewport?.width ?? 0
    for (const tool of await page.locator('.tool').all()) {
      const box = await tool.boundingBox()
      expect(box?.x).toBeGreaterThanOrEqual(0)
      expect((box?.x ?? 0) + (box?.width ?? Infinity)).toBeLessThanOrEqual(screen)
    }
    const region = await page.getByRole('region').boundingBox()
    expect(region?.width).toBeLessThanOrEqual(screen)
    await giveBack(page, title)
  })

  it('say nothing in the browser’s console', () => {
    expect(reader.noise).toEqual([])
  })
})

describe('a page of the picture book', () => {
  it('keeps its words below the picture and inside the page', async () => {
    const { page, context } = await openPage(browser, phone)
    await signInReader(page, system.origin, await credentialsOf(system.origin, demoReaders.alyona))
    await open(page, 'Снежинка и море')
    const places = await chapterFrame(page)?.evaluate(() => {
      const words = document.querySelector('p')?.getBoundingClientRect()
      const picture = document.querySelector('svg')?.getBoundingClientRect()
      return { page: innerHeight, words: [words?.top, words?.bottom], picture: picture?.bottom }
    })
    expect(places?.words[0]).toBeGreaterThanOrEqual(places?.picture ?? Infinity)
    expect(places?.words[1]).toBeLessThanOrEqual(places?.page ?? 0)
    await context.close()
  })
})
