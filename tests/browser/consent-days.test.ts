import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { spacedCardNumber } from '../../src/protocols/card/spaced.ts'
import { expectAccessible } from '../support/accessibility.ts'
import { desk, launchBrowser, openPage, phone } from '../support/browser.ts'
import { startDemo } from '../support/demo.ts'
import { textOf } from '../support/pdf.ts'
import type { Region } from '../support/region.ts'
import { createRegion } from '../support/region.ts'
import type { Credentials } from '../support/steps.ts'
import { credentialsOf, signInReader, signInStaff } from '../support/steps.ts'
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

interface Person {
  id: string
  who: Credentials
}

let people = 0
/** A reader of Буй with a phone of his own. */
async function newReader(typed: Record<string, string>): Promise<Person> {
  people += 1
  const mobile = `+791000077${String(people).padStart(2, '0')}`
  const application = await region.sent('librarian', { phone: mobile, ...typed })
  await region.done('operator', {
    path: `/staff/applications/${application}?/register`,
    form: { revision: '1', providerNumber: '', providerPassword: '' },
  })
  const [row] = await region.sql('select reader_id from applications where id = $1', [application])
  return { id: row?.['reader_id'] ?? '', who: await credentialsOf(system.origin, mobile) }
}

/** The day so many years ago, and some days before or after that. */
async function daysFromBirthday(years: number, days: number): Promise<string> {
  const [row] = await region.sql(
    `select ((now() at time zone 'Europe/Moscow')::date - make_interval(years => $1) + make_interval(days => $2))::date::text as day`,
    [years, days],
  )
  return row?.['day'] ?? ''
}

async function signIn(page: Page, { who }: Person): Promise<void> {
  await page.goto(`${system.origin}/sign-in`)
  await page.getByLabel('Номер читательского билета').fill(who.number)
  await page.getByLabel('Пароль', { exact: true }).fill(who.password)
  await page.getByRole('button', { name: 'Войти с читательским билетом' }).click()
}
const signOut = (page: Page) => page.getByRole('button', { name: 'Выйти' }).click()
const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click()
const staffPage = async (size: BrowserContextOptions, email: string) => {
  const opened = await openPage(browser, size)
  await signInStaff(opened.page, system.origin, email)
  return opened
}

