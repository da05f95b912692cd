import { readFile } from 'node:fs/promises'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { csvRow } from '../../src/protocols/sheet/csv.ts'
import { readSheet } from '../../src/protocols/sheet/read-sheet.ts'
import { desk, launchBrowser, openPage } from '../support/browser.ts'
import { startDemo } from '../support/demo.ts'
import { signInStaff } from '../support/steps.ts'
import type { RunningSystem } from '../support/system.ts'

let system: RunningSystem
let browser: Browser

beforeAll(async () => {
  ;[system, browser] = await Promise.all([startDemo(), launchBrowser()])
})
afterAll(async () => {
  await browser?.close()
  await system?.dispose()
})

describe('with JavaScript off', () => {
  it('an operator makes a list for the provider, and brings it back; one that is too large keeps the page', async () => {
    const { page } = await openPage(browser, { ...desk, javaScriptEnabled: false, acceptDownloads: true })
    await signInStaff(page, system.origin, 'admin@demo.test')
    await page.goto(`${system.origin}/staff/settings/provider`)
    await page.locator('[name=mode][value=both]').check()
    await page.locator('[name=name]').fill('Литбиблиотека')
    await page.getByRole('button', { name: 'Сохранить', exact: true }).click()
    await page.getByText('Сохранено').waitFor()
    await page.context().clearCookies()
    await signInStaff(page, system.origin, 'operator@demo.test')
    await page.goto(`${system.origin}/staff/provider`)
    const buffer = Buffer.alloc(2_000_000, 'a;b\n')
    const send = async (name: string, bytes: Buffer) => {
      await page.locator('[name=file]').setInputFiles({ name, mimeType: 'text/csv', buffer: bytes })
      await page.getByRole('button', { name: 'Проверить и принять' }).click()
    }
    await send('large.csv', buffer)
    await page.getByText('Файл слишком большой для списка').waitFor()
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toContain('Литбиблиотека')
    await page.getByRole('button', { name: 'Составить список' }).click()
    await page.getByText('составлен. Скачайте его').waitFor()
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'XLSX' }).first().click(),
    ])
    const { rows } = await readSheet(await readFile(await download.path()))
    expect(rows.length).toBeGreaterThan(1)
    await send('same.csv', Buffer.from(rows.map(({ cells }) => csvRow(cells)).join('')))
    await page.getByText('Ещё не заполнены').waitFor()
  })
})
