import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readSheet } from '../../src/protocols/sheet/read-sheet.ts'
import { desk, launchBrowser, openPage } from '../support/browser.ts'
import { startDemo } from '../support/demo.ts'
import { ask, signIn } from '../support/http.ts'
import { demoPassword, signInStaff } from '../support/steps.ts'
import type { RunningSystem } from '../support/system.ts'

let system: RunningSystem
let browser: Browser

beforeAll(async () => {
  system = await startDemo()
  browser = await launchBrowser()
})
afterAll(async () => {
  await browser?.close()
  await system?.dispose()
})

const table = (surname: string) =>
  [
    'ФИО;Дата рождения;Телефон;Примечание',
    `${surname} Анна;05.03.1990;;=1+1`,
    `${surname} Лев;31.02.1990;12;x`,
  ].join('\r\n')

async function librarian(javaScriptEnabled: boolean): Promise<Page> {
  const { page } = await openPage(browser, { ...desk, javaScriptEnabled, acceptDownloads: true })
  await signInStaff(page, system.origin, 'librarian@demo.test')
  return page
}

async function upload(page: Page, name: string, content: string | Uint8Array): Promise<void> {
  await page.goto(`${system.origin}/staff/lists/new`)
  const buffer = Buffer.from(content)
  await page.locator('[name=file]').setInputFiles({ name, mimeType: 'application/octet-stream', buffer })
  await page.getByRole('button', { name: 'Загрузить файл' }).click()
}

/** Presses the link that looks again, as long as the list is at work; with scripts the page looks by itself. */
async function rests(page: Page, heading: string, scripted: boolean): Promise<void> {
  const found = page.getByRole('heading', { name: heading, exact: true })
  if (scripted) return found.waitFor()
  if ((await found.count()) > 0) return
  await page.getByRole('link', { name: 'Обновить' }).click()
  return rests(page, heading, scripted)
}

describe('a librarian’s list', () => {
  for (const scripted of [true, false])
    it(`goes into the queue ${scripted ? 'with' : 'without'} JavaScript, and its faulty rows come back as a file`, async () => {
      const page = await librarian(scripted)
      const surname = scripted ? 'Списочная' : 'Бесскриптова'
      await upload(page, `${surname}.csv`, table(surname))
      await page.getByRole('cell', { name: `${surname} Анна` }).waitFor()
      expect(await page.locator('#column-0').inputValue()).toBe('fullName')
      await page.getByRole('button', { name: 'Проверить строки' }).click()
      await page.getByText('Отметьте, что согласия подписаны').waitFor()
      await page.locator('[name=consentGiven]').check()
      await page.getByRole('button', { name: 'Проверить строки' }).click()
      await rests(page, 'Проверен', scripted)
      await page.getByText('Такой даты нет').waitFor()
      await page.getByRole('button', { name: 'Записать: 1' }).click()
      await rests(page, 'Готово', scripted)

      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('link', { name: 'Скачать в XLSX' }).click(),
      ])
      const { rows } = await readSheet(await readFile(await download.path()))
      expect(download.suggestedFilename()).toBe(`${surname} — исправить.xlsx`)
      expect(rows.map(({ cells }) => cells.slice(0, 4))).toEqual([
        ['ФИО', 'Дата рождения', 'Телефон', 'Примечание'],
        [`${surname} Лев`, '31.02.1990', '12', 'x'],
      ])
      expect(rows[0]?.cells[4]).toBe('Что исправить')
      expect(rows[1]?.cells[4]).toContain('Такой даты нет')

      await page.goto(`${system.origin}/staff/applications?state=sent`)
      await page.getByText(`${surname} Анна`).waitFor()
      await page.context().close()
    })

  it('that can’t be read is refused with a sentence, whatever it is called', async () => {
    const page = await librarian(true)
    const cases: [string, Uint8Array | string, string][] = [
      ['анкеты.xlsx', '%PDF-1.7', 'Это не таблица'],
      ['анкеты.csv', Uint8Array.from([0xd0, 0xcf, 0x11, 0xe0, 0, 0]), 'Файл повреждён'],
      ['анкеты.xlsx', Uint8Array.from([0x50, 0x4b, 3, 4, 0, 0]), 'Файл повреждён'],
      ['пусто.csv', 'ФИО;Дата\r\n', 'В файле нет строк'],
    ]
    for (const [name, content, sentence] of cases) {
      await upload(page, name, content)
      await page.getByText(sentence).waitFor()
    }
    await page.context().close()
  })

  it('of fifty megabytes is refused with a sentence, not with a dropped line', async () => {
    const credentials = { email: 'librarian@demo.test', password: demoPassword }
    const cookie = `staff=${await signIn(system.origin, '/staff/sign-in', credentials)}`
    const form = await ask(system.origin, { path: '/staff/lists/new' }, cookie)
    const [, libraryId = ''] = /name="libraryId" value="([0-9a-f-]{36})"/.exec(form.text) ?? []
    const answer = await ask(
      system.origin,
      {
        path: '/staff/lists/new',
        form: { formKey: randomUUID(), kind: 'questionnaires', libraryId },
        upload: { field: 'file', name: 'большой.csv', bytes: new Uint8Array(50 * 1024 * 1024).fill(0x61) },
      },
      cookie,
    )
    expect(answer.status).toBe(422)
    expect(answer.text).toContain('Файл слишком большой')
  })
})

describe('an export', () => {
  it('has the chosen columns in their order, remembers them, and opens in old Excel', async () => {
    const page = await librarian(true)
    await page.goto(`${system.origin}/staff/lists/export`)
    const places = page.locator('[name^=place-]')
    for (const [place, column] of ['birthDate', 'fullName'].entries())
      await places.nth(place).selectOption(column)
    for (let place = 2; place < (await places.count()); place += 1) await places.nth(place).selectOption('')
    await page.getByLabel(/старого Excel/).check()
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Скачать' }).click(),
    ])
    const bytes = await readFile(await download.path())
    const text = new TextDecoder('windows-1251').decode(bytes)
    expect(text).toMatch(/^Дата рождения;ФИО\r\n\d\d\.\d\d\.\d{4};[А-ЯЁ]/u)
    await page.reload()
    expect(await places.first().inputValue()).toBe('birthDate')
    expect(await places.nth(2).inputValue()).toBe('')
    await page.context().close()
  })
})
