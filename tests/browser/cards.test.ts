import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { messagesAtOnce } from '../support/at-once.ts'
import { desk, launchBrowser, openPage, phone } from '../support/browser.ts'
import { startDemo } from '../support/demo.ts'
import { credentialsOf, demoReaders, signInReader, signInStaff } from '../support/steps.ts'
import { codesIn, pageCount, textOf } from '../support/pdf.ts'
import type { RunningSystem } from '../support/system.ts'

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

/** What a scanner does: types fast and ends with Enter. */
async function scan(page: Page, number: string): Promise<void> {
  await page.keyboard.type(number)
  await page.keyboard.press('Enter')
}

const batchNumbers = async (page: Page) => {
  const text = await page.locator('.numbers').first().innerText()
  const [first = '', last = ''] = text.split('–').map((number) => number.trim())
  return { first, last }
}

async function fillIn(page: Page, fullName: string, email: string, stockCard: string): Promise<void> {
  await page.goto(`${system.origin}/staff/applications/new`)
  await page.getByLabel('ФИО', { exact: true }).fill(fullName)
  await page.getByLabel('Электронная почта').fill(email)
  await page.getByLabel('Дата рождения').fill('03.02.1991')
  await page.locator('[name=consentGiven]').check()
  await page.getByLabel('Номер карты из запаса').focus()
  await scan(page, stockCard)
}

describe.each([
  { way: 'with scripts', javaScriptEnabled: true },
  { way: 'without JavaScript', javaScriptEnabled: false },
])('printed cards, $way', ({ javaScriptEnabled }) => {
  const mark = javaScriptEnabled ? 'а' : 'б'
  const email = `card-${javaScriptEnabled ? 'script' : 'plain'}@reader.test`
  const size = { ...desk, javaScriptEnabled }

  it('go from the order to the reader’s hand', async () => {
    const { page: librarian } = await openPage(browser, size)
    await signInStaff(librarian, system.origin, 'librarian2@demo.test')
    await librarian.goto(`${system.origin}/staff/cards`)
    await librarian.locator('form[action$=order] [name=count]').fill('3')
    await librarian.getByRole('button', { name: 'Заказать', exact: true }).click()
    await librarian.getByText('Заказ отправлен').waitFor()

    const { page: operator } = await openPage(browser, size)
    await signInStaff(operator, system.origin, 'operator@demo.test')
    await operator.getByRole('link', { name: /Заказы на карты: 1/ }).click()
    await operator
      .locator('li', { hasText: 'заказала карт: 3' })
      .getByRole('button', { name: 'Сделать партию' })
      .click()
    await operator.getByText('Партия сделана').waitFor()
    await operator.getByRole('button', { name: 'Отметить отправленной' }).first().click()
    await operator.getByText('Партия отмечена отправленной').waitFor()

    await librarian.goto(`${system.origin}/staff/cards`)
    const { first, last } = await batchNumbers(librarian)
    await librarian.locator('form[action$=receive] [name=first]').focus()
    await scan(librarian, first)
    // With scripts the cursor goes on; without, the page comes back and asks for the last one.
    if (!javaScriptEnabled) await librarian.getByText('Теперь отсканируйте последнюю карту').waitFor()
    await librarian.locator('form[action$=receive] [name=last]:focus').waitFor()
    await scan(librarian, last)
    await librarian.getByText('Принято карт: 3').waitFor()
    // The next pack may follow at once.
    expect(await librarian.locator('form[action$=receive] [name=first]').inputValue()).toBe('')
    expect(await librarian.locator('form[action$=receive] [name=last]').inputValue()).toBe('')
    if (javaScriptEnabled) await librarian.locator('form[action$=receive] [name=first]:focus').waitFor()

    await fillIn(librarian, `Картина Вера Ильинична${mark}`, email, first)
    if (javaScriptEnabled) await librarian.locator('#questionnaire button.button:not(.quiet)').click()
    await librarian.getByText('отложен из запаса').waitFor()
    const address = new URL(librarian.url()).pathname

    await operator.goto(system.origin + address)
    await operator.locator('form[data-key=register] button, form[action*=register] button').first().click()
    await operator.waitForURL(/done=|applications/)
    const credentials = await credentialsOf(system.origin, email)
    expect(credentials.number).toBe(first)

    const { page: reader } = await openPage(browser, { ...phone, javaScriptEnabled })
    await signInReader(reader, system.origin, credentials)
    await reader.getByRole('link', { name: 'Показать билет' }).click()
    await reader.getByRole('img', { name: `Штрихкод билета ${first}` }).waitFor()
    // As a scanner sees it.
    expect(await codesIn(await reader.screenshot())).toEqual([{ format: 'EAN13', text: first }])
    await Promise.all([librarian, operator, reader].map((page) => page.context().close()))
  })

  it('that a reader has lost give way to another, and the password stays', async () => {
    const { page: operator } = await openPage(browser, size)
    await signInStaff(operator, system.origin, 'operator@demo.test')
    const { number, password } = await credentialsOf(
      system.origin,
      demoReaders[javaScriptEnabled ? 'alyona' : 'pyotr'],
    )
    await operator.goto(`${system.origin}/staff/readers`)
    await operator.locator('[name=query]').fill(number)
    await operator.locator('[name=query]').press('Enter')
    // One reader has this number: his record opens.
    await operator.waitForURL(/readers\/[0-9a-f-]{36}/)
    await operator.getByText('Утерян, испорчен или нужен другой').click()
    await operator.getByLabel('Номер карты из запаса').fill('2002999999990')
    await operator.getByRole('button', { name: 'Заменить билет' }).click()
    await operator.getByText('Такой карты нет в запасе библиотеки').waitFor()
    await operator.getByLabel('Номер карты из запаса').fill('')
    await operator.getByRole('button', { name: 'Заменить билет' }).click()
    await operator.getByText('Билет заменён').waitFor()
    const fresh = (await operator.locator('.valid .number').innerText()).trim()
    expect(fresh).not.toBe(number)

    const { page: reader } = await openPage(browser, { ...phone, javaScriptEnabled })
    await reader.goto(`${system.origin}/sign-in`)
    await reader.getByLabel('Номер читательского билета').fill(number)
    await reader.getByLabel('Пароль', { exact: true }).fill(password)
    await reader.getByRole('button', { name: 'Войти с читательским билетом' }).click()
    await reader.getByText('Номер или пароль не подошли').first().waitFor()
    await signInReader(reader, system.origin, { number: fresh, password })
    await Promise.all([operator, reader].map((page) => page.context().close()))
  })

  it('say what is wrong, keep what was scanned and give no card twice', async () => {
    const { page: librarian } = await openPage(browser, size)
    await signInStaff(librarian, system.origin, 'librarian@demo.test')
    await librarian.goto(`${system.origin}/staff/cards`)
    const { first } = await batchNumbers(librarian)
    await librarian.locator('form[action$=receive] [name=first]').fill(first)
    await librarian.locator('form[action$=receive] [name=last]').fill(first)
    await librarian.getByRole('button', { name: 'Принять карты' }).click()
    await librarian.getByText('Эти карты уже приняты').waitFor()
    expect(await librarian.locator('form[action$=receive] [name=first]').inputValue()).toBe(first)

    await fillIn(librarian, `Немая Ольга Ильинична${mark}`, 'nobody@reader.test', '2002999999990')
    if (javaScriptEnabled) await librarian.locator('#questionnaire button.button:not(.quiet)').click()
    await librarian.getByText('Такой карты нет в запасе библиотеки').first().waitFor()
    const stockCard = librarian.getByLabel('Номер карты из запаса')
    expect(await stockCard.inputValue()).toBe('2002999999990')
    if (javaScriptEnabled) {
      // Scanned once more, the right card takes the wrong one's place.
      await stockCard.focus()
      await librarian.keyboard.press('Enter')
      await librarian.keyboard.type('2002999999983')
      expect(await stockCard.inputValue()).toBe('2002999999983')
    }
    await librarian.context().close()
  })
})

