import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runningPostgres } from '../../src/core/shared/postgres/embedded.ts'
import { messagesAtOnce } from '../support/at-once.ts'
import { desk, launchBrowser, openPage, phone } from '../support/browser.ts'
import { startDemo } from '../support/demo.ts'
import { block, drawn } from '../support/marks.ts'
import { codesIn } from '../support/pdf.ts'
import { onServer } from '../support/server-commands.ts'
import { codeSentTo, credentialsOf, demoReaders, signInReader, signInStaff } from '../support/steps.ts'
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

const staffPage = async (email: string, path: string, size = desk) => {
  const { page } = await openPage(browser, size)
  await signInStaff(page, system.origin, email)
  await page.goto(system.origin + path)
  return page
}
const scan = async (page: Page, number: string) => {
  await page.keyboard.type(number)
  await page.keyboard.press('Enter')
}
/** What a scanner gives when the desk's computer has the Russian layout on. */
const underRussian = (number: string) =>
  number.replace(
    /[A-Z]/g,
    (sign) => 'фисвуапршолдьтщзйкыегмцчня'['ABCDEFGHIJKLMNOPQRSTUVWXYZ'.indexOf(sign)] ?? '',
  )

describe('a low stock', () => {
  it('leads from the librarian’s desk to the order, filled in, and stands on the operator’s page with its order', async () => {
    const operator = await staffPage('operator@demo.test', '/staff/cards')
    const stock = operator.locator('section', { hasText: 'Запас' }).locator('li', { hasText: 'Буйская' })
    await stock.locator('summary').click()
    await stock.locator('[name=lowStock]').fill('1001')
    await stock.getByRole('button', { name: 'Сохранить' }).click()
    await stock.getByText('Число от 0 до 1000').waitFor()
    expect(await stock.locator('[name=lowStock]').inputValue()).toBe('1001')
    await stock.locator('[name=lowStock]').fill('1000')
    await stock.getByRole('button', { name: 'Сохранить' }).click()
    await operator.getByText('Граница сохранена').waitFor()
    await operator.locator('#low li', { hasText: 'ничего не заказано' }).waitFor()
    await operator.goto(`${system.origin}/staff`)
    await operator.getByRole('link', { name: 'Библиотек, где мало карт: 1' }).waitFor()

    const librarian = await staffPage('librarian@demo.test', '/staff')
    await librarian.getByRole('link', { name: /Буйская.*Заказать ещё/ }).click()
    const order = librarian.locator('form[action$=order]')
    await order.locator('[name=count]:focus').waitFor()
    expect(await order.locator('[name=count]').inputValue()).toBe('30')
    await order.getByRole('button', { name: 'Заказать', exact: true }).click()
    await librarian.getByText('Заказ отправлен').waitFor()
    await librarian.goto(`${system.origin}/staff`)
    await librarian.getByRole('link', { name: 'Карты заказаны' }).waitFor()
    expect(await librarian.getByRole('link', { name: /Заказать ещё/ }).count()).toBe(0)

    await operator.goto(`${system.origin}/staff/cards`)
    await operator.locator('#low li', { hasText: /Буйская.*заказано 30/ }).waitFor()
    await Promise.all([operator, librarian].map((page) => page.context().close()))
  })
})

describe('a card that is good for a time', () => {
  it('says after the right password alone that it has ended, and signs in once the librarian has renewed it', async () => {
    const { number, password } = await credentialsOf(system.origin, demoReaders.pyotr)
    const admin = await staffPage('admin@demo.test', '/staff/settings/cards')
    await admin.getByLabel('Сколько лет действует билет').fill('2')
    await admin.getByRole('button', { name: 'Сохранить' }).click()
    await admin.getByText('Сохранено').waitFor()
    const database = (await runningPostgres(system.dataDir)) ?? ''
    await onServer(database, `update cards set valid_until = current_date - 2 where number = $1`, [number])

    const { page: reader } = await openPage(browser, phone)
    await reader.goto(`${system.origin}/sign-in#card=${number}`)
    await reader.getByLabel('Пароль', { exact: true }).fill('wrong-password')
    await reader.getByRole('button', { name: 'Войти с читательским билетом' }).click()
    await reader.getByText('Номер или пароль не подошли').first().waitFor()
    await reader.getByLabel('Пароль', { exact: true }).fill(password)
    await reader.getByRole('button', { name: 'Войти с читательским билетом' }).click()
    await reader.getByText('Срок билета истёк. Зайдите с ним в свою библиотеку').waitFor()

    const operator = await staffPage('operator@demo.test', '/staff/readers')
    await operator.locator('[name=query]').fill(number)
    await operator.locator('[name=query]').press('Enter')
    await operator.getByText('истёк ·').waitFor()
    await operator.getByRole('button', { name: 'Продлить билет' }).click()
    await operator.getByText('Билет продлён').waitFor()
    await signInReader(reader, system.origin, { number, password })
    await reader.goto(`${system.origin}/profile/card`)
    await reader.getByText('Действует до').waitFor()
    await Promise.all([admin, operator, reader].map((page) => page.context().close()))
  })
})

