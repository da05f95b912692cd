import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectAccessible } from '../support/accessibility.ts'
import { launchBrowser, openPage, phone } from '../support/browser.ts'
import { startDemo } from '../support/demo.ts'
import type { Region } from '../support/region.ts'
import { createRegion } from '../support/region.ts'
import type { RunningSystem } from '../support/system.ts'
import { outboxOf } from '../support/system.ts'

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

const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click()
const codeOn = async (page: Page) => {
  await page.waitForURL(/\/join\/done$/)
  return /[A-Z2-9]{4}-[A-Z2-9]{4}/.exec(await page.locator('main').innerText())?.[0] ?? ''
}
const homeDrafts = () =>
  region.sql(`select fields from drafts where origin = 'home' order by created_at desc`)

describe.each([
  ['on', true],
  ['off', false],
] as const)('signing up from home on a phone, with JavaScript %s', (_word, javaScriptEnabled) => {
  it('leads from the catalogue over the form to a code, and a child’s needs the representative', async () => {
    const { page, context } = await openPage(browser, { ...phone, javaScriptEnabled })
    await page.goto(system.origin)
    await page.getByRole('link', { name: 'Записаться из дома' }).click()
    await page.getByText('свидетельством о рождении').waitFor()
    await page.getByLabel('ФИО', { exact: true }).fill('Дошкольникова Ася Игоревна')
    await page.getByLabel('Дата рождения').fill('05.03.2019')
    await page.getByLabel('Контактный телефон').fill('8(910)222-33-44')
    await page.locator('[name=libraryId]').selectOption({ label: 'Буйская районная библиотека' })
    await page.locator('[name=agreed]').check()
    if (!javaScriptEnabled) {
      await press(page, 'Получить код')
      await page.getByText('впишите ФИО представителя').waitFor()
      expect(await page.getByLabel('ФИО', { exact: true }).inputValue()).toBe('Дошкольникова Ася Игоревна')
      expect(await page.locator('[name=agreed]').isChecked()).toBe(true)
    }
    await page.locator('[name=guardianName]').fill('Дошкольникова Ольга')
    await page.locator('[name=guardianRelation]').fill('мама')
    await press(page, 'Получить код')
    const code = await codeOn(page)
    expect(code).not.toBe('')
    expect(await page.locator('main').innerText()).toContain('Буйская районная библиотека')
    expect(await page.locator('main').innerText()).not.toContain('Дошкольникова')
    await page.reload()
    expect(await codeOn(page)).toBe(code)
    const [kept] = await homeDrafts()
    expect(kept?.['fields']).toMatchObject({
      phone: '+79102223344',
      birthDate: '2019-03-05',
      termsVersion: 1,
    })

    await press(page, 'Код записан, убрать его с экрана')
    await page.goto(`${system.origin}/join/done`)
    await page.getByText('Кода на этом экране больше нет').waitFor()
    await page.goto(`${system.origin}/join/withdraw`)
    await page.getByLabel('Код').fill(code.toLowerCase().replace('-', ' '))
    await press(page, 'Удалить анкету')
    await page.getByText('Анкета удалена').waitFor()
    expect(await homeDrafts()).not.toContainEqual(kept)
    await context.close()
  })

  it('Back and another reader typed over gets a code of its own, and the first keeps his', async () => {
    const { page, context } = await openPage(browser, { ...phone, javaScriptEnabled })
    const before = (await homeDrafts()).length
    await page.goto(`${system.origin}/join`)
    const key = await page.locator('[name=formKey]').inputValue()
    const fill = async (name: string) => {
      await page.getByLabel('ФИО', { exact: true }).fill(name)
      await page.getByLabel('Дата рождения').fill('05.03.1990')
      await page.locator('[name=agreed]').check()
    }
    await fill('Возвратова Анна')
    await press(page, 'Получить код')
    const first = await codeOn(page)
    await page.goto(`${system.origin}/join`)
    // As a browser shows it that keeps pages: with the key that was used up.
    await page.locator('[name=formKey]').evaluate((input: HTMLInputElement, old) => {
      input.value = old
    }, key)
    await fill('Возвратова Ольга')
    await press(page, 'Получить код')
    await page.getByText('С этой страницы код уже получен').waitFor()
    await press(page, 'Получить ещё один код')
    const second = await codeOn(page)
    expect(second).not.toBe(first)
    expect((await homeDrafts()).length).toBe(before + 2)
    await context.close()
  })
})

