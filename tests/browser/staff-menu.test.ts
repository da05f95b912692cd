import type { Browser, Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { desk, openPage, phone } from '../support/browser.ts'
import { signInStaff } from '../support/steps.ts'
import type { RunningSystem } from '../support/system.ts'
import { useDemo } from '../support/use-demo.ts'

let system: RunningSystem
let browser: Browser
useDemo((started) => ({ system, browser } = started))

const open = async (size = phone) => {
  const { page } = await openPage(browser, size)
  await signInStaff(page, system.origin, 'operator@demo.test')
  return page
}
const focused = (page: Page) =>
  page.evaluate(() => document.activeElement?.textContent?.trim().replace(/\s+/g, ' ') ?? '')
const links = (page: Page) => page.locator('header nav a')

describe('the menu of the staff on a narrow screen', () => {
  it('opens and closes by the keyboard; Escape closes it from anywhere within and gives the focus back', async () => {
    const page = await open()
    const menu = page.locator('header summary')
    expect(await links(page).first().isVisible()).toBe(false)
    await menu.focus()
    await page.keyboard.press('Enter')
    await links(page).first().waitFor({ state: 'visible' })
    await page.keyboard.press('Tab')
    await page.keyboard.press('Tab')
    expect(await focused(page)).toBe(await links(page).nth(1).innerText())
    await page.keyboard.press('Escape')
    await links(page).first().waitFor({ state: 'hidden' })
    expect(await focused(page)).toBe('Меню')
    // Closed already: Escape takes the focus from nowhere.
    await page.locator('main a').first().focus()
    const before = await focused(page)
    await page.keyboard.press('Escape')
    expect(await focused(page)).toBe(before)
    await page.context().close()
  })

  it('has the focus go from the name of the system over «Меню» through the sections to the own page, signing out and the page', async () => {
    const page = await open()
    await page.locator('header summary').click()
    const sections = await links(page).allInnerTexts()
    await page.locator('header .brand').focus()
    const order: string[] = []
    for (const _ of [...sections, 'menu', 'own page', 'sign out']) {
      await page.keyboard.press('Tab')
      order.push(await focused(page))
    }
    expect(order).toEqual([
      'Меню',
      ...sections.map((text) => text.trim()),
      'Ольга Сергеевна Крылова',
      'Выйти',
    ])
    await page.keyboard.press('Tab')
    expect(await page.evaluate(() => document.activeElement?.closest('main') !== null)).toBe(true)
    await page.context().close()
  })

  it('closed, keeps its sections out of the way of the focus', async () => {
    const page = await open()
    await page.locator('header summary').focus()
    await page.keyboard.press('Tab')
    expect(await page.evaluate(() => document.activeElement?.closest('main') !== null)).toBe(true)
    await page.context().close()
  })

  it('is gone once it has led to another page', async () => {
    const page = await open()
    await page.locator('header summary').click()
    await links(page).filter({ hasText: 'Карты' }).click()
    await page.waitForURL(`${system.origin}/staff/cards`)
    await links(page).first().waitFor({ state: 'hidden' })
    await page.context().close()
  })
})

describe('on a wide screen', () => {
  it('the sections stand there without a menu', async () => {
    const page = await open(desk)
    expect(await page.locator('header summary').isVisible()).toBe(false)
    expect(await links(page).first().isVisible()).toBe(true)
    await page.context().close()
  })
})