describe('numbers with letters', () => {
  it('go from the scheme to the reader’s hand, under the wrong keyboard layout too', async () => {
    const admin = await staffPage('admin@demo.test', '/staff/settings/cards')
    await admin.getByLabel('С чего начинается номер').fill('ko-')
    await admin.getByRole('button', { name: 'Сохранить' }).click()
    // A fault of the whole scheme stands at its field, and that is said to whoever hears the page.
    const check = admin.getByLabel('Последний знак номера')
    await admin.getByText('С буквами в начале номера').waitFor()
    expect(await check.getAttribute('aria-invalid')).toBe('true')
    await check.selectOption('mod37')
    await admin.getByRole('button', { name: 'Сохранить' }).click()
    await admin.getByText('Сохранено').waitFor()
    await admin.getByText('KO 0010 0000 123').waitFor()

    const operator = await staffPage('operator@demo.test', '/staff/cards')
    const make = operator.locator('form[action$=make]').last()
    await make.locator('select[name=libraryId]').selectOption({ label: 'Галичская районная библиотека' })
    await make.locator('[name=count]').fill('12')
    await make.getByRole('button', { name: 'Сделать партию' }).click()
    await operator.getByText('Партия сделана').waitFor()
    const text = await operator.locator('.numbers', { hasText: 'KO' }).first().innerText()
    const [first = '', last = ''] = text.split('–').map((number) => number.trim())
    expect(first).toMatch(/^KO\d{11}[0-9A-Z]$/)

    const librarian = await staffPage('librarian2@demo.test', '/staff/cards')
    await librarian.locator('form[action$=receive] [name=first]').focus()
    await scan(librarian, underRussian(first))
    await librarian.locator('form[action$=receive] [name=last]:focus').waitFor()
    await scan(librarian, underRussian(last))
    await librarian.getByText('Принято карт: 12').waitFor()

    const email = 'letters@reader.test'
    await librarian.goto(`${system.origin}/staff/applications/new`)
    await librarian.getByLabel('ФИО', { exact: true }).fill('Буквина Вера Ильинична')
    await librarian.getByLabel('Электронная почта').fill(email)
    await librarian.getByLabel('Дата рождения').fill('03.02.1991')
    await librarian.locator('[name=consentGiven]').check()
    await librarian.getByLabel('Номер карты из запаса').fill(first.toLowerCase().replace(/^ko/, 'ko-'))
    await librarian.locator('#questionnaire button.button:not(.quiet)').click()
    await librarian.getByText('отложен из запаса').waitFor()
    await operator.goto(system.origin + new URL(librarian.url()).pathname)
    await operator.locator('form[data-key=register] button, form[action*=register] button').first().click()
    await operator.waitForURL(/done=|applications/)
    const { number, password } = await credentialsOf(system.origin, email)
    expect(number).toBe(first)

    const { page: reader } = await openPage(browser, phone)
    await reader.goto(`${system.origin}/sign-in#card=${first}`)
    const field = reader.getByLabel('Номер читательского билета')
    await reader.locator('#password:focus').waitFor()
    expect(await field.inputValue()).toBe(first)
    // A phone offers letters now.
    expect(await field.getAttribute('inputmode')).toBe('text')
    await field.fill(underRussian(first))
    await reader.getByLabel('Пароль', { exact: true }).fill(password)
    await reader.getByRole('button', { name: 'Войти с читательским билетом' }).click()
    await reader.waitForURL(`${system.origin}/shelf`)
    await reader.goto(`${system.origin}/profile/card`)
    await reader.getByRole('img', { name: `Штрихкод билета ${first}` }).waitFor()
    expect(await codesIn(await reader.screenshot())).toEqual([{ format: 'Code128', text: first }])

    // A forgotten password: the number that was typed there is filled in here, its letters too.
    const { page: forgetful } = await openPage(browser, phone)
    await forgetful.goto(`${system.origin}/recover`)
    await forgetful.getByLabel('Номер читательского билета').fill(underRussian(first))
    await forgetful.locator('[name=channel][value=email]').check()
    await forgetful.getByRole('button', { name: 'Прислать код' }).click()
    await forgetful.getByLabel('Код из сообщения').fill(await codeSentTo(system.origin, email))
    await forgetful.getByLabel('Новый пароль').fill('Сирень у крыльца')
    await forgetful.getByRole('button', { name: 'Сохранить пароль' }).click()
    await forgetful.waitForURL(/\/sign-in\?recovered/)
    await forgetful.locator('#password:focus').waitFor()
    expect(await forgetful.getByLabel('Номер читательского билета').inputValue()).toBe(first)
    await Promise.all([admin, operator, librarian, reader, forgetful].map((page) => page.context().close()))
  })
})

