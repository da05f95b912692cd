import type { Browser, Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { openPage, phone } from '../support/browser.ts'
import { credentialsOf, demoReaders, signInReader } from '../support/steps.ts'
import type { RunningSystem } from '../support/system.ts'
import { useDemo } from '../support/use-demo.ts'

let system: RunningSystem
let browser: Browser
useDemo((started) => ({ system, browser } = started))

/** How far down the tops of what can be pressed in the header lie. */
const rows = async (page: Page): Promise<number[]> => {
  const tops = await page
    .locator('header :is(a, button):visible')
    .evaluateAll((all) =>
      all.map((each) => each.getBoundingClientRect()).map(({ y, height }) => y + height / 2),
    )
  return [...new Set(tops.map(Math.round))]
}

describe('a phone that several people use', () => {
  it('has its header in one row, for a stranger and for a reader, who leaves at the page’s foot', async () => {
    const { page, context } = await openPage(browser, phone)
    await page.goto(system.origin)
    expect(await rows(page)).toHaveLength(1)
    await signInReader(page, system.origin, await credentialsOf(system.origin, demoReaders.alyona))
    expect(await rows(page)).toHaveLength(1)
    expect(await page.getByRole('link', { name: 'Помощь' }).count()).toBe(1)
    await page.getByRole('contentinfo').getByRole('button', { name: 'Выйти' }).click()
    await page.getByRole('link', { name: 'Войти' }).waitFor()
    await context.close()
  })

  it('shows a cover for adults, seen by one, not out of its cache to who uses it next', async () => {
    const { page, context } = await openPage(browser, phone)
    await signInReader(page, system.origin, await credentialsOf(system.origin, demoReaders.alyona))
    await page.goto(`${system.origin}/search?q=${encodeURIComponent('Чужое лицо')}`)
    await page.getByRole('link', { name: 'Чужое лицо' }).first().click()
    await page.waitForURL(/\/books\//)
    const cover = await page.locator('main img[src^="/covers/"]').getAttribute('src')
    const look = () => page.evaluate(async (address) => (await fetch(address)).status, cover ?? '')
    expect(await look()).toBe(200)
    await page.getByRole('button', { name: 'Выйти' }).click()
    await page.getByRole('link', { name: 'Войти' }).waitFor()
    expect(await look()).toBe(404)
    await context.close()
  })
})
