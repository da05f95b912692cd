import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectAccessible } from '../support/accessibility.ts'
import { messagesAtOnce } from '../support/at-once.ts'
import type { WatchedPage } from '../support/browser.ts'
import { desk, launchBrowser, openPage, phone } from '../support/browser.ts'
import { startDemo } from '../support/demo.ts'
import { credentialsOf, demoReaders, signInReader, signInStaff, tabTo } from '../support/steps.ts'
import type { RunningSystem } from '../support/system.ts'
import { eventually, outboxOf } from '../support/system.ts'

let system: RunningSystem
let browser: Browser
let office: WatchedPage

beforeAll(async () => {
  ;[system, browser] = await Promise.all([startDemo(), launchBrowser()])
  await messagesAtOnce(system)
  office = await openPage(browser, desk)
  await signInStaff(office.page, system.origin, 'operator@demo.test')
})
afterAll(async () => {
  await office?.context.close()
  await browser?.close()
  await system?.dispose()
})

/** Sends a questionnaire as a librarian would; its address. */
async function send(email: string, name: string, birthDate: string): Promise<string> {
  const { page, context } = await openPage(browser, desk)
  await signInStaff(page, system.origin, email)
  await page.goto(`${system.origin}/staff/applications/new`)
  await page.getByLabel('ФИО', { exact: true }).fill(name)
  await page.getByLabel('Дата рождения').fill(birthDate)
  await page.locator('[name=consentGiven]').check()
  await page.getByRole('button', { name: 'Отправить', exact: true }).click()
  await page.waitForURL(/\?sent/)
  const address = page.url().replace('?sent', '')
  await context.close()
  return address
}

async function find(page: Page, query: string): Promise<void> {
  await page.goto(`${system.origin}/staff/readers`)
  await page.getByLabel('Имя, номер билета, телефон или почта').fill(query)
  await page.getByRole('button', { name: 'Найти' }).click()
}
/** Cards of the readers that a search by name shows. */
async function cardsFound(page: Page, query: string): Promise<string[]> {
  await find(page, query)
  await page.getByText('Нашлось').waitFor()
  return page.locator('main li .card').allInnerTexts()
}

/** To the likes by the key that registers: with somebody alike it registers nothing, but leads there. */
async function toLikesByKey(page: Page): Promise<void> {
  await page.getByRole('heading', { name: 'Такой читатель уже есть' }).waitFor()
  // The button is there as soon as the page's scripts are at work.
  await page.getByRole('button', { name: 'Клавиши' }).waitFor()
  await eventually(async () => {
    await page.keyboard.press('r')
    return (await page.evaluate(() => document.activeElement?.id)) === 'likes' ? true : undefined
  })
}

