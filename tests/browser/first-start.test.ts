import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { WatchedPage } from '../support/browser.ts'
import { desk, launchBrowser, openPage } from '../support/browser.ts'
import { smart } from '../support/steps.ts'
import type { RunningSystem } from '../support/system.ts'
import { startSystem } from '../support/system.ts'

let system: RunningSystem
let browser: Browser
let admin: WatchedPage
let link: string

beforeAll(async () => {
  ;[system, browser] = await Promise.all([startSystem(), launchBrowser()])
  link = /http\S+\/staff\/setup\?key=\S+/.exec(system.output())?.[0] ?? ''
  admin = await openPage(browser, desk)
})
afterAll(async () => {
  await browser?.close()
  await system?.dispose()
})

describe('an empty installation', () => {
  it('tells whoever looks, on the pages of readers too', async () => {
    const { page } = admin
    for (const path of ['/', '/join', '/staff/sign-in']) {
      await page.goto(system.origin + path)
      await page.getByText('Система ещё не настроена').waitFor()
    }
  })

  it('offers nobody to sign up from home yet: that would lead back', async () => {
    const { page } = admin
    for (const path of ['/', '/sign-in', '/help']) {
      await page.goto(system.origin + path)
      expect(await page.locator('a[href="/join"]').count(), path).toBe(0)
    }
  })

  it('is set up through the link that the console printed', async () => {
    const { page } = admin
    await page.goto(link)
    await page.locator('[name=regionName]').fill('Костромская область')
    await page.locator('[name=libraryName]').fill('Областная библиотека')
    await page.locator('[name=fullName]').fill('Лапин Андрей')
    await page.locator('[name=email]').fill('admin@library.test')
    await page.locator('[name=password]').fill('десять знаков')
    await page.getByRole('button', { name: 'Начать работу' }).click()
    await page.waitForURL(`${system.origin}/staff/setup/libraries`)
  })

  it('takes its district libraries as a list, and says of a wrong row what is wrong', async () => {
    const { page } = admin
    await page.locator('[name=districts]').fill('Буйская районная библиотека; не почта')
    await page.getByRole('button', { name: 'Добавить' }).click()
    await page.getByText('почта написана с ошибкой').waitFor()
    // The refused form is a 422 on purpose.
    admin.noise.length = 0
    await page.locator('[name=districts]').fill('Буйская районная библиотека; bui@library.test')
    await page.getByRole('button', { name: 'Добавить' }).click()
    await page.getByText('Добавлено библиотек: 1').waitFor()
  })

  it('goes on with nothing typed, and takes along what is', async () => {
    const { page } = admin
    await page.getByRole('button', { name: 'Дальше' }).click()
    await page.waitForURL('**/staff/setup/messages')
    await page.goBack()
    await page.locator('[name=districts]').fill('Галичская районная библиотека')
    await page.getByRole('button', { name: 'Дальше' }).click()
    await page.waitForURL('**/staff/setup/messages')
    await page.getByRole('link', { name: 'Районные библиотеки' }).click()
    await page.getByText('003 · Галичская районная библиотека').waitFor()
    await page.getByRole('link', { name: 'Почта и СМС' }).click()
    await page.getByText('SMTP_URL', { exact: false }).first().waitFor()
    await page.getByRole('link', { name: 'К рабочему столу' }).click()
    await page.getByText('Здравствуйте, Лапин Андрей').waitFor()
    await page.getByRole('heading', { name: 'Что ещё нужно до первой анкеты' }).waitFor()
  })

  it('registers its first reader the same minute, and the slip has the password', async () => {
    const { page } = admin
    await page.getByRole('link', { name: 'Новая анкета' }).click()
    await page.getByLabel('Библиотека').selectOption({ label: 'Буйская районная библиотека' })
    await page.getByLabel('ФИО', { exact: true }).fill('Первая Читательница')
    await page.getByLabel('Дата рождения').fill('1990-01-01')
    await page.locator('[name=consentGiven]').check()
    await page.getByRole('button', { name: 'Отправить', exact: true }).click()
    await page.waitForURL(/\?sent/)
    await page.getByRole('button', { name: 'Зарегистрировать' }).click()
    await page.getByText('Зарегистрировано: Первая Читательница').waitFor()
    await page.getByRole('link', { name: 'Первая Читательница' }).click()
    const slip = await page.getByRole('link', { name: /памятк/i }).getAttribute('href')
    const answer = await page.request.get(new URL(slip ?? '', page.url()).href)
    expect(answer.headers()['content-type']).toBe('application/pdf')
    expect(admin.noise).toEqual([])
  })

  it('opens that link to nobody any more', async () => {
    const { page, context } = await openPage(browser, desk)
    expect((await page.goto(link))?.status()).toBe(409)
    await page.getByText('Система уже настроена').waitFor()
    await context.close()
  })

  it('gets its librarian from the command line, who signs in with the password shown', async () => {
    const added = ['staff', 'add', 'nina@library.test', '--name', 'Нина Соколова', '--role', 'librarian']
    const shown = await smart(system, ...added, '--library', '002')
    const password = /Пароль: (\S+)/.exec(shown)?.[1] ?? ''
    const { page, context } = await openPage(browser, desk)
    await page.goto(`${system.origin}/staff/sign-in`)
    await page.locator('[name=email]').fill('nina@library.test')
    await page.locator('[name=password]').fill(password)
    await page.getByRole('button', { name: 'Войти' }).click()
    await page.getByText('Библиотекарь · Буйская районная').waitFor()
    await context.close()
  })
})