describe('slips of a class', () => {
  it('are those ticked on the list, one document for the printer', async () => {
    const { page } = await openPage(browser, desk)
    await signInStaff(page, system.origin, 'librarian@demo.test')
    await page.goto(`${system.origin}/staff/applications?state=registered`)
    await page.getByRole('checkbox', { name: 'Выбрать: Громов Матвей Олегович' }).check()
    await page.getByRole('checkbox', { name: 'Выбрать: Громова Алёна Игоревна' }).check()
    // What the button opens in a tab of its own.
    const asked = page.context().waitForEvent('request', (request) => request.url().includes('/slips'))
    await page.getByRole('button', { name: 'Напечатать памятки' }).click()
    const answer = await page.context().request.get((await asked).url())
    expect(answer.headers()['content-type']).toBe('application/pdf')
    const pdf = await answer.body()
    expect(pageCount(pdf)).toBe(2)
    expect(textOf(pdf)).toContain('Громов Матвей Олегович')
    await page.context().close()
  })
})

describe('Back on the form of a batch', () => {
  it('leads to the form that was sent: once more it makes no second batch, and changed it asks', async () => {
    const { page: operator } = await openPage(browser, desk)
    await signInStaff(operator, system.origin, 'operator@demo.test')
    await operator.goto(`${system.origin}/staff/cards`)
    const count = operator.locator('#make [name=count]')
    const key = () => operator.locator('#make [name=formKey]').inputValue()
    const batches = operator.locator('.numbers')
    const press = () => operator.locator('#make button').click()
    const before = [await batches.count(), await key()] as const
    await count.fill('7')
    await press()
    await operator.getByText('Партия сделана').waitFor()
    expect(await key()).not.toBe(before[1])
    for (const again of ['7', '8']) {
      await operator.goBack()
      await operator.getByText('Партия сделана').waitFor({ state: 'hidden' })
      expect(await key()).toBe(before[1])
      await count.fill(again)
      await press()
      if (again === '7') await operator.getByText('Партия сделана').waitFor()
    }
    await operator.getByText('С этой страницы партия уже сделана').waitFor()
    expect(await batches.count()).toBe(before[0] + 1)
    expect(await key()).not.toBe(before[1])
    await press()
    await operator.getByText('Партия сделана').waitFor()
    expect(await batches.count()).toBe(before[0] + 2)
    await operator.context().close()
  })
})
