import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectAccessible } from '../support/accessibility.ts'
import { messagesAtOnce } from '../support/at-once.ts'
import type { WatchedPage } from '../support/browser.ts'
import { desk, launchBrowser, openPage, phone } from '../support/browser.ts'
import { startDemo } from '../support/demo.ts'
import { codesOn, textOf } from '../support/pdf.ts'
import type { RunningSystem } from '../support/system.ts'
import { eventually, outboxOf } from '../support/system.ts'
import type { Credentials } from '../support/steps.ts'
import { firstText, placeOnScreen, signInReader, signInStaff } from '../support/steps.ts'

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

interface Child {
  name: string
  phone: string
  e164: string
}

/** The PDF that a link or button opens in a new tab. */
async function pdfBehind(page: Page, address: RegExp, press: () => Promise<void>): Promise<Buffer> {
  const context = page.context()
  const pdf = new Promise<Buffer>((resolve) => {
    void context.route(address, async (route) => {
      const response = await route.fetch()
      expect(response.headers()['cache-control']).toBe('no-store')
      resolve(await response.body())
      // The browser's own viewer is no part of the test.
      await route.fulfill({ contentType: 'text/plain', body: 'printed' })
    })
  })
  const tab = page.waitForEvent('popup')
  await press()
  const bytes = await pdf
  await (await tab).close()
  await context.unroute(address)
  return bytes
}