describe('a possible duplicate, without a mouse', () => {
  it('is the same person: no second reader, the old card, a new password, the library told', async () => {
    const { page } = office
    const before = await credentialsOf(system.origin, demoReaders.alyona)
    await page.goto(`${system.origin}/staff/applications?state=sent`)
    await page.locator('a', { hasText: 'Громова Алена Игоревна' }).press('Enter')
    await toLikesByKey(page)
    await expectAccessible(page)
    // The differences are in words as well.
    const marks = (await page.locator('#likes mark').allTextContents()).map((text) =>
      text.replace(/\s+/g, ' '),
    )
    expect(marks).toContain('написано иначе: Алена')
    expect(marks).toContain('отличается: Буйская районная')
    const address = page.url()
    await tabTo(page, '#likes [name=replacePhone]')
    await page.keyboard.press('Space')
    await tabTo(page, '#likes [data-same]')
    await page.keyboard.press('Enter')
    await page.getByText('Громова Алена Игоревна, билет').waitFor()

    const sms = await eventually(async () =>
      (await outboxOf(system.origin)).find(
        ({ to, text }) => to === '+79000000008' && text.includes('Пароль'),
      ),
    )
    expect(sms.text).toContain('билет прежний')
    expect(sms.text).toContain(before.number)
    const after = await eventually(async () => {
      const now = await credentialsOf(system.origin, demoReaders.alyona)
      return now.password === before.password ? undefined : now
    })
    expect(after.number).toBe(before.number)
    expect(await cardsFound(page, 'Громова Алёна')).toEqual([before.number])

    const district = await openPage(browser, desk)
    await signInStaff(district.page, system.origin, 'librarian2@demo.test')
    await district.page.goto(address)
    await district.page.getByText('этот читатель уже был записан').waitFor()
    const letter = (await outboxOf(system.origin)).find(
      ({ subject }) => subject === 'Читатель уже был записан',
    )
    expect(letter?.text).not.toContain('Громова')
    await district.context.close()

    const home = await openPage(browser, phone)
    await signInReader(home.page, system.origin, after)
    expect(await home.page.locator('main').innerText()).not.toContain('На полке пусто')
    await home.context.close()
  })

  it('is another person: a second reader, and nobody is asked about the two again', async () => {
    const { page } = office
    const [known = ''] = await cardsFound(page, 'Рябов Кирилл')
    await page.goto(await send('librarian2@demo.test', 'Рябов Кирилл Денисович', '30.06.2010'))
    await toLikesByKey(page)
    await tabTo(page, 'button[name=anotherPerson]')
    await page.keyboard.press('Enter')
    await page.getByText('Рябов Кирилл Денисович, билет').waitFor()
    const cards = await cardsFound(page, 'Рябов Кирилл')
    expect(cards).toHaveLength(2)
    expect(cards).toContain(known)
    await page.getByRole('link', { name: 'Рябов Кирилл Денисович' }).first().click()
    await page.getByText('Похожих записей нет').waitFor()
    expect(office.noise).toEqual([])
  })
})

describe('two records that turn out to be one person', () => {
  it('are compared, merged with what goes over in sight, and are two again when that is undone', async () => {
    const { page } = office
    const cards = await cardsFound(page, 'Рябов Кирилл')
    await find(page, cards[0] ?? '')
    await page.getByRole('link', { name: 'Объединить с другой записью' }).click()
    await page.getByLabel('Номер билета другой записи').fill(cards[1] ?? '')
    await page.getByRole('button', { name: 'Сравнить' }).click()
    const [first, second] = [page.getByRole('radio').first(), page.getByRole('radio').last()]
    await first.check()
    await expectAccessible(page)
    await page.getByText(`билет ${cards[1]} перестанет действовать`).waitFor()
    expect(await second.isChecked()).toBe(false)
    await page.getByRole('button', { name: 'Объединить', exact: true }).click()
    await page.getByText('Записи объединены').waitFor()

    expect(await cardsFound(page, 'Рябов Кирилл')).toEqual([cards[0]])
    await find(page, cards[1] ?? '')
    await page.getByText('Сюда вошла запись').waitFor()
    expect(await page.locator('main').innerText()).toContain(cards[0])

    await page.getByRole('button', { name: /Отменить объединение/ }).click()
    await page.getByText('Объединение отменено').waitFor()
    expect((await cardsFound(page, 'Рябов Кирилл')).toSorted()).toEqual(cards.toSorted())
    expect(office.noise).toEqual([])
  })
})

describe('another library’s reader', () => {
  it('is found by a scan of the card, not by a part of the name', async () => {
    const { number } = await credentialsOf(system.origin, demoReaders.pyotr)
    const { page, context, noise } = await openPage(browser, phone)
    await signInStaff(page, system.origin, 'librarian@demo.test')
    await find(page, 'Шубин')
    await page.getByText('Никого не нашлось').waitFor()
    await page.getByLabel('Имя, номер билета, телефон или почта').fill(number)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Шубин Пётр Алексеевич', level: 1 }).waitFor()
    await page.getByText('Вы нашли его по билету').waitFor()
    await expectAccessible(page)
    expect(noise).toEqual([])
    await context.close()
  })
})
