import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { madeEpub } from '../../src/protocols/epub/epub.fixtures.ts'
import { madeFb2 } from '../../src/protocols/fb2/fb2.fixtures.ts'
import { zipBytes } from '../../src/protocols/zip/write-zip.ts'
import { expectAccessible } from '../support/accessibility.ts'
import { messagesAtOnce } from '../support/at-once.ts'
import { desk, launchBrowser, openPage, phoneScreen } from '../support/browser.ts'
import { startDemo } from '../support/demo.ts'
import { signInStaff } from '../support/steps.ts'
import type { RunningSystem } from '../support/system.ts'
import { eventually, outboxOf } from '../support/system.ts'

let system: RunningSystem
let browser: Browser

beforeAll(async () => {
  ;[system, browser] = await Promise.all([startDemo(), launchBrowser()])
  await messagesAtOnce(system)
})
afterAll(async () => {
  await browser?.close()
  await system?.dispose()
})

describe('a questionnaire with a fault', () => {
  it('goes back with the operator’s reason, is mended by its librarian and registered', async () => {
    const office = await openPage(browser, desk)
    await signInStaff(office.page, system.origin, 'operator@demo.test')
    await office.page.goto(`${system.origin}/staff/applications`)
    await office.page.getByRole('link', { name: 'Комаров Степан Андреевич' }).click()
    await office.page.getByLabel('Что нужно исправить').fill('Проверьте год рождения')
    await office.page.getByRole('button', { name: 'Вернуть на доработку' }).click()
    // On to the next one in the queue.
    await office.page.getByRole('heading', { name: 'Ершова Анфиса Григорьевна' }).waitFor()

    const letter = await eventually(async () =>
      (await outboxOf(system.origin)).find(({ subject }) => subject === 'Анкету нужно исправить'),
    )
    expect(letter.text).not.toContain('Комаров')
    const address = /http\S+\/staff\/applications\/\S+/.exec(letter.text)?.[0] ?? ''

    const district = await openPage(browser, desk)
    await signInStaff(district.page, system.origin, 'librarian@demo.test')
    await district.page.goto(address)
    await district.page.getByText('Проверьте год рождения').first().waitFor()
    await expectAccessible(district.page)
    expect(await district.page.getByLabel('ФИО', { exact: true }).inputValue()).toBe(
      'Комаров Степан Андреевич',
    )
    await district.page.getByLabel('Дата рождения').fill('1984-10-15')
    await district.page.locator('[name=consentGiven]').check()
    await district.page.getByRole('button', { name: 'Исправить и отправить снова' }).click()
    await district.page.waitForURL(/\?sent/)

    await office.page.goto(address)
    await office.page.getByText('15.10.1984').waitFor()
    await office.page.keyboard.press('Control+Enter')
    await office.page.getByText('Зарегистрировано: Комаров Степан Андреевич').waitFor()
    expect([...office.noise, ...district.noise]).toEqual([])
    await office.context.close()
    await district.context.close()
  })
})

