import { readFile } from 'node:fs/promises'
import type { Browser } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { csvRow } from '../../src/protocols/sheet/csv.ts'
import { readSheet } from '../../src/protocols/sheet/read-sheet.ts'
import { desk, openPage } from '../support/browser.ts'
import { signInStaff } from '../support/steps.ts'
import type { RunningSystem } from '../support/system.ts'
import { useDemo } from '../support/use-demo.ts'

let system: RunningSystem
let browser: Browser
useDemo((started) => ({ system, browser } = started))

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

    const row = page.locator('ul.rows > li').first()
    const named = (name: string) => row.getByRole('link').filter({ hasText: name })
    const press = async (name: string) => row.getByRole('button', { name, exact: true }).click()
    const enter = async (number: string) => {
      await row.locator('summary').click()
      await row.locator('[name=number]').fill(number)
      await row.locator('[name=providerPassword]').fill('их-пароль')
      await press('Сохранить')
    }
    await enter('К-100')
    await page.getByText('Номер и пароль сохранены').waitFor()
    const next = await row.getByRole('link').first().innerText()
    await enter('К-100')
    await page.getByText('Этот номер уже у другого читателя').waitFor()
    // The row that was refused is open, with what was typed but the password.
    expect(await row.locator('[name=number]').inputValue()).toBe('К-100')
    expect(await row.locator('[name=providerPassword]').inputValue()).toBe('')
    await row.locator('[name=reason]').fill('Нет такого города')
    await press('Записать отказ')
    await page.getByText('Отказ службы записан').waitFor()
    await named(next).waitFor()
    await page.getByText('Нет такого города').waitFor()
    await row.locator('summary').click()
    await press('В следующий список')
    await page.getByText('Читатель попадёт в следующий список').waitFor()
    expect(await page.getByText('Нет такого города').count()).toBe(0)
  })
})