describe('the form at home', () => {
  it('loses nothing by a reload or the other language, and is empty again once it is sent', async () => {
    const { page, context } = await openPage(browser, phone)
    await page.goto(`${system.origin}/join`)
    await page.getByLabel('ФИО', { exact: true }).fill('Памятливая Зоя Львовна')
    await page.getByLabel('Дата рождения').fill('05.03.2019')
    await page.locator('[name=guardianName]').fill('Памятливая Анна')
    await page.locator('[name=libraryId]').selectOption({ label: 'Буйская районная библиотека' })
    const library = await page.locator('[name=libraryId]').inputValue()
    const shown = async () => [
      await page.locator('[name=fullName]').inputValue(),
      await page.locator('[name=birthDate]').inputValue(),
      await page.locator('[name=guardianName]').inputValue(),
      await page.locator('[name=libraryId]').inputValue(),
      await page.locator('[name=agreed]').isChecked(),
    ]
    const kept = ['Памятливая Зоя Львовна', '05.03.2019', 'Памятливая Анна', library, false]
    await page.reload()
    await page.locator('[name=guardianName]').waitFor()
    expect(await shown()).toEqual(kept)
    await press(page, 'English')
    await page.locator('html[lang=en]').waitFor()
    await page.locator('[name=guardianName]').waitFor()
    expect(await shown()).toEqual(kept)
    await page.locator('[name=guardianRelation]').fill('мама')
    await page.locator('[name=agreed]').check()
    await press(page, 'Get the code')
    await codeOn(page)
    await page.goto(`${system.origin}/join`)
    await page.getByRole('button', { name: 'Open the calendar' }).waitFor()
    expect(await page.locator('[name=fullName]').inputValue()).toBe('')
    await context.close()
  })

  it('helps while one types, takes a better spelling with one tap, and is accessible all the way', async () => {
    const { page, context, noise } = await openPage(browser, phone)
    await page.goto(`${system.origin}/join`)
    await page.getByLabel('ФИО', { exact: true }).fill('СОКОЛОВА OЛЬГА')
    await page.getByLabel('Электронная почта').fill('olga@yandx.ru')
    await page.getByText('Обычно пишут так: Соколова Ольга').waitFor()
    await press(page, 'Заменить')
    expect(await page.getByLabel('ФИО', { exact: true }).inputValue()).toBe('Соколова Ольга')
    expect(await page.locator('#email-note').getAttribute('aria-live')).toBe('polite')
    await page.getByLabel('Дата рождения').fill('5 марта 1990')
    await page.getByText('Возможно, вы имели в виду olga@yandex.ru?').waitFor()
    await press(page, 'Заменить')
    expect(await page.getByLabel('Электронная почта').inputValue()).toBe('olga@yandex.ru')
    expect(await page.getByLabel('Дата рождения').inputValue()).toBe('05.03.1990')
    await page.getByLabel('Контактный телефон').fill('89102223344')
    await page.getByLabel('Контактный телефон').blur()
    expect(await page.getByLabel('Контактный телефон').inputValue()).toBe('+7 910 222-33-44')
    await expectAccessible(page)
    await page.locator('[name=agreed]').check()
    await press(page, 'Получить код')
    await codeOn(page)
    await expectAccessible(page)
    expect(noise).toEqual([])
    await context.close()
  })

  it('says at the head what the server refused, and the way there puts the cursor into the field', async () => {
    const { page, context } = await openPage(browser, phone)
    await page.goto(`${system.origin}/join`)
    await page.getByLabel('ФИО', { exact: true }).fill('Иванова Анна')
    await page.getByLabel('Дата рождения').fill('05.03.1990')
    await page.getByLabel('Контактный телефон').fill('12')
    await page.locator('[name=agreed]').check()
    await press(page, 'Получить код')
    await page.getByText('Анкета не отправлена').waitFor()
    await expectAccessible(page)
    await page.getByRole('link', { name: 'Контактный телефон' }).click()
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('phone')
    await context.close()
  })

  it('keeps nothing that a program has filled in, or that is too large', async () => {
    const before = await region.everything()
    const trap = await region.as('stranger', {
      path: '/join',
      form: region.homeForm({ website: 'http://x' }),
    })
    expect(trap.status).toBe(422)
    expect(trap.text).toContain('скрытое поле')
    const large = region.homeForm({ fullName: 'Я'.repeat(20_000) })
    expect((await region.as('stranger', { path: '/join', form: large })).status).toBe(413)
    expect(await region.changesSince(before)).toEqual([])
  })

  it('sends nothing to the contacts that were typed', async () => {
    const before = (await outboxOf(system.origin)).length
    await region.homeCode({ email: 'victim@reader.test', phone: '+7 910 555-55-55' })
    expect((await outboxOf(system.origin)).length).toBe(before)
  })
})