describe.for([
  ['phone', phone],
  ['desk', desk],
] as const)('on a %s', ([name, size]) => {
  it('a reader who has turned 14 is asked before the shelf, may wait a day, then agrees and borrows', async () => {
    const child = await newReader({
      fullName: `Подросткова Ия ${name === 'phone' ? 'Первая' : 'Вторая'}`,
      birthDate: await daysFromBirthday(14, 1),
      guardianName: 'Подросткова Ада',
      guardianRelation: 'мама',
    })
    const { page, context, noise } = await openPage(browser, size)
    await signIn(page, child)
    await page.getByRole('heading', { name: 'Моя полка' }).waitFor()
    await signOut(page)
    // Forty-one days later.
    await region.sql('update readers set birth_date = $2 where id = $1', [
      child.id,
      await daysFromBirthday(14, -40),
    ])
    await signIn(page, child)
    await page.getByRole('heading', { name: 'Ваше согласие' }).waitFor()
    await page.getByText('Раньше согласие за вас давал родитель').waitFor()
    await page.getByText('Буйская районная библиотека').first().waitFor()
    await expectAccessible(page)
    await press(page, 'Позже')
    await page.getByText('Новые книги ждут вашего согласия').waitFor()
    await page.goto(`${system.origin}/shelf`)
    await page.getByRole('heading', { name: 'Моя полка' }).waitFor()
    await page.goto(`${system.origin}/books/${region.books.everybody}`)
    await press(page, 'Взять')
    await page.getByRole('link', { name: 'Открыть согласие' }).click()
    await page.getByRole('heading', { name: 'Ваше согласие' }).waitFor()
    await press(page, 'Согласен')
    // Handing over is a consent of its own, and nobody has to give it.
    await page.getByRole('heading', { name: 'Согласие на передачу данных' }).waitFor()
    await expectAccessible(page)
    await press(page, 'Не сейчас')
    await press(page, 'Взять')
    await page.getByText('Книга у вас до').waitFor()
    // The one refusal is what was asked for.
    expect(noise.filter((each) => !each.includes('409'))).toEqual([])
    await context.close()
  })

  it('a year later one tap renews; a reader sees his data, asks for a correction and reads the answer', async () => {
    const reader = await newReader({ fullName: `Годовалова Лия ${name === 'phone' ? 'Первая' : 'Вторая'}` })
    await region.sql(`update readers set renewed_at = now() - interval '350 days' where id = $1`, [reader.id])
    const { page, context, noise } = await openPage(browser, size)
    await signInReader(page, system.origin, reader.who)
    await page.getByText('Продлите запись — одно нажатие').waitFor()
    await expectAccessible(page)
    await press(page, 'Продлить запись')
    await page.getByText('Запись продлена до').waitFor()
    expect(await page.getByText('Продлите запись — одно нажатие').count()).toBe(0)

    await page.getByRole('link', { name: 'Мои данные' }).click()
    // As on the card and on the slip.
    await page.getByText(spacedCardNumber(reader.who.number)).waitFor()
    await expectAccessible(page)
    const file = async (as: string) => {
      const answer = await page.request.get(`${system.origin}/profile/data?as=${as}`)
      expect(answer.headers()['cache-control']).toBe('no-store')
      expect(answer.headers()['content-disposition']).toContain('attachment')
      return answer.body()
    }
    expect((await file('json')).toString()).toContain('Годовалова Лия')
    expect(textOf(await file('pdf'))).toContain('Годовалова Лия')
    const wish = `Отчество (${name}): Ильинична`
    await page.getByLabel('Что исправить').fill(wish)
    await press(page, 'Отправить просьбу')
    await page.getByText('Просьба отправлена').waitFor()

    const office = await staffPage(size, 'librarian@demo.test')
    await office.page.getByRole('link', { name: /Просьб исправить данные/ }).click()
    const request = office.page.locator('li', { hasText: wish })
    await request.getByLabel('Ответ читателю').fill('Готово, исправили')
    await request.getByRole('button', { name: 'Ответить' }).click()
    await office.page.locator('li', { hasText: wish }).getByText('«Готово, исправили»').waitFor()
    await expectAccessible(office.page)
    await page.reload()
    await page.getByText('Ответ: Готово, исправили').waitFor()
    expect([...noise, ...office.noise]).toEqual([])
    await office.context.close()
    await context.close()
  })

  it('a librarian scans cards one after another; a number that is none is said so', async () => {
    const { page, context } = await staffPage(size, 'librarian2@demo.test')
    await page.goto(`${system.origin}/staff/readers`)
    await page.getByRole('link', { name: 'Продление записи' }).click()
    await page.getByRole('heading', { name: 'Продление записи' }).waitFor()
    const scan = async (number: string) => {
      expect(await page.evaluate(() => document.activeElement?.id)).toBe('cardNumber')
      await page.keyboard.type(number)
      await page.keyboard.press('Enter')
    }
    const { owner, reader2 } = { owner: region.cardOf('owner'), reader2: region.cardOf('reader2') }
    await scan(owner.number)
    await page.getByText('Владеева Анна Петровна: запись').waitFor()
    await page.waitForFunction(
      () => document.querySelector('input[name=cardNumber]') === document.activeElement,
    )
    await scan('123')
    await page.getByText('Не похоже на номер билета').waitFor()
    await page.waitForFunction(
      () => document.querySelector('input[name=cardNumber]') === document.activeElement,
    )
    await scan(reader2.number)
    await page.getByText('Чужакова Мария Олеговна: запись').waitFor()
    await expectAccessible(page)
    await context.close()
  })

  it('a librarian mends a record with the reason noted; without the document the name stays', async () => {
    const suffix = name === 'phone' ? 'Первая' : 'Вторая'
    const reader = await newReader({ fullName: `Ошибкина Ева ${suffix}` })
    const { page, context } = await staffPage(size, 'librarian@demo.test')
    await page.goto(`${system.origin}/staff/readers/${reader.id}`)
    await page.locator('main summary', { hasText: 'Изменить имя' }).click()
    await page.getByLabel('ФИО', { exact: true }).fill(`Верная Ева ${suffix}`)
    await page.getByLabel('Почему').fill('сменила фамилию')
    await press(page, 'Сохранить исправления')
    await page.getByText('только по документу').waitFor()
    expect(await page.getByLabel('ФИО', { exact: true }).inputValue()).toBe(`Верная Ева ${suffix}`)
    await expectAccessible(page)
    await page.getByLabel('Документ проверен').check()
    await press(page, 'Сохранить исправления')
    await page.getByText('Запись исправлена').waitFor()
    await page.getByRole('heading', { name: `Верная Ева ${suffix}` }).waitFor()
    await page.getByText('«сменила фамилию»').waitFor()
    await context.close()
  })

  it('a reader revokes his consent in the app; the operator destroys the data and prints the act', async () => {
    const reader = await newReader({ fullName: `Уходящая Ада ${name === 'phone' ? 'Первая' : 'Вторая'}` })
    const { page, context } = await openPage(browser, size)
    await signInReader(page, system.origin, reader.who)
    await page.goto(`${system.origin}/profile`)
    await page.locator('main summary', { hasText: 'Отозвать согласие и уничтожить' }).click()
    await page.getByLabel('Понимаю, что данные будут уничтожены').check()
    await page.getByLabel('Пароль ещё раз').fill('не тот')
    await press(page, 'Отозвать согласие')
    await page.getByText('Пароль не подошёл').waitFor()
    await expectAccessible(page)
    await page.getByLabel('Пароль ещё раз').fill(reader.who.password)
    await press(page, 'Отозвать согласие')
    await page.getByRole('heading', { name: 'Согласие отозвано' }).waitFor()
    await expectAccessible(page)
    await signIn(page, reader)
    await page.getByText('Номер или пароль не подошли').waitFor()

    const office = await staffPage(size, 'operator@demo.test')
    await office.page.getByRole('link', { name: /Отзывов согласия/ }).click()
    const row = office.page.locator('article', { hasText: 'Уходящая Ада' })
    await expectAccessible(office.page)
    await row.getByLabel('Данные нельзя будет восстановить').check()
    await row.getByRole('button', { name: 'Уничтожить данные' }).click()
    await office.page.getByText('Данные уничтожены').waitFor()
    await expectAccessible(office.page)
    const done = office.page.locator('ul.done li', { hasText: reader.who.number })
    const paper = async (link: string) => {
      const href = await done.getByRole('link', { name: link }).getAttribute('href')
      return textOf(await (await office.page.request.get(system.origin + href)).body())
    }
    expect(await paper('Акт (PDF)')).toContain(reader.who.number)
    expect(await paper('Выгрузка из журнала (PDF)')).toContain('персональные данные уничтожены')
    expect(await region.sql('select id from readers where id = $1', [reader.id])).toEqual([])
    await office.context.close()
    await context.close()
  })
})

