import type { Browser } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { desk, openPage, phone } from '../support/browser.ts'
import { signInStaff, smart } from '../support/steps.ts'
import type { RunningSystem } from '../support/system.ts'
import { eventually, outboxOf } from '../support/system.ts'
import { useDemo } from '../support/use-demo.ts'

let system: RunningSystem
let browser: Browser
useDemo((started) => ({ system, browser } = started))

const password = 'Сирень у крыльца'
const linkSentTo = (email: string) =>
  eventually(async () => {
    const letter = (await outboxOf(system.origin)).find(({ to }) => to === email)
    return /http\S+\?key=\S+/.exec(letter?.text ?? '')?.[0]
  })

describe.each([
  ['with JavaScript', phone, 'Чухломская районная библиотека'],
  ['with JavaScript off', { ...desk, javaScriptEnabled: false }, 'Сусанинская районная библиотека'],
] as const)('%s', (_how, size, library) => {
  it('a library is invited, its librarian comes in by the letter and sends a questionnaire; the list shows it', async () => {
    const email = `first-${size === phone ? 'phone' : 'desk'}@demo.test`
    const { page: methodologist, noise } = await openPage(browser, size)
    await signInStaff(methodologist, system.origin, 'methodologist@demo.test')
    const stepsShown = async () => {
      await methodologist.goto(`${system.origin}/staff/network`)
      const row = methodologist.getByRole('listitem').filter({ hasText: library })
      return (await row.locator('dd').allInnerTexts()).map((text) => (text.includes('—') ? '' : 'done'))
    }
    expect(await stepsShown()).toEqual(['', '', '', ''])
    await methodologist.getByRole('link', { name: library }).click()
    await methodologist.getByRole('heading', { name: library, level: 1 }).waitFor()
    // A mistyped address keeps what was typed.
    await methodologist.getByLabel('ФИО первого библиотекаря').fill('Первая Анна Петровна')
    await methodologist.locator('#invite-email').fill('anna@yandex')
    await methodologist.getByRole('button', { name: 'Пригласить', exact: true }).click()
    await methodologist.locator('#invite-email-fault').waitFor()
    expect(await methodologist.getByLabel('ФИО первого библиотекаря').inputValue()).toBe(
      'Первая Анна Петровна',
    )
    await methodologist.locator('#invite-email').fill(email)
    await methodologist.getByRole('button', { name: 'Пригласить', exact: true }).click()
    await methodologist.getByText('Приглашение отправлено').waitFor()
    expect(await stepsShown()).toEqual(['done', '', '', ''])

    const { page: librarian } = await openPage(browser, size)
    const link = await linkSentTo(email)
    const answer = await librarian.goto(link)
    expect(answer?.headers()['referrer-policy']).toBe('strict-origin')
    await librarian.getByText('Мария Львовна Фокина').waitFor()
    await librarian.getByText(library).waitFor()
    await librarian.locator('[name=password]').fill('коротко')
    await librarian.getByRole('button', { name: 'Принять и войти' }).click()
    await librarian.getByText('Не короче 10 знаков.').waitFor()
    await librarian.locator('[name=password]').fill(password)
    await librarian.getByRole('button', { name: 'Принять и войти' }).click()
    await librarian.waitForURL(`${system.origin}/staff`)
    expect(await stepsShown()).toEqual(['done', 'done', '', ''])

    await librarian.goto(`${system.origin}/staff/applications/new`)
    await librarian.getByLabel('ФИО', { exact: true }).fill('Пробная Вера Олеговна')
    await librarian.getByLabel('Дата рождения').fill(size === phone ? '05.03.1990' : '06.03.1990')
    await librarian.locator('[name=consentGiven]').check()
    await librarian.getByRole('button', { name: 'Отправить', exact: true }).click()
    await librarian.waitForURL(/\?sent/)
    expect(await stepsShown()).toEqual(['done', 'done', 'done', ''])
    await methodologist.goto(`${system.origin}/staff/network?stuck=reading`)
    await methodologist.getByRole('link', { name: library }).waitFor()

    // The link is used up.
    const { page: stranger } = await openPage(browser, size)
    expect((await stranger.goto(link))?.status()).toBe(403)
    await stranger.getByText('Ссылка больше не действует').waitFor()
    expect(noise.filter((each) => !each.includes('422'))).toEqual([])
    expect(system.output()).not.toContain(new URL(link).searchParams.get('key'))
    for (const each of [methodologist, librarian, stranger]) await each.context().close()
  })
})

describe('a forgotten password', () => {
  it('is replaced by the letter, and by the console’s link', async () => {
    const { page, context } = await openPage(browser, phone)
    await page.goto(`${system.origin}/staff/sign-in`)
    await page.getByRole('link', { name: 'Забыли пароль?' }).click()
    await page.getByRole('heading', { name: 'Забыли пароль?' }).waitFor()
    await page.getByLabel('Электронная почта').fill('Curator@demo.test')
    await page.getByRole('button', { name: 'Прислать ссылку' }).click()
    await page.getByText('Если сотрудник с такой почтой есть').waitFor()
    await page.goto(await linkSentTo('curator@demo.test'))
    await page.locator('[name=password]').fill(password)
    await page.getByRole('button', { name: 'Сохранить и войти' }).click()
    await page.waitForURL(`${system.origin}/staff`)

    const shown = await smart(system, 'staff', 'reset', 'curator@demo.test')
    await context.clearCookies()
    // The console doesn't know the test's port.
    const { pathname, search } = new URL(/http\S+/.exec(shown)?.[0] ?? system.origin)
    await page.goto(system.origin + pathname + search)
    await page.locator('[name=password]').fill(`${password}!`)
    await page.getByRole('button', { name: 'Сохранить и войти' }).click()
    await page.waitForURL(`${system.origin}/staff`)
    await context.close()
  })
})
