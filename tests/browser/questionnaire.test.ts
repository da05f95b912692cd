import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectAccessible } from '../support/accessibility.ts'
import { desk, launchBrowser, openPage } from '../support/browser.ts'
import { startDemo } from '../support/demo.ts'
import type { Region } from '../support/region.ts'
import { createRegion } from '../support/region.ts'
import { signInStaff } from '../support/steps.ts'
import type { RunningSystem } from '../support/system.ts'
import { eventually } from '../support/system.ts'

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

async function signedIn(options = {}, email = 'librarian@demo.test') {
  const opened = await openPage(browser, { ...desk, ...options })
  await signInStaff(opened.page, system.origin, email)
  return opened
}
/** Opens a page of the questionnaire and waits for its script to be at work. */
async function openForm(page: Page, path = '/staff/applications/new'): Promise<void> {
  await page.goto(system.origin + path)
  await page.getByRole('button', { name: 'Открыть календарь' }).waitFor()
}
const fullName = (page: Page) => page.getByLabel('ФИО', { exact: true })
const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click()
const sentAs = (name: string) =>
  region.sql(
    `select a.id, phone, a.email, birth_date::text, guardian_name, guardian_relation
     from applications a join consents c on c.application_id = a.id where full_name = $1`,
    [name],
  )
const draftsOf = (name: string) =>
  region.sql(`select id, revision, fields from drafts where origin = 'desk' and fields->>'fullName' = $1`, [
    name,
  ])

/** Tab, as often as it takes to reach what is looked for; fails when it isn't reached. */
async function tabTo(page: Page, reached: () => Promise<boolean>): Promise<void> {
  for (let time = 0; time < 60; time += 1) {
    if (await reached()) return
    await page.keyboard.press('Tab')
  }
  throw new Error('the keyboard doesn’t get there')
}
const focused = (page: Page, selector: string) => () =>
  page.evaluate((wanted) => document.activeElement?.matches(wanted) ?? false, selector)
const focusedText = (page: Page, text: string) => () =>
  page.evaluate((wanted) => document.activeElement?.textContent?.trim() === wanted, text)
async function typeInto(page: Page, name: string, text: string): Promise<void> {
  await tabTo(page, focused(page, `[name=${name}]`))
  await page.keyboard.press('Control+A')
  await page.keyboard.type(text)
}
async function goTo(page: Page, text: string): Promise<void> {
  await tabTo(page, focusedText(page, text))
  await page.keyboard.press('Enter')
}

describe('a family', () => {
  it('gets its next questionnaire from any that was sent or registered, and isn’t taken for one person', async () => {
    const contacts = { phone: '+79107770011', email: 'family@reader.test' }
    const [sent, registered] = [
      await region.sent('librarian', { ...contacts, fullName: 'Семейная Вера Львовна' }),
      await region.sent('librarian', {
        ...contacts,
        fullName: 'Семейный Олег Львович',
        birthDate: '1988-01-02',
      }),
    ]
    await region.done('operator', {
      path: `/staff/applications/${registered}?/register`,
      form: { revision: '1', providerNumber: '', providerPassword: '' },
    })
    const { page, context } = await signedIn()
    for (const id of [sent, registered]) {
      await page.goto(`${system.origin}/staff/applications/${id}`)
      await page.getByRole('link', { name: 'Ещё один читатель из этой семьи' }).waitFor()
    }
    await context.close()
    const office = await signedIn({}, 'operator@demo.test')
    await office.page.goto(`${system.origin}/staff/applications/${sent}`)
    const line = office.page.locator('#likes summary')
    expect(await line.innerText()).toContain('Тот же телефон, та же почта: возможно, одна семья')
    expect(await office.page.getByText('Может быть, этот человек уже записан').count()).toBe(0)
    await expectAccessible(office.page)
    await office.context.close()
  })
})