describe.for([
  ['phone', phone, { name: 'Пчёлкина Варвара Игоревна', phone: '8 (910) 000-11-01', e164: '+79100001101' }],
  ['desk', desk, { name: 'Ёлкин Захар Олегович', phone: '8 (910) 000-11-02', e164: '+79100001102' }],
] as const)('the whole path on a %s', ([, size, child]: readonly [string, typeof desk, Child]) => {
  let librarian: WatchedPage
  let operator: WatchedPage
  let reader: WatchedPage
  let applicationPath: string
  let credentials: Credentials

  beforeAll(async () => {
    librarian = await openPage(browser, size)
    operator = await openPage(browser, size)
    reader = await openPage(browser, size)
  })
  afterAll(async () => {
    for (const each of [librarian, operator, reader]) await each?.context.close()
  })

  it('begins with the librarian, who can’t send a questionnaire without consent', async () => {
    const { page } = librarian
    await signInStaff(page, system.origin, 'librarian@demo.test')
    await expectAccessible(page)
    await page.getByRole('link', { name: 'Новая анкета' }).first().click()
    await page.getByLabel('ФИО', { exact: true }).fill(child.name)
    await page.getByLabel('Дата рождения').fill('2016-05-04')
    await page.getByLabel('Контактный телефон').fill(child.phone)
    await expectAccessible(page)
    expect(await page.getByLabel('Номер читательского билета').inputValue()).toContain('центральн')
    expect(await page.getByLabel('Пароль').inputValue()).toContain('центральн')
    await page.getByRole('button', { name: 'Отправить', exact: false }).last().click()
    expect(
      await page.locator('[name=consentGiven]').evaluate((box: HTMLInputElement) => box.validity.valid),
    ).toBe(false)
    expect(page.url()).toContain('/staff/applications/new')
  })

  it('goes on with the consent document, filled in with what is typed and nothing lost from the form', async () => {
    const { page } = librarian
    await page.locator('[name=guardianName]').fill('Пчёлкина Дарья')
    await page.locator('[name=guardianRelation]').fill('мама')
    const pdf = await pdfBehind(page, /\/applications\/consent$/, () =>
      page.getByRole('button', { name: 'Распечатать согласие', exact: true }).click(),
    )
    const text = textOf(pdf)
    expect(text).toContain(child.name)
    expect(text).toContain('Буйская районная библиотека')
    expect(text).toContain('Пчёлкина Дарья')
    expect(await page.getByLabel('ФИО', { exact: true }).inputValue()).toBe(child.name)
  })

  it('sends the questionnaire once, however often the button is pressed', async () => {
    const { page } = librarian
    await page.locator('[name=consentGiven]').check()
    await page.locator('[name=handoverGiven]').check()
    await page.locator('form.panel button.button').last().dblclick()
    await page.waitForURL(/\/staff\/applications\/[0-9a-f-]{36}\?sent/)
    applicationPath = new URL(page.url()).pathname
    await expectAccessible(page)
    await page.goto(`${system.origin}/staff/applications`)
    await expectAccessible(page)
    expect(await page.getByRole('link', { name: child.name }).count()).toBe(1)
  })

  it('reaches the operator, oldest first, who registers with Ctrl+Enter and a provider’s number', async () => {
    const { page } = operator
    await signInStaff(page, system.origin, 'operator@demo.test')
    await expectAccessible(page)
    await page.goto(`${system.origin}/staff/applications`)
    await expectAccessible(page)
    await page.getByRole('link', { name: child.name }).click()
    await page.waitForURL(system.origin + applicationPath)
    await expectAccessible(page)
    await page.locator('[name=providerNumber]').fill('90011223')
    await page.locator('[name=providerPassword]').fill('Qq-Ёж12345')
    await page.keyboard.press('Control+Enter')
    await page.getByText(`Зарегистрировано: ${child.name}`).waitFor()
    await expectAccessible(page)
  })

  it('tells the reader number and both passwords by SMS', async () => {
    const sms = await eventually(async () =>
      (await outboxOf(system.origin)).find((each) => each.channel === 'sms' && each.to === child.e164),
    )
    const [, number = ''] = /Билет (\d{13})/.exec(sms.text) ?? []
    const [, password = ''] = /Пароль (\S{8})$/m.exec(sms.text) ?? []
    expect(sms.text).toContain('90011223')
    expect(sms.text).toContain('Qq-Ёж12345')
    credentials = { number, password }
  })

  it('shows the librarian «Готово» and a slip whose barcode and QR code another decoder can read', async () => {
    const { page } = librarian
    await page.goto(system.origin + applicationPath)
    await page.getByText('Готово', { exact: false }).first().waitFor()
    await expectAccessible(page)
    const pdf = await pdfBehind(page, /\/slip$/, () => page.getByRole('link', { name: /памятк/i }).click())
    const text = textOf(pdf)
    expect(text).toContain(credentials.password)
    expect(text).toContain('90011223')
    const codes = await codesOn(pdf)
    expect(codes).toContainEqual({ format: 'EAN13', text: credentials.number })
    expect(codes).toContainEqual({
      format: 'QRCode',
      text: `${system.origin}/sign-in#card=${credentials.number}`,
    })
  })

  it('lets the reader in by the QR code’s address, the number filled in, the password typed in capitals', async () => {
    const { page } = reader
    await page.goto(`${system.origin}/`)
    await expectAccessible(page)
    await page.goto(`${system.origin}/sign-in#card=${credentials.number}`)
    await expectAccessible(page)
    const field = page.getByLabel('Номер читательского билета')
    expect((await field.inputValue()).replaceAll(' ', '')).toBe(credentials.number)
    await page.getByLabel('Пароль', { exact: true }).fill(credentials.password.toUpperCase())
    await page.getByRole('button', { name: 'Войти с читательским билетом' }).click()
    await page.waitForURL(`${system.origin}/shelf`)
    await expectAccessible(page)
  })

  it('finds a book by another form of its word, takes it and reads the first page', async () => {
    const { page } = reader
    await page.goto(`${system.origin}/search?q=${encodeURIComponent('погоду')}`)
    await expectAccessible(page)
    await page.getByRole('link', { name: 'Летопись погоды' }).first().click()
    await page.getByRole('button', { name: 'Взять' }).click()
    await page.getByText('Книга у вас до').waitFor()
    await expectAccessible(page)
    await page.getByRole('link', { name: 'Читать' }).click()
    await page.waitForURL(/\/read\//)
    const text = await firstText(page)
    expect(text).toContain('января')
    await expectAccessible(page)
  })

  it('turns pages by key, tap and swipe, and by the contents', async () => {
    const { page } = reader
    const seen = [await placeOnScreen(page)]
    const next = async (turn: () => Promise<unknown>) => {
      await turn()
      seen.push(
        await eventually(async () =>
          (await placeOnScreen(page)) === seen.at(-1) ? undefined : placeOnScreen(page),
        ),
      )
    }
    await next(() => page.keyboard.press('ArrowRight'))
    await next(() => page.getByRole('button', { name: 'Следующая страница' }).click())
    const { width, height } = size.viewport ?? { width: 0, height: 0 }
    await next(() => page.mouse.click(width * 0.95, height / 2))
    await next(() => page.mouse.click(width * 0.05, height / 2))
    await next(() => page.keyboard.press('PageDown'))
    await page.getByRole('button', { name: 'Оглавление' }).click()
    await expectAccessible(page)
    await next(() => page.getByRole('button', { name: '1997 год, март' }).click())
    await page.locator('footer .chapter', { hasText: '1997 год, март' }).waitFor()
  })

  it('keeps theme and type size on the device and the place on the server, for another device too', async () => {
    const { page } = reader
    await page.getByRole('button', { name: 'Вид страницы' }).click()
    await page.getByLabel('Тёмная').check()
    await page.getByRole('button', { name: 'Больше' }).click()
    await expectAccessible(page)
    await page.keyboard.press('Escape')
    const { url, percent } = { url: page.url(), percent: await page.locator('footer .percent').textContent() }
    await page.goto(`${system.origin}/shelf`)
    const second = await openPage(browser, size === phone ? desk : phone)
    await signInReader(second.page, system.origin, credentials)
    await second.page.goto(url)
    await firstText(second.page)
    await second.page.locator('footer .chapter', { hasText: '1997 год, март' }).waitFor()
    expect(await second.page.locator('.reader').getAttribute('data-theme')).toBe('light')
    await page.goto(url)
    await firstText(page)
    expect(await page.locator('.reader').getAttribute('data-theme')).toBe('dark')
    expect(await page.locator('footer .percent').textContent()).toBe(percent)
    expect(second.noise).toEqual([])
    await second.context.close()
  })

  it('ends with giving the book back: after that its text can’t be had by any of its addresses', async () => {
    const { page } = reader
    const { pathname } = new URL(page.url())
    const { link = '' } = (await page.request.get(page.url())).headers()
    const preload = /^<([^>]+)>/.exec(link)?.[1] ?? ''
    expect((await page.request.get(system.origin + preload)).status()).toBe(200)
    await page.goto(`${system.origin}/shelf`)
    expect(await page.locator('main li').first().innerText()).toMatch(/До \d+ [а-я]+\nПрочитано \d+ %/)
    await page.getByRole('button', { name: 'Вернуть' }).click()
    await page.getByText('Книга возвращена').waitFor()
    await expectAccessible(page)
    expect((await page.request.get(system.origin + preload)).status()).toBe(403)
    expect((await page.request.get(system.origin + pathname)).status()).toBe(403)
  })

  it('made no noise on the way', () => {
    expect([...librarian.noise, ...operator.noise, ...reader.noise]).toEqual([])
  })
})
