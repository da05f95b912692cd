import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { desk, launchBrowser, openPage, phone } from '../support/browser.ts'
import { startDemo } from '../support/demo.ts'
import type { Region } from '../support/region.ts'
import { createRegion } from '../support/region.ts'
import type { Credentials } from '../support/steps.ts'
import { codeSentTo, credentialsOf, signInReader, signInStaff } from '../support/steps.ts'
import type { RunningSystem } from '../support/system.ts'

let system: RunningSystem
let region: Region
let browser: Browser

beforeAll(async () => {
  ;[system, browser] = await Promise.all([startDemo(), launchBrowser()])
  region = await createRegion(system)
})
afterAll(async () => {
  await browser?.close()
  await system?.dispose()
})

let people = 0
/** A reader with a phone and a mailbox of her own. */
async function newReader(): Promise<{ who: Credentials; mobile: string; email: string }> {
  people += 1
  const mobile = `+791000088${String(people).padStart(2, '0')}`
  const email = `forgetful${people}@demo.test`
  const application = await region.sent('librarian', { phone: mobile, email })
  await region.done('operator', {
    path: `/staff/applications/${application}?/register`,
    form: { revision: '1', providerNumber: '', providerPassword: '' },
  })
  return { who: await credentialsOf(system.origin, mobile), mobile, email }
}

describe.each([
  ['on a phone', phone, 'СМС', 'mobile'],
  ['at a desk with JavaScript off', { ...desk, javaScriptEnabled: false }, 'почту', 'email'],
] as const)('%s', (_where, size, channel, contact) => {
  it('a forgotten password is replaced with a code, and a mistyped one loses nothing', async () => {
    const reader = await newReader()
    const { page, context } = await openPage(browser, size)
    await page.goto(`${system.origin}/sign-in`)
    await page.getByRole('link', { name: 'Забыли пароль?' }).click()
    await page.getByRole('heading', { name: 'Новый пароль' }).waitFor()
    await page.getByLabel('Номер читательского билета').fill(reader.who.number)
    await page.getByLabel(channel).check()
    await page.getByRole('button', { name: 'Прислать код' }).click()
    await page.getByText('код уже в пути').waitFor()
    const code = await codeSentTo(system.origin, reader[contact])

    await page.getByLabel('Код из сообщения').fill(code === '000000' ? '111111' : '000000')
    await page.getByLabel('Новый пароль').fill('Сирень у крыльца')
    await page.getByRole('button', { name: 'Сохранить пароль' }).click()
    await page.getByText('Код не подошёл').waitFor()
    expect(await page.getByLabel('Номер читательского билета').inputValue()).toBe(reader.who.number)

    await page.getByLabel('Код из сообщения').fill(code)
    await page.getByLabel('Новый пароль').fill('Сирень у крыльца')
    await page.getByRole('button', { name: 'Сохранить пароль' }).click()
    await page.getByText('Новый пароль сохранён').waitFor()
    if (size === phone)
      expect(await page.getByLabel('Номер читательского билета').inputValue()).toBe(reader.who.number)
    await signInReader(page, system.origin, { number: reader.who.number, password: 'Сирень у крыльца' })
    await context.close()
  })

  it('a known password is changed in the profile; other devices are signed out', async () => {
    const reader = await newReader()
    const elsewhere = await openPage(browser, desk)
    await signInReader(elsewhere.page, system.origin, reader.who)
    const { page, context } = await openPage(browser, size)
    await signInReader(page, system.origin, reader.who)
    await page.goto(`${system.origin}/profile`)
    await page.getByRole('link', { name: 'Сменить пароль' }).click()
    await page.getByRole('heading', { name: 'Сменить пароль' }).waitFor()
    await page.getByLabel('Пароль сейчас').fill('не тот')
    await page.getByLabel('Новый пароль').fill('Сирень у крыльца')
    await page.getByRole('button', { name: 'Сохранить пароль' }).click()
    await page.getByText('Пароль не подошёл').waitFor()
    await page.getByLabel('Пароль сейчас').fill(reader.who.password)
    await page.getByLabel('Новый пароль').fill('Сирень у крыльца')
    await page.getByRole('button', { name: 'Сохранить пароль' }).click()
    await page.getByText('Пароль изменён').waitFor()
    await elsewhere.page.goto(`${system.origin}/shelf`)
    await elsewhere.page.getByRole('heading', { name: 'Вход для читателя' }).waitFor()
    await elsewhere.context.close()
    await context.close()
  })

  it('at the desk a librarian gives a new password and puts a stranger’s phone right', async () => {
    const reader = await newReader()
    const [row] = await region.sql('select reader_id from cards where number = $1', [reader.who.number])
    const { page, context } = await openPage(browser, size)
    await signInStaff(page, system.origin, 'librarian@demo.test')
    await page.goto(`${system.origin}/staff/readers/${row?.['reader_id']}`)
    await page.locator('main summary', { hasText: 'Дать новый пароль' }).click()
    const mobile = `+791000099${String(people).padStart(2, '0')}`
    await page.getByLabel('Телефон для нового пароля').fill(mobile)
    await page.getByLabel('Это сам читатель').check()
    await page.getByRole('button', { name: 'Дать новый пароль' }).click()
    await page.getByText('Новый пароль выдан').waitFor()
    const given = await credentialsOf(system.origin, mobile)
    expect(given.number).toBe(reader.who.number)
    await context.close()
    const own = await openPage(browser, phone)
    await signInReader(own.page, system.origin, given)
    await own.context.close()
  })
})