describe('a consent', () => {
  it('goes on in the edition that was printed from its form, though a newer one came meanwhile', async () => {
    const { page, context } = await signedIn({ javaScriptEnabled: false })
    await page.goto(`${system.origin}/staff/applications/new`)
    const edition = await page.locator('[name=consentVersion]').inputValue()
    await fullName(page).fill('Редакционная Анна Львовна')
    await page.getByLabel('Дата рождения').fill('05.03.1990')
    await page.getByLabel('Контактный телефон').fill('8 910')
    await page.locator('[name=consentGiven]').check()
    await region.sql(
      `insert into consent_texts (kind, body, created_at)
       select kind, body || ' Новое.', now() from consent_texts where version = $1`,
      [Number(edition)],
    )
    await press(page, 'Отправить')
    await page.getByText('цифр не хватает').waitFor()
    expect(await page.locator('[name=consentVersion]').inputValue()).toBe(edition)
    await page.getByText(`подписано на бумаге (редакция ${edition})`).waitFor()
    await page.getByLabel('Контактный телефон').fill('8 910 123-45-67')
    await press(page, 'Отправить')
    await page.waitForURL(/\?sent/)
    expect(
      await region.sql(
        `select text_version from consents c join applications a on a.id = application_id
         where full_name = 'Редакционная Анна Львовна'`,
      ),
    ).toEqual([{ text_version: Number(edition) }])
    await context.close()
  })
})

describe('a librarian’s day with the keyboard only', () => {
  it('a family of three goes out one after another, contacts typed once and each consent taken anew', async () => {
    const { page, context, noise } = await signedIn()
    await goTo(page, 'Новая анкета')
    await page.waitForURL(/\/new$/)
    await typeInto(page, 'fullName', 'Ключевская Ирина Олеговна')
    await typeInto(page, 'email', 'klyuch@mail.ru')
    await typeInto(page, 'birthDate', '05031985')
    await typeInto(page, 'phone', '8 910 777 66 55')
    await tabTo(page, focused(page, '[name=consentGiven]'))
    await page.keyboard.press('Space')
    await page.keyboard.press('Enter')
    await page.waitForURL(/\?sent/)
    await expectAccessible(page)

    for (const [first, birthDate] of [
      ['Ключевской Глеб', '01.02.2018'],
      ['Ключевская Вера', '3 апреля 2015'],
    ] as const) {
      await goTo(page, 'Ещё один читатель из этой семьи')
      await page.waitForURL(/\?family=/)
      await expectAccessible(page)
      expect(await page.locator('[name=consentGiven]').isChecked()).toBe(false)
      await typeInto(page, 'fullName', first)
      await typeInto(page, 'birthDate', birthDate)
      await page.keyboard.press('Tab')
      expect(await page.locator('[name=guardianName]').inputValue()).toBe('Ключевская Ирина Олеговна')
      if (first === 'Ключевской Глеб') await typeInto(page, 'guardianRelation', 'мама')
      await tabTo(page, focused(page, '[name=consentGiven]'))
      await page.keyboard.press('Space')
      await page.keyboard.press('Enter')
      await page.waitForURL(/\?sent/)
    }
    const contacts = { phone: '+79107776655', email: 'klyuch@mail.ru' }
    const mother = { guardian_name: 'Ключевская Ирина Олеговна', guardian_relation: 'мама' }
    expect(await sentAs('Ключевская Ирина Олеговна')).toMatchObject([
      { ...contacts, birth_date: '1985-03-05' },
    ])
    expect(await sentAs('Ключевской Глеб')).toMatchObject([
      { ...contacts, ...mother, birth_date: '2018-02-01' },
    ])
    expect(await sentAs('Ключевская Вера')).toMatchObject([
      { ...contacts, ...mother, birth_date: '2015-04-03' },
    ])
    expect(noise).toEqual([])
    await context.close()
  })

  it('a draft keeps itself, is found in the list, gone on with and sent; Back doesn’t send it again', async () => {
    const { page, context } = await signedIn()
    await openForm(page)
    await typeInto(page, 'fullName', 'Отложенная Анна Львовна')
    await typeInto(page, 'phone', '8 910')
    await page.getByText('Черновик сохранён в').waitFor()
    expect(await draftsOf('Отложенная Анна Львовна')).toMatchObject([{ fields: { phone: '8 910' } }])
    await page.goto(`${system.origin}/staff/applications`)
    await goTo(page, 'Черновики')
    await goTo(page, 'Отложенная Анна Львовна')
    await page.waitForURL(/\?draft=/)
    expect(await page.getByLabel('Контактный телефон').inputValue()).toBe('8 910')
    await typeInto(page, 'birthDate', '05.03.1990')
    await typeInto(page, 'phone', '8 910 777 66 54')
    await tabTo(page, focused(page, '[name=consentGiven]'))
    await page.keyboard.press('Space')
    await page.keyboard.press('Enter')
    await page.waitForURL(/\?sent/)
    await page.getByText('Черновик · Нина Павловна Соколова').waitFor()
    expect(await draftsOf('Отложенная Анна Львовна')).toEqual([])
    // What was sent can't be sent from its old page: that leads to the questionnaire.
    await page.goBack()
    await page.getByRole('heading', { name: 'Отложенная Анна Львовна' }).waitFor()
    expect(await sentAs('Отложенная Анна Львовна')).toHaveLength(1)
    await context.close()
  })

  it('a code from home brings the form; document checked, consent taken, sent, and the code is used up', async () => {
    const code = await region.homeCode({ fullName: 'Пришедшая Ольга', phone: '8 910 777-66-53' })
    const { page, context } = await signedIn()
    await openForm(page)
    await typeInto(page, 'code', code.toLowerCase().replace('-', ''))
    await page.keyboard.press('Enter')
    await page.waitForURL(/\?draft=/)
    await page.getByText('Анкета заполнена дома').waitFor()
    await expectAccessible(page)
    expect(await page.getByLabel('Дата рождения').inputValue()).toBe('05.04.1991')
    await typeInto(page, 'fullName', 'Пришедшая Ольга Ивановна')
    await tabTo(page, focused(page, '[name=consentGiven]'))
    await page.keyboard.press('Space')
    await page.keyboard.press('Enter')
    await page.waitForURL(/\?sent/)
    await page.getByText('Черновик · дома').waitFor()
    await openForm(page)
    await typeInto(page, 'code', code)
    await page.keyboard.press('Enter')
    await page.getByText('Такого кода нет').waitFor()
    // It came by no message.
    await page.locator('[name=code]').fill('   ')
    await page.locator('[name=code]').press('Enter')
    await page.getByText('Впишите код, который сайт показал').waitFor()
    await context.close()
  })
})