describe('with JavaScript off', () => {
  const off = { ...phone, javaScriptEnabled: false }

  it('the consent to handing over is revoked, and the operator closes the account at the provider', async () => {
    const reader = await newReader({ fullName: 'Передумавшая Ия' })
    const [text] = await region.sql(
      `select max(version)::text as v from consent_texts where kind = 'handover'`,
    )
    await region.sql(
      `insert into consents (reader_id, text_version, basis, taken_by, taken_at, kind, channel)
       select $1, $2::int, 'self', id, now(), 'handover', 'paper' from staff where email = 'librarian@demo.test'`,
      [reader.id, text?.['v']],
    )
    await region.sql(
      `insert into provider_accounts (reader_id, provider, number, created_at) values ($1, 'Внешняя', '555', now())`,
      [reader.id],
    )
    const { page, context } = await openPage(browser, off)
    await signInReader(page, system.origin, reader.who)
    await page.goto(`${system.origin}/profile`)
    await press(page, 'Отозвать согласие на передачу')
    await page.getByText('Согласие на передачу отозвано').waitFor()
    await context.close()

    const office = await staffPage({ ...desk, javaScriptEnabled: false }, 'operator@demo.test')
    await office.page.getByRole('link', { name: /Закрыть у поставщика/ }).click()
    const row = office.page.locator('article', { hasText: 'Передумавшая Ия' })
    await row.getByText('Внешняя: 555').waitFor()
    await row.getByLabel('Учётная запись у поставщика закрыта').check()
    await row.getByRole('button', { name: 'Отметить закрытой' }).click()
    await office.page.getByText('Отмечено: учётная запись закрыта.').waitFor()
    await office.page.locator('ul.closed a', { hasText: 'Передумавшая Ия' }).click()
    await office.page.getByText('Учётная запись «Внешняя» закрыта').waitFor()
    await office.context.close()
  })

  it('a reader signs out elsewhere, on one device or on all others', async () => {
    const reader = await newReader({ fullName: 'Многоустройственная Ася' })
    const at = async () => {
      const opened = await openPage(browser, off)
      await signInReader(opened.page, system.origin, reader.who)
      return opened
    }
    const [here, one, other] = [await at(), await at(), await at()]
    const out = async ({ page }: { page: Page }) => {
      await page.goto(`${system.origin}/profile`)
      return page.url().includes('/sign-in')
    }
    expect(await out(here)).toBe(false)
    // The word stays whole on a phone, however much is said of the device.
    await here.page.setViewportSize({ width: 320, height: 640 })
    const devices = here.page.getByRole('button', { name: /^Выйти: / })
    const lines = await devices.evaluateAll((buttons) =>
      buttons.map((button) => {
        const words = document.createRange()
        words.selectNodeContents(button)
        return words.getClientRects().length
      }),
    )
    expect(lines).toEqual([1, 1])
    await devices.first().click()
    await here.page.getByText('Готово: там нужно войти заново.').waitFor()
    expect([await out(one), await out(other)].filter(Boolean)).toHaveLength(1)
    expect(await out(here)).toBe(false)
    await press(here.page, 'Выйти на всех остальных')
    await here.page.getByText('Готово: там нужно войти заново.').waitFor()
    expect([await out(here), await out(one), await out(other)]).toEqual([false, true, true])
    for (const { context } of [here, one, other]) await context.close()
  })

  it('an operator mends a record into a namesake’s name, and decides that it is another person', async () => {
    await newReader({ fullName: 'Тёзкина Рая', birthDate: '1961-01-02' })
    const other = await newReader({ fullName: 'Тескина Рая', birthDate: '1961-01-02' })
    const office = await staffPage({ ...desk, javaScriptEnabled: false }, 'operator@demo.test')
    await office.page.goto(`${system.origin}/staff/readers/${other.id}`)
    await office.page.locator('main summary', { hasText: 'Изменить имя' }).click()
    await office.page.getByLabel('ФИО', { exact: true }).fill('Тёзкина Рая')
    await office.page.getByLabel('Почему').fill('опечатка')
    await office.page.getByLabel('Документ проверен').check()
    await press(office.page, 'Сохранить исправления')
    await office.page.getByText('сравните записи и решите ниже').waitFor()
    await press(office.page, 'Другой человек: сохранить')
    await office.page.getByText('Запись исправлена').waitFor()
    const [row] = await region.sql('select namesake::text from readers where id = $1', [other.id])
    expect(row?.['namesake']).toBe('1')
    await office.context.close()
  })

  it('a card is renewed, a registration too, and a consent is agreed to', async () => {
    const reader = await newReader({ fullName: 'Бесскриптова Яна' })
    const office = await staffPage({ ...desk, javaScriptEnabled: false }, 'librarian@demo.test')
    await office.page.goto(`${system.origin}/staff/readers/renew`)
    await office.page.getByLabel('Номер читательского билета').fill(reader.who.number)
    await office.page.keyboard.press('Enter')
    await office.page.getByText('Бесскриптова Яна: запись').waitFor()
    await office.context.close()

    await region.sql(`update readers set renewed_at = now() - interval '400 days' where id = $1`, [reader.id])
    await region.sql(
      `update consents set basis = 'guardian', guardian_name = 'М', guardian_relation = 'м' where reader_id = $1`,
      [reader.id],
    )
    const { page, context } = await openPage(browser, off)
    await signIn(page, reader)
    await press(page, 'Согласен')
    await page.goto(`${system.origin}/shelf`)
    await press(page, 'Продлить запись')
    await page.getByText('Запись продлена до').waitFor()
    await context.close()
  })
})

