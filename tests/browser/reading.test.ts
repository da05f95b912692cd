import { rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { madeEpub } from '../../src/protocols/epub/epub.fixtures.ts'
import { expectAccessible } from '../support/accessibility.ts'
import type { WatchedPage } from '../support/browser.ts'
import { desk, launchBrowser, openPage, phone } from '../support/browser.ts'
import { startDemo } from '../support/demo.ts'
import { fixedBook, flowingBook } from '../support/reading-books.ts'
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
let storageState: Awaited<ReturnType<BrowserContext['storageState']>>
let flowing: string
let fixed: string
const files = ['flowing', 'fixed'].map((name) => join(tmpdir(), `${name}-${process.pid}.epub`))

beforeAll(async () => {
  await writeFile(files[0] ?? '', await madeEpub(flowingBook))
  await writeFile(files[1] ?? '', await madeEpub(fixedBook))
  ;[system, browser] = await Promise.all([startDemo(), launchBrowser()])
  await smart(system, 'import', 'books', ...files, '--age', '0', '--licence', 'open')
  const { context, page } = await openPage(browser, desk)
  await signInReader(page, system.origin, await credentialsOf(system.origin, demoReaders.alyona))
  await takeAndOpen(page, system.origin, 'Рисованная книга')
  fixed = page.url()
  await takeAndOpen(page, system.origin, 'Текущая книга')
  flowing = page.url()
  storageState = await context.storageState()
  await context.close()
})
afterAll(async () => {
  await browser?.close()
  await system?.dispose()
  await Promise.all(files.map((file) => rm(file, { force: true })))
})

async function open(address: string, options: BrowserContextOptions = phone): Promise<WatchedPage> {
  const watched = await openPage(browser, { ...options, storageState })
  await startAt(watched.page, address, 'epubcfi(/6/2!/4/2)', 0)
  await watched.page.goto(address)
  await firstText(watched.page)
  return watched
}

/** Puts the place that the server keeps. */
async function startAt(page: Page, address: string, locator: string, fraction: number): Promise<void> {
  const save = async (revision: number) =>
    page.request.put(`${address}/position`, {
      headers: { origin: system.origin },
      data: { locator, fraction, revision },
    })
  const answer = await save(0)
  if (answer.ok()) return
  const { position } = (await answer.json()) as { position: { revision: number } }
  expect((await save(position.revision)).ok()).toBe(true)
}

const shownText = (page: Page) => chapterFrame(page)?.evaluate(() => document.body.textContent)
const percent = async (page: Page) => Number.parseInt((await page.locator('.percent').textContent()) ?? '')

/** Does something that turns a page, and waits until it is turned. */
async function turning(page: Page, turn: () => Promise<unknown>): Promise<void> {
  const before = await placeOnScreen(page)
  await turn()
  await eventually(async () => {
    const text = await shownText(page)?.catch(() => undefined)
    return text && (await placeOnScreen(page)) !== before ? true : undefined
  })
}

async function swipe(page: Page, from: number, to: number): Promise<void> {
  const cdp = await page.context().newCDPSession(page)
  const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', x?: number) =>
    cdp.send('Input.dispatchTouchEvent', { type, touchPoints: x === undefined ? [] : [{ x, y: 400 }] })
  await touch('touchStart', from)
  await touch('touchMove', (from + to) / 2)
  await touch('touchMove', to)
  await touch('touchEnd')
}

async function goToChapter(page: Page, label: string): Promise<void> {
  await page.getByRole('button', { name: 'Оглавление' }).click()
  await page.getByRole('button', { name: label }).click()
  await page.locator('footer .chapter', { hasText: label }).waitFor()
}

/** Table cells that reach over the edge of their page, and those that are lost in a box that scrolls. */
const cellsCut = async (page: Page): Promise<string[]> =>
  (await chapterFrame(page)?.evaluate(() => {
    const gap = Number.parseFloat(getComputedStyle(document.documentElement).columnGap)
    const { width } = document.body.getClientRects()[0] ?? new DOMRect()
    const over = ({ left, right }: DOMRect) => {
      const start = Math.floor(left / (width + gap)) * (width + gap) + gap / 2
      return left < start - 1 || right > start + width + 1
    }
    return Array.from(document.querySelectorAll('td'))
      .filter(
        (cell) => Array.from(cell.getClientRects()).some(over) || cell.scrollWidth > cell.clientWidth + 1,
      )
      .map((cell) => cell.closest('table')?.id ?? '')
  })) ?? ['nothing is shown']

const typeOf = async (page: Page, selector: string): Promise<number> =>
  Number.parseFloat(
    (await chapterFrame(page)?.evaluate(
      (wanted) => getComputedStyle(document.querySelector(wanted) ?? document.body).fontSize,
      selector,
    )) ?? '',
  )

describe('a book of fixed pages, from right to left', () => {
  it('turns on by the left key and by a swipe to the right, and back the other way', async () => {
    const { page, context, noise } = await open(fixed)
    expect(await shownText(page)).toContain('Лист 1')
    await turning(page, () => page.keyboard.press('ArrowLeft'))
    expect(await shownText(page)).toContain('Лист 2')
    await turning(page, () => swipe(page, 60, 300))
    expect(await shownText(page)).toContain('Лист 3')
    await turning(page, () => swipe(page, 300, 60))
    expect(await shownText(page)).toContain('Лист 2')
    await turning(page, () => page.keyboard.press('ArrowRight'))
    expect(await shownText(page)).toContain('Лист 1')
    expect(noise).toEqual([])
    await context.close()
  })

  it.each([
    ['phone', phone, 1],
    ['phone on its side', { ...phone, viewport: { width: 740, height: 360 } }, 2],
    ['desk', desk, 2],
  ])('shows whole pages on a %s', async (_device, options, side) => {
    const { page, context } = await open(fixed, options)
    await turning(page, () => page.keyboard.press('ArrowLeft'))
    const { width, height } = page.viewportSize() ?? { width: 0, height: 0 }
    // While a page is turned the old frames are gone before the new ones stand.
    const boxes = await eventually(async () => {
      const frames = page.frames().filter((frame) => frame.url().startsWith('blob:'))
      const found = await Promise.all(
        frames.map(async (frame) => (await frame.frameElement()).boundingBox()),
      ).catch(() => [])
      return found.length === side && found.every((box) => box && box.width > 0) ? found : undefined
    })
    for (const box of boxes) {
      expect(box && box.x >= 0 && box.y >= 0, JSON.stringify(box)).toBe(true)
      expect(box && box.x + box.width <= width + 1 && box.y + box.height <= height, JSON.stringify(box)).toBe(
        true,
      )
      // As large as the screen lets it be.
      expect(box && (box.height > height / 2 || box.width > width / 2)).toBe(true)
    }
    await context.close()
  })

  it('is opened again at the page that was left, also when that stood beside another', async () => {
    const wide = await open(fixed, desk)
    await turning(wide.page, () => wide.page.keyboard.press('ArrowLeft'))
    const saved = wide.page.waitForResponse((response) => response.request().method() === 'PUT')
    await saved
    await wide.context.close()
    const { page, context } = await openPage(browser, { ...phone, storageState })
    await page.goto(fixed)
    await firstText(page)
    expect(await shownText(page)).toContain('Лист 2')
    await context.close()
  })
})

describe('a text that flows', () => {
  it('is read as HTML where it isn’t well-formed', async () => {
    const { page, context, noise } = await open(flowing)
    await goToChapter(page, 'С ошибкой')
    expect(await shownText(page)).toMatch(/Незакрытый абзац и . знак & всё/)
    expect(noise).toEqual([])
    await context.close()
  })

  it('has the book’s looks: imported sheets too, and for this screen; not those of the night', async () => {
    const { page, context } = await open(flowing)
    const spacing = (selector: string) =>
      chapterFrame(page)?.evaluate(
        (wanted) => getComputedStyle(document.querySelector(wanted) ?? document.body).letterSpacing,
        selector,
      )
    expect(await spacing('.imported')).toBe('2px')
    expect(await spacing('.wide')).toBe('1px')
    await context.close()
  })

  it('shows a note over the page, and leads to it and back', async () => {
    const { page, context } = await open(flowing)
    const before = await placeOnScreen(page)
    const note = chapterFrame(page)?.getByText('1', { exact: true })
    await note?.click()
    const dialog = page.getByRole('dialog', { name: 'Примечание' })
    await dialog.waitFor()
    expect(await dialog.innerText()).toContain('1. Само примечание.')
    expect(await placeOnScreen(page)).toBe(before)
    await expectAccessible(page)
    await turning(page, () => page.getByRole('button', { name: 'Открыть в книге' }).click())
    expect(await shownText(page)).toContain('Само примечание')
    await turning(page, () => page.getByRole('button', { name: 'Вернуться на' }).click())
    expect(await shownText(page)).toContain('с примечанием')
    expect(await page.getByRole('button', { name: 'Вернуться на' }).count()).toBe(0)
    await context.close()
  })

  it('changes its type, lines and margins at once, and keeps them', async () => {
    const { page, context } = await open(flowing)
    const look = () =>
      chapterFrame(page)?.evaluate(() => {
        const style = getComputedStyle(document.querySelector('p:last-of-type') ?? document.body)
        return {
          size: style.fontSize,
          line: style.lineHeight,
          gap: getComputedStyle(document.documentElement).columnGap,
        }
      })
    const before = await look()
    await page.getByRole('button', { name: 'Вид страницы' }).click()
    await page.getByRole('button', { name: 'Больше' }).click()
    // Words stay whole, however wide the device's own typeface is: a choice's button and one line.
    const pieces = page.locator('dialog[open] fieldset label').evaluateAll((labels) =>
      labels.map((label) => {
        const words = document.createRange()
        words.selectNodeContents(label)
        return words.getClientRects().length
      }),
    )
    expect(Math.max(...(await pieces))).toBe(2)
    await page.getByRole('group', { name: 'Расстояние между строками' }).getByLabel('Больше').check()
    await page.getByLabel('Широкие').check()
    await expectAccessible(page)
    const after = await look()
    expect(Number.parseFloat(after?.size ?? '')).toBeCloseTo(Number.parseFloat(before?.size ?? '') * 1.1)
    expect(Number.parseFloat(after?.line ?? '')).toBeGreaterThan(Number.parseFloat(before?.line ?? '') * 1.2)
    expect(Number.parseFloat(after?.gap ?? '')).toBeGreaterThan(Number.parseFloat(before?.gap ?? ''))
    await page.reload()
    await firstText(page)
    expect(await look()).toEqual(after)
    await context.close()
  })

  it('cuts no table off: its type gets smaller, then its words go in pieces, then its own widths go', async () => {
    const { page, context, noise } = await open(flowing)
    await goToChapter(page, 'С таблицами')
    await eventually(async () => ((await cellsCut(page)).length === 0 ? true : undefined))
    const narrow = await typeOf(page, '#narrow')
    expect(await typeOf(page, '#wide')).toBeLessThan(narrow)
    expect(await typeOf(page, '#wide')).toBeGreaterThanOrEqual(narrow * 0.6)
    // Whole words as long as smaller type is enough.
    expect(
      await chapterFrame(page)?.evaluate(() => document.querySelector('i')?.getClientRects().length),
    ).toBe(1)
    await page.getByRole('button', { name: 'Вид страницы' }).click()
    for (let times = 0; times < 5; times += 1) await page.getByRole('button', { name: 'Больше' }).click()
    await page.keyboard.press('Escape')
    await eventually(async () => ((await cellsCut(page)).length === 0 ? true : undefined))
    const onPhone = await typeOf(page, '#wide')
    await page.setViewportSize({ width: 1280, height: 800 })
    await eventually(async () => ((await typeOf(page, '#wide')) > onPhone ? true : undefined))
    await eventually(async () => ((await cellsCut(page)).length === 0 ? true : undefined))
    expect(noise).toEqual([])
    await context.close()
  })

  it('turns a page at a notch of the wheel, and a single one at a touchpad’s burst', async () => {
    const { page, context } = await open(flowing, desk)
    await page.clock.install()
    await goToChapter(page, 'Четвёртая')
    const rest = () => page.clock.fastForward(400)
    // A touchpad's small steps come faster than any of them is looked at.
    const burst = () => {
      for (let step = 0; step < 12; step += 1)
        document.dispatchEvent(new WheelEvent('wheel', { deltaY: 30, bubbles: true }))
    }
    for (const [x, y, frame] of [
      [640, 400, () => chapterFrame(page)],
      // Beside the text, where the page is the application's own.
      [5, 20, () => page.mainFrame()],
    ] as const) {
      await page.mouse.move(x, y)
      await rest()
      const first = await placeOnScreen(page)
      await turning(page, () => page.mouse.wheel(0, 120))
      const second = await placeOnScreen(page)
      await rest()
      await frame()?.evaluate(burst)
      await eventually(async () => ((await placeOnScreen(page)) === second ? undefined : true))
      await rest()
      // A burst was one page: so two notches back are where it began.
      await turning(page, () => page.mouse.wheel(0, -120))
      expect(await placeOnScreen(page)).toBe(second)
      await rest()
      await turning(page, () => page.mouse.wheel(0, -120))
      expect(await placeOnScreen(page)).toBe(first)
    }
    await context.close()
  })

  it('reloaded while pages are being turned goes on where it was, and asks of no other device', async () => {
    const { page, context } = await open(flowing)
    await goToChapter(page, 'Четвёртая')
    await turning(page, () => page.keyboard.press('ArrowRight'))
    const before = await percent(page)
    await page.reload()
    await firstText(page)
    expect(await page.locator('footer .chapter').textContent()).toBe('Четвёртая')
    expect(await percent(page)).toBe(before)
    await turning(page, () => page.keyboard.press('ArrowRight'))
    // What comes next is saved, too: the server and the page agree.
    await page.waitForResponse((response) => response.request().method() === 'PUT' && response.ok())
    expect(await page.getByText('На другом устройстве').count()).toBe(0)
    await context.close()
  })

  it('offers the way back after a jump until six pages were read on', async () => {
    const { page, context } = await open(flowing)
    await goToChapter(page, 'Четвёртая')
    const back = page.getByRole('button', { name: 'Вернуться на' })
    await back.waitFor()
    for (let pages = 0; pages < 5; pages += 1) await turning(page, () => page.keyboard.press('ArrowRight'))
    expect(await back.count()).toBe(1)
    await turning(page, () => page.keyboard.press('ArrowRight'))
    await back.waitFor({ state: 'detached' })
    await context.close()
  })

  it('hides its bars by a tap in the middle, and Tab brings them back', async () => {
    const { page, context } = await open(flowing)
    const header = page.locator('header')
    const tap = () => page.touchscreen.tap(180, 400)
    await tap()
    await header.waitFor({ state: 'hidden' })
    await tap()
    await header.waitFor({ state: 'visible' })
    await tap()
    await header.waitFor({ state: 'hidden' })
    await page.keyboard.press('Tab')
    await header.waitFor({ state: 'visible' })
    expect(await page.evaluate(() => document.activeElement?.closest('.away') ?? null)).toBeNull()
    await context.close()
  })

  it('begins at its share of the book when the place itself can’t be found any more', async () => {
    const { page, context, noise } = await openPage(browser, { ...phone, storageState })
    await startAt(page, flowing, 'epubcfi(/6/8!/4/998/6,/1:0,/1:5)', 0.7)
    await page.goto(flowing)
    expect(await firstText(page)).toContain('Четвёртая глава.')
    expect(await percent(page)).toBeGreaterThan(50)
    await startAt(page, flowing, 'epubcfi(/6/998!/4/2)', 0)
    await page.goto(flowing)
    expect(await firstText(page)).toContain('с примечанием')
    expect(noise).toEqual([])
    await context.close()
  })
})

describe('whatever happens while reading', () => {
  it('a broken line is said and waited for', async () => {
    const { page, context } = await open(flowing)
    await context.setOffline(true)
    await page.getByRole('button', { name: 'Оглавление' }).click()
    await page.getByRole('button', { name: 'Четвёртая' }).click()
    await page.getByText('Нет связи').waitFor()
    await context.setOffline(false)
    await page.locator('footer .chapter', { hasText: 'Четвёртая' }).waitFor()
    await page.getByText('Нет связи').waitFor({ state: 'hidden' })
    expect(await shownText(page)).toContain('Четвёртая глава.')
    await context.close()
  })

  it('the book closes at its due moment, without being asked', async () => {
    const { page, context } = await openPage(browser, { ...phone, storageState })
    await page.clock.install()
    await page.goto(flowing)
    await firstText(page)
    // Contents and all the rest come after the first text, the watch over the loan among it.
    await page.getByRole('button', { name: 'Оглавление' }).and(page.locator(':enabled')).waitFor()
    await page.clock.fastForward(31 * 24 * 3_600_000)
    await page.getByText('Книга закрыта').waitFor()
    expect(chapterFrame(page)).toBeUndefined()
    await expectAccessible(page)
    expect(await page.getByRole('link', { name: 'К странице книги' }).isVisible()).toBe(true)
    await context.close()
  })

  it('without JavaScript one sentence says what is needed', async () => {
    const { page, context } = await openPage(browser, { ...phone, storageState, javaScriptEnabled: false })
    await page.goto(flowing)
    const sentence = page.locator('noscript p')
    expect(await sentence.innerText()).toContain('нужен JavaScript')
    expect(await sentence.isVisible()).toBe(true)
    expect(await page.getByText('Открываю книгу').isVisible()).toBe(false)
    await context.close()
  })

  it('a book that was given back is closed at the next text', async () => {
    const { page, context } = await open(flowing)
    const other = await context.newPage()
    await other.goto(`${system.origin}/shelf`)
    await other
      .locator('li, article', { hasText: 'Текущая книга' })
      .getByRole('button', { name: 'Вернуть' })
      .first()
      .click()
    await other.getByText('Книга возвращена').waitFor()
    await page.getByRole('button', { name: 'Оглавление' }).click()
    await page.getByRole('button', { name: 'Четвёртая' }).click()
    await page.getByText('Книга закрыта').waitFor()
    expect(chapterFrame(page)).toBeUndefined()
    await context.close()
  })
})