describe('a draft', () => {
  it('is saved with a button, gone on with and thrown away with JavaScript off', async () => {
    const { page, context } = await signedIn({ javaScriptEnabled: false })
    await page.goto(`${system.origin}/staff/applications/new`)
    await fullName(page).fill('Бесскриптова Анна')
    await press(page, 'Сохранить черновик')
    await page.getByText('Черновик сохранён.').waitFor()
    await page.getByRole('link', { name: 'Бесскриптова Анна' }).click()
    await page.getByLabel('Контактный телефон').fill('нет')
    await press(page, 'Сохранить черновик')
    await page.getByText('Черновик сохранён.').waitFor()
    expect(await draftsOf('Бесскриптова Анна')).toMatchObject([{ revision: 2, fields: { phone: 'нет' } }])
    const row = page.locator('li', { hasText: 'Бесскриптова Анна' })
    await row.locator('summary').click()
    await row.getByRole('button', { name: 'Да, удалить черновик' }).click()
    await page.getByText('Черновик удалён.').waitFor()
    expect(await draftsOf('Бесскриптова Анна')).toEqual([])
    await context.close()
  })

  it.each([true, false])(
    'open in two tabs isn’t overwritten silently, stays one draft, and none is left once it is sent (JavaScript %s)',
    async (javaScriptEnabled) => {
      const name = javaScriptEnabled ? 'Двухвкладкина Анна' : 'Двухвкладкина Нина'
      const { page, context } = await signedIn({ javaScriptEnabled })
      await page.goto(`${system.origin}/staff/applications/new`)
      await fullName(page).fill(name)
      await press(page, 'Сохранить черновик')
      await page.getByRole('link', { name }).click()
      await page.waitForURL(/\?draft=/)
      const other = await context.newPage()
      await other.goto(page.url())
      await other.getByLabel('Контактный телефон').fill('8 910 111-11-11')
      await press(other, 'Сохранить черновик')
      await other.getByText('Черновик сохранён.').waitFor()
      await page.getByLabel('Контактный телефон').fill('8 910 222-22-22')
      if (!javaScriptEnabled) await press(page, 'Сохранить черновик')
      await page.getByText('Этот черновик изменили').waitFor()
      const kept = async () =>
        (await draftsOf(name)).map(({ fields }) => String(Object(fields).phone).replace(/\D/g, '').slice(-10))
      expect(await kept()).toEqual(['9101111111'])
      // Told of it, the librarian decides for what stands here.
      await press(page, 'Сохранить черновик')
      await page.getByText('Черновик сохранён.').waitFor()
      expect(await kept()).toEqual(['9102222222'])

      await page.getByRole('link', { name }).click()
      await page.getByLabel('Дата рождения').fill('05.03.1990')
      await page.locator('[name=consentGiven]').check()
      await press(page, 'Отправить')
      await page.waitForURL(/\?sent/)
      expect(await kept()).toEqual([])
      await context.close()
    },
  )

  it('of what was typed before the page’s script had come is kept too', async () => {
    const { page, context } = await signedIn()
    let go = () => {}
    const held = new Promise<void>((resolve) => (go = resolve))
    await page.route('**/*.js', async (route) => {
      await held
      await route.continue()
    })
    await page.goto(`${system.origin}/staff/applications/new`, { waitUntil: 'commit' })
    await fullName(page).fill('Ранняя Анна')
    go()
    await page.getByText('Черновик сохранён в').waitFor()
    expect(await draftsOf('Ранняя Анна')).toHaveLength(1)
    await context.close()
  })

  it('is come back to in the other language, though it was typed a moment before', async () => {
    const { page, context } = await signedIn()
    await openForm(page)
    await fullName(page).fill('Двуязычная Нина Олеговна')
    await press(page, 'English')
    await page.locator('html[lang=en]').waitFor()
    expect(page.url()).toContain('/new?draft=')
    expect(await page.locator('[name=fullName]').inputValue()).toBe('Двуязычная Нина Олеговна')
    await context.close()
  })

  it('of a form that was refused is kept, though nothing more is typed; a reload goes on with it', async () => {
    const { page, context } = await signedIn()
    await openForm(page)
    await fullName(page).fill('Отклонённая Анна')
    await page.getByLabel('Контактный телефон').fill('8 910')
    await page.getByLabel('Дата рождения').fill('05.03.1990')
    await page.locator('[name=consentGiven]').check()
    await press(page, 'Отправить')
    const refused = page.getByRole('alert').getByRole('link', { name: 'Контактный телефон' })
    await refused.waitFor()
    await page.waitForURL(/\?draft=/)
    expect(await draftsOf('Отклонённая Анна')).toMatchObject([{ fields: { phone: '8 910' } }])
    expect(await refused.isVisible()).toBe(true)
    await page.reload()
    expect(await fullName(page).inputValue()).toBe('Отклонённая Анна')
    await context.close()
  })

  it('is kept when the tab is hidden, before its seconds are over', async () => {
    const { page, context } = await signedIn()
    await openForm(page)
    await fullName(page).fill('Спрятанная Анна')
    await page.evaluate(() => {
      Object.defineProperty(document, 'visibilityState', { value: 'hidden' })
      document.dispatchEvent(new Event('visibilitychange'))
    })
    await eventually(async () => ((await draftsOf('Спрятанная Анна')).length === 1 ? true : undefined))
    await context.close()
  })

  it('of a form that goes out while it is being saved doesn’t stay behind', async () => {
    const { page, context } = await signedIn()
    await openForm(page)
    await fullName(page).fill('Спешащая Анна')
    await page.getByLabel('Дата рождения').fill('05.03.1990')
    await page.locator('[name=consentGiven]').check()
    let answer = () => {}
    const pressed = new Promise<void>((resolve) => (answer = resolve))
    await page.route('**/staff/applications/drafts', async (route) => {
      const response = await route.fetch()
      await pressed
      await route.fulfill({ response })
    })
    const saving = page.waitForRequest((request) => request.method() === 'PUT')
    await page.evaluate(() => {
      Object.defineProperty(document, 'visibilityState', { value: 'hidden' })
      document.dispatchEvent(new Event('visibilitychange'))
    })
    await saving
    await press(page, 'Отправить')
    answer()
    await page.waitForURL(/\?sent/)
    expect(await sentAs('Спешащая Анна')).toHaveLength(1)
    expect(await draftsOf('Спешащая Анна')).toEqual([])
    await context.close()
  })
})