// Last: from here on every reader of the region is asked.
describe('a new version of the consent', () => {
  it('is previewed and published by the administrator, and asked for at the next sign-in', async () => {
    const reader = await newReader({ fullName: 'Редакционова Инна' })
    const { page, context, noise } = await staffPage(desk, 'admin@demo.test')
    await page.getByRole('link', { name: 'Согласия' }).click()
    await page.locator('main summary', { hasText: 'Написать новую редакцию' }).first().click()
    const body = page.locator('[name=body]').first()
    const text = `${await body.inputValue()}\nНовое условие.`
    await body.fill(text)
    const preview = new Promise<Buffer>((resolve) => {
      void page.context().route(/\/consents\/paper$/, async (route) => {
        resolve(await (await route.fetch()).body())
        await route.fulfill({ contentType: 'text/plain', body: 'printed' })
      })
    })
    const tab = page.waitForEvent('popup')
    await page.getByRole('button', { name: 'Посмотреть, как напечатается' }).first().click()
    expect(textOf(await preview)).toContain('Новое условие.')
    await (await tab).close()
    expect(await body.inputValue()).toBe(text)
    await page.getByRole('button', { name: 'Ввести в действие' }).first().click()
    await page.getByText(/^Редакция \d+ действует\.$/).waitFor()
    await expectAccessible(page)
    expect(noise).toEqual([])
    await context.close()

    const visit = await openPage(browser, phone)
    await signIn(visit.page, reader)
    await visit.page.getByText('Библиотека обновила текст согласия').waitFor()
    await visit.page.getByText('Новое условие.').waitFor()
    await expectAccessible(visit.page)
    await press(visit.page, 'Согласен')
    await press(visit.page, 'Не сейчас')
    await visit.page.getByRole('heading', { name: 'Моя полка' }).waitFor()
    await visit.context.close()
  })
})
