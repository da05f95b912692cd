import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { desk, launchBrowser, openPage, phone } from '../support/browser.ts'
import { startDemo } from '../support/demo.ts'
import type { Region } from '../support/region.ts'
import { createRegion } from '../support/region.ts'
import { codeSentTo, credentialsOf, signInReader, signInStaff } from '../support/steps.ts'
import type { RunningSystem } from '../support/system.ts'
import { eventually, outboxOf } from '../support/system.ts'

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
async function newReader() {
  people += 1
  const mobile = `+791000077${String(people).padStart(2, '0')}`
  const application = await region.sent('librarian', { phone: mobile, email: `texts${people}@demo.test` })
  await region.done('operator', {
    path: `/staff/applications/${application}?/register`,
    form: { revision: '1', providerNumber: '', providerPassword: '' },
  })
  return { who: await credentialsOf(system.origin, mobile), mobile, email: `texts${people}@demo.test` }
}
const askForCode = (number: string) =>
  region.done('stranger', { path: '/recover?/send', form: { cardNumber: number, channel: 'sms' } })

describe.each([
  ['with JavaScript', phone, 'methodologist@demo.test', 'ru', 'Новый код'],
  ['with JavaScript off', { ...desk, javaScriptEnabled: false }, 'admin@demo.test', 'en', 'New code'],
] as const)('%s', (_how, size, who, language, words) => {
  it('a text is mended, looked at and saved; the next message carries it', async () => {
    const reader = await newReader()
    const { page, context } = await openPage(browser, size)
    await signInStaff(page, system.origin, who)
    await page.goto(`${system.origin}/staff/settings/messages/texts/sms/${language}/reader.code`)
    const body = page.getByLabel('Текст', { exact: true })
    await body.fill(`${words} {кот}`)
    await page.getByRole('button', { name: 'Сохранить' }).click()
    await page.locator('#body-fault', { hasText: 'Может быть, «{код}»?' }).waitFor()
    expect(await body.inputValue()).toBe(`${words} {кот}`)

    await body.fill(`${words} {код}`)
    if (size !== phone) await page.getByRole('button', { name: 'Показать' }).click()
    await page.getByText(`${words} 123456`).waitFor()
    await page.getByText(`Знаков: ${words.length + 7} · частей СМС: 1`).waitFor()
    expect(await body.inputValue()).toBe(`${words} {код}`)
    await page.getByRole('button', { name: 'Сохранить' }).click()
    await page.getByText('Текст сохранён').waitFor()
    await context.close()

    const own = await openPage(browser, size)
    await signInReader(own.page, system.origin, reader.who)
    await own.page.goto(`${system.origin}/profile`)
    await own.page.getByLabel('На каком языке приходят').selectOption(language)
    await own.page.getByRole('button', { name: 'Сохранить язык' }).click()
    await own.page.getByText('Язык сообщений сохранён').waitFor()
    await own.context.close()
    await askForCode(reader.who.number)
    const code = await codeSentTo(system.origin, reader.mobile)
    const sent = await eventually(async () =>
      (await outboxOf(system.origin)).find(({ to, text }) => to === reader.mobile && text.includes(code)),
    )
    expect(sent.text).toBe(`${words} ${code}`)
  })
})

it('whoever saves second is told, keeps the text, and may save it knowingly', async () => {
  const address = `${system.origin}/staff/settings/messages/texts/sms/ru/reader.new-password`
  const [one, two] = [await openPage(browser, desk), await openPage(browser, desk)]
  await signInStaff(one.page, system.origin, 'admin@demo.test')
  await signInStaff(two.page, system.origin, 'methodologist@demo.test')
  const bodies = [one, two].map(({ page }) => page.getByLabel('Текст', { exact: true }))
  for (const { page } of [one, two]) await page.goto(address)
  await bodies[0]?.fill('Первый {билет} {пароль}')
  await bodies[1]?.fill('Второй {билет} {пароль}')
  await one.page.getByRole('button', { name: 'Сохранить' }).click()
  await one.page.getByText('Текст сохранён').waitFor()
  await two.page.getByRole('button', { name: 'Сохранить' }).click()
  await two.page.getByText('сохранил кто-то другой').waitFor()
  expect(await bodies[1]?.inputValue()).toBe('Второй {билет} {пароль}')
  await two.page.getByText('Первый {билет} {пароль}').waitFor({ state: 'attached' })
  await two.page.getByRole('button', { name: 'Сохранить' }).click()
  await two.page.getByText('Текст сохранён').waitFor()
  await Promise.all([one.context.close(), two.context.close()])
})