describe('a curator', () => {
  it('takes in a batch: the sound books come in, the broken one is named with its fault', async () => {
    const { page, context, noise } = await openPage(browser, desk)
    await signInStaff(page, system.origin, 'curator@demo.test')
    await page.getByRole('link', { name: 'Фонд' }).first().click()
    await page.getByRole('link', { name: 'Добавить книги' }).click()
    const fb2 = Buffer.from(madeFb2({ titleInfo: '<book-title>Пробная повесть</book-title><lang>ru</lang>' }))
    const epub = await madeEpub({
      metadata: '<dc:title>Пробный роман</dc:title><dc:language>ru</dc:language>',
    })
    await page.getByLabel('Файлы книг').setInputFiles([
      { name: 'roman.epub', mimeType: 'application/epub+zip', buffer: epub },
      {
        name: 'povest.fb2.zip',
        mimeType: 'application/zip',
        buffer: await zipBytes([{ name: 'povest.fb2', bytes: fb2 }]),
      },
      { name: 'obryv.epub', mimeType: 'application/epub+zip', buffer: epub.subarray(0, 500) },
    ])
    await page.getByLabel('Возрастная отметка').selectOption('12')
    await page.getByLabel('Сколько экземпляров можно выдать сразу').fill('3')
    await page.getByRole('button', { name: 'Загрузить' }).click()
    await page.getByText('Добавлено книг: 2').waitFor()
    const broken = page.locator('li.fault')
    expect(await broken.innerText()).toContain('obryv.epub')
    expect(await broken.innerText()).toContain('Файл оборван или это не EPUB')
    await expectAccessible(page)

    await page.goto(`${system.origin}/staff/catalogue`)
    const row = page.locator('li', { hasText: 'Пробная повесть' })
    expect(await row.innerText()).toContain('12+')
    expect(await row.innerText()).toContain('экземпляров: 3, на руках: 0')
    await page.setViewportSize(phoneScreen)
    const add = await page.getByRole('link', { name: 'Добавить книги' }).boundingBox()
    const lists = await page.locator('nav.filters').boundingBox()
    // A thumb tells the one from the other.
    expect((lists?.y ?? 0) - (add?.y ?? 0) - (add?.height ?? 0)).toBeGreaterThanOrEqual(8)
    expect(noise).toEqual([])
    await context.close()
  })

  it('finds what has no age mark and no licence, gives both, and readers see the book', async () => {
    const { page, context } = await openPage(browser, desk)
    await page.goto(system.origin)
    const books = await page.locator('main a[href^="/books/"]').allInnerTexts()
    await signInStaff(page, system.origin, 'curator@demo.test')
    await page.goto(`${system.origin}/staff/catalogue?list=unmarked`)
    const title = await page.locator('.what strong').first().innerText()
    expect(books.join()).not.toContain(title)
    await page.goto(`${system.origin}/staff/catalogue?list=unlicensed`)
    const row = page.locator('li', { hasText: title })
    await row.locator('summary').click()
    await row.getByLabel('Возрастная отметка').selectOption('0')
    await row.getByLabel('Лицензия').selectOption('open')
    await row.getByRole('button', { name: 'Сохранить' }).click()
    await page.getByText('Сохранено').waitFor()
    await page.getByText('Таких книг нет').waitFor()
    await page.goto(`${system.origin}/search?q=${encodeURIComponent(title)}`)
    await page.getByRole('link', { name: title }).first().waitFor()
    await context.close()
  })
})

describe('a settings page that stands open in another tab', () => {
  /** A field for either tab of the page, and what each puts there. */
  const forms = [
    { path: '/staff/settings', one: ['loanDays', '21'], other: ['hoursLimit', '72'] },
    { path: '/staff/settings/cards', one: ['validYears', '3'], other: ['lowStock', '33'] },
    { path: '/staff/settings/provider', one: ['name', 'Внешняя'], other: ['instructions', 'Спросите нас.'] },
    { path: '/staff/settings/department', one: ['name', 'Отдел книг'], other: ['phone', '8 494 200-00-00'] },
  ] as const

  it.each(forms)('puts nothing back that was set meanwhile: $path', async ({ path, one, other }) => {
    const { page: early, context } = await openPage(browser, { ...desk, javaScriptEnabled: false })
    await signInStaff(early, system.origin, 'admin@demo.test')
    await early.goto(system.origin + path)
    const late = await context.newPage()
    await late.goto(system.origin + path)
    for (const [page, [name, value]] of [
      [late, other],
      [early, one],
    ] as const) {
      await page.locator(`main [name=${name}]`).fill(value)
      await page
        .locator('main form')
        .filter({ has: page.locator(`[name=${name}]`) })
        .locator('.button')
        .click()
      await page.waitForURL(/\?saved/)
    }
    for (const [name, value] of [one, other])
      expect(await early.locator(`main [name=${name}]`).inputValue(), name).toBe(value)
    await context.close()
  })
})