describe('a library’s own mark', () => {
  it('is put without scripts, a refused file leaves the page with its library, and the reader’s card has it', async () => {
    const { page: admin } = await openPage(browser, { ...desk, javaScriptEnabled: false })
    await signInStaff(admin, system.origin, 'admin@demo.test')
    await admin.goto(`${system.origin}/staff/settings/cards/mark`)
    await admin.getByLabel('Чей знак').selectOption({ label: 'Буйская районная библиотека' })
    await admin.getByRole('button', { name: 'Показать' }).click()
    const put = async (name: string, buffer: Buffer) => {
      await admin.getByLabel('Файл со знаком').setInputFiles({ name, mimeType: 'image/png', buffer })
      await admin.getByRole('button', { name: 'Поставить' }).click()
    }
    await put('знак.svg', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'))
    await admin.getByText('Нужен файл PNG, JPEG или WebP').waitFor()
    await put('знак.png', await drawn(block('#a33')).png().toBuffer())
    await admin.getByText('Знак поставлен').waitFor()
    await admin
      .locator('option:checked', { hasText: 'Буйская районная библиотека: свой знак' })
      .waitFor({ state: 'attached' })

    const who = await credentialsOf(system.origin, demoReaders.alyona)
    const { page: reader, noise } = await openPage(browser, phone)
    await signInReader(reader, system.origin, who)
    await reader.goto(`${system.origin}/profile/card`)
    const mark = reader.locator('.card img')
    expect(
      await mark.evaluate((image: HTMLImageElement) => image.decode().then(() => image.naturalWidth)),
    ).toBeGreaterThan(500)
    // Above the code and clear of it.
    const [above, code] = [await mark.boundingBox(), await reader.locator('.card svg').boundingBox()]
    expect((code?.y ?? 0) - ((above?.y ?? 0) + (above?.height ?? 0))).toBeGreaterThan(8)
    expect(await codesIn(await reader.screenshot())).toEqual([{ format: 'EAN13', text: who.number }])
    expect(noise).toEqual([])
    await Promise.all([admin, reader].map((page) => page.context().close()))
  })
})

describe('writing off', () => {
  it('without a reason says so at the field, to eye and ear, and keeps what was scanned', async () => {
    // As a browser without scripts or checks of its own sends it.
    const { page } = await openPage(browser, { ...desk, javaScriptEnabled: false })
    await signInStaff(page, system.origin, 'librarian@demo.test')
    await page.goto(`${system.origin}/staff/cards`)
    await page.getByText('Списать карты').click()
    const form = page.locator('form[action$=writeOff]')
    await form.locator('[name=first]').fill('2002000000017')
    await form.locator('[name=reason]').evaluate((select: HTMLSelectElement) => (select.required = false))
    await form.getByRole('button', { name: 'Списать' }).click()
    const reason = page.locator('form[action$=writeOff] [name=reason]')
    expect(await reason.getAttribute('aria-invalid')).toBe('true')
    const describedBy = (await reason.getAttribute('aria-describedby')) ?? ''
    expect(await page.locator(`#${describedBy}`).innerText()).toBe('Выберите причину.')
    expect(await page.locator('form[action$=writeOff] [name=first]').inputValue()).toBe('2002000000017')
    await page.context().close()
  })
})