describe('the next of a family', () => {
  it('put aside as a draft before its birth date is known keeps the representative', async () => {
    const id = await region.sent('librarian', {
      fullName: 'Сестрина Вера Львовна',
      birthDate: '05.03.2018',
      guardianName: 'Сестрина Ольга',
      guardianRelation: 'мама',
    })
    const { page, context } = await signedIn()
    await openForm(page, `/staff/applications/new?family=${id}`)
    await press(page, 'Сестрин')
    expect(await fullName(page).inputValue()).toBe('Сестрин ')
    await page.keyboard.type('Лев')
    await page.getByRole('link', { name: 'Черновики' }).click()
    await page.waitForURL(/\/drafts$/)
    await eventually(async () => ((await draftsOf('Сестрин Лев')).length === 1 ? true : undefined))
    await page.reload()
    await page.getByRole('link', { name: 'Сестрин Лев' }).click()
    await page.waitForURL(/\?draft=/)
    await page.getByLabel('Дата рождения').fill('06.04.2016')
    expect(await page.locator('[name=guardianName]').inputValue()).toBe('Сестрина Ольга')
    expect(await page.locator('[name=guardianRelation]').inputValue()).toBe('мама')
    await context.close()
  })
})

describe('a questionnaire from home that two libraries call up', () => {
  it('is sent by one, and the other is told and sends nothing', async () => {
    const name = 'Разрываемая Анна'
    const code = await region.homeCode({ fullName: name })
    const [bui, galich] = [await signedIn(), await signedIn({}, 'librarian2@demo.test')]
    for (const { page } of [bui, galich]) {
      await openForm(page)
      await page.getByLabel('Код из дома').fill(code)
      await press(page, 'Вызвать анкету')
      await page.waitForURL(/\?draft=/)
      await page.locator('[name=consentGiven]').check()
    }
    await press(bui.page, 'Отправить')
    await bui.page.waitForURL(/\?sent/)
    await press(galich.page, 'Отправить')
    await galich.page.getByText('уже отправлена в центральную библиотеку').waitFor()
    expect(await fullName(galich.page).inputValue()).toBe(name)
    await expectAccessible(galich.page)
    expect(await sentAs(name)).toHaveLength(1)
    await bui.context.close()
    await galich.context.close()
  })

  it('that was withdrawn meanwhile says so, and goes out as an ordinary one when sent once more', async () => {
    const name = 'Передумавшая Анна'
    const code = await region.homeCode({ fullName: name })
    const { page, context } = await signedIn()
    await openForm(page)
    await page.getByLabel('Код из дома').fill(code)
    await press(page, 'Вызвать анкету')
    await page.waitForURL(/\?draft=/)
    await region.done('stranger', { path: '/join/withdraw', form: { code } })
    await page.locator('[name=consentGiven]').check()
    await press(page, 'Отправить')
    await page.getByText('удалили дома').waitFor()
    expect(await sentAs(name)).toEqual([])
    await page.locator('[name=consentGiven]').check()
    await press(page, 'Отправить')
    await page.waitForURL(/\?sent/)
    expect(await sentAs(name)).toHaveLength(1)
    await context.close()
  })
})
