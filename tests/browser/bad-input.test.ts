import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ensureBuild } from '../../scripts/build.ts'
import { desk, launchBrowser, openPage } from '../support/browser.ts'
import { startDemo } from '../support/demo.ts'
import type { Region } from '../support/region.ts'
import { createRegion } from '../support/region.ts'
import { demoPassword, signInStaff } from '../support/steps.ts'
import type { RunningSystem } from '../support/system.ts'

let system: RunningSystem
let region: Region
let browser: Browser

beforeAll(async () => {
  await ensureBuild()
  ;[system, browser] = await Promise.all([startDemo(), launchBrowser()])
  region = await createRegion(system)
})
afterAll(async () => {
  await browser?.close()
  await system?.dispose()
})

/** What the page shows in a field, as a person would see it; `&` and quotes don't occur in what is typed. */
const fieldOf = (html: string, name: string) =>
  / value="([^"]*)"/.exec(new RegExp(`<input[^>]*\\sname="${name}"[^>]*>`).exec(html)?.[0] ?? '')?.[1]

const nextYear = new Date().getFullYear() + 1

describe('a questionnaire', () => {
  it.each([
    ['a mistyped e-mail', { email: 'ivanova@yandex' }, 'Не похоже на адрес почты'],
    ['two e-mails in one field', { email: 'a@mail.ru, b@mail.ru' }, 'Не похоже на адрес почты'],
    ['a phone with a digit too few', { phone: '8 910 123-45-6' }, 'Не похоже на номер телефона'],
    ['a phone in words', { phone: 'нет телефона' }, 'Не похоже на номер телефона'],
    ['a birth date in the future', { birthDate: `${nextYear}-01-01` }, 'Дата рождения в будущем'],
    ['a birth date of the century before last', { birthDate: '1899-12-31' }, 'больше 120 лет назад'],
    ['a day that doesn’t exist', { birthDate: '2001-02-30' }, 'Такой даты нет'],
    ['no birth date', { birthDate: '' }, 'Впишите дату рождения'],
    ['an empty name', { fullName: '   ' }, 'Впишите фамилию, имя'],
    ['a name of digits', { fullName: '12345' }, 'Только буквы, дефис и апостроф'],
    ['a name of hyphens', { fullName: '- -' }, 'От одного до шести слов'],
    ['no consent', { consentGiven: '' }, 'Без подписанного согласия'],
    ['no representative of a child', { birthDate: `${nextYear - 9}-06-01` }, 'Читателю меньше 14 лет'],
  ])('with %s gets a sentence, keeps what was typed and changes nothing', async (_what, wrong, sentence) => {
    const form = region.questionnaire('librarian', {
      email: 'anna@mail.ru',
      phone: '8 910 123-45-67',
      ...wrong,
    })
    const before = await region.everything()
    const answer = await region.as('librarian', { path: '/staff/applications/new', form })
    expect(answer.status).toBe(422)
    expect(answer.text).toContain(sentence)
    const kept = Object.keys(form).filter((name) => !['consentGiven', 'libraryId'].includes(name))
    expect(Object.fromEntries(kept.map((name) => [name, fieldOf(answer.text, name)]))).toMatchObject(
      Object.fromEntries(kept.map((name) => [name, form[name as keyof typeof form]])),
    )
    expect(await region.changesSince(before)).toEqual([])
  })

  it('that is sent twice is one, and with another person under its key asks', async () => {
    const form = region.questionnaire('librarian', { fullName: 'Двойнова Мария Олеговна' })
    const first = await region.done('librarian', { path: '/staff/applications/new', form })
    const before = await region.everything()
    const second = await region.done('librarian', { path: '/staff/applications/new', form })
    expect(second.location).toBe(first.location)
    const sister = { ...form, fullName: 'Двойнова Ольга Олеговна' }
    const asked = await region.as('librarian', { path: '/staff/applications/new', form: sister })
    expect(asked.status).toBe(409)
    expect(asked.text).toContain('Если это новый читатель, отправьте его отдельной анкетой')
    expect(fieldOf(asked.text, 'fullName')).toBe(sister.fullName)
    expect(fieldOf(asked.text, 'formKey')).not.toBe(form.formKey)
    expect(await region.changesSince(before)).toEqual([])
  })
})

describe('a card number at sign-in', () => {
  it('with a wrong check digit is said to be mistyped, beside the answer that every wrong pair gets', async () => {
    const signIn = async (cardNumber: string) =>
      (await region.as('stranger', { path: '/sign-in', form: { cardNumber, password: 'wrong' } })).text
    const every = 'Номер или пароль не подошли'
    const mistyped = await signIn('2 000 0000 0000 7')
    expect(mistyped).toContain(every)
    expect(mistyped).toContain('Опечатка в номере: проверьте цифры')
    const unknown = await signIn('2000000000008')
    expect(unknown).toContain(every)
    expect(unknown).not.toContain('Опечатка')
  })
})

describe('what no browser sends', () => {
  const send = (method: string, path: string, type?: string, body?: string) =>
    fetch(`${system.origin}${path}`, {
      method,
      headers: { accept: 'text/html', origin: system.origin, ...(type && { 'content-type': type }) },
      ...(body !== undefined && { body }),
    })

  it.each([
    ['a body that is no form', 400, () => send('POST', '/sign-in', 'multipart/form-data; boundary=x', 'a')],
    ['a form as plain text', 400, () => send('POST', '/sign-in', 'text/plain', 'a=b')],
    ['a form without a type', 415, () => send('POST', '/sign-in')],
    [
      'a form where there is none',
      405,
      () => send('POST', '/help', 'application/x-www-form-urlencoded', 'a=b'),
    ],
    ['an address that was cut', 400, () => send('GET', '/books/%D0')],
    ['a file that there isn’t', 404, () => send('GET', '/forms/file?form=none')],
  ])('%s gets a sentence in the page’s language', async (_what, status, ask) => {
    const answer = await ask()
    expect(answer.status).toBe(status)
    const page = (await answer.text()).replaceAll(/<(style|script|head)[^]*?<\/\1>/g, '')
    expect(page).toMatch(status === 404 ? /Такой страницы нет/ : /прочитать их нельзя/)
    expect(page.replaceAll(/<[^>]*>/g, '')).not.toMatch(/Error|Bad|Method|Media|Malformed/)
  })
})

describe('an upload', () => {
  const before = { form: { ageMark: '12', licence: 'open' }, path: '/staff/catalogue/import' }
  const bytes = (text: string) => new Uint8Array(Buffer.from(text))

  it.each([
    ['a picture', 'photo.jpg', bytes('\u00ff\u00d8\u00ff'), 'Это не EPUB и не FB2'],
    ['a text that is called a book', 'book.epub', bytes('Просто текст'), 'Файл оборван или это не EPUB'],
    [
      'half a book',
      'half.fb2',
      bytes('<FictionBook><body><section><p>Половина книги'),
      'Файл оборван: конца книги в нём нет',
    ],
    ['an empty file', 'empty.fb2', bytes(''), 'Это не FB2'],
    ['a web page that is called a book', 'book.fb2', bytes('<html><body>Нет</body></html>'), 'Это не FB2'],
  ])('of %s gets a sentence and changes nothing', async (_what, name, file, sentence) => {
    const fund = await region.everything()
    const answer = await region.as('curator', { ...before, upload: { field: 'books', name, bytes: file } })
    expect(answer.status).toBe(200)
    expect(answer.text).toContain(name)
    expect(answer.text).toContain(sentence)
    expect(await region.changesSince(fund)).toEqual([])
  })

  it('without an age mark isn’t sent by the browser at all', async () => {
    const { page, context } = await openPage(browser, desk)
    await signInStaff(page, system.origin, 'curator@demo.test')
    await page.goto(`${system.origin}/staff/catalogue/import`)
    await page
      .getByLabel('Файлы книг')
      .setInputFiles([{ name: 'book.epub', mimeType: 'application/epub+zip', buffer: Buffer.from('x') }])
    const sent: string[] = []
    page.on('request', (request) => sent.push(request.method()))
    await press(page, 'Загрузить')
    const missing = (element: HTMLSelectElement) => element.validity.valueMissing
    expect(await page.getByLabel('Возрастная отметка').evaluate(missing)).toBe(true)
    // «None» is an answer, too.
    await page.getByLabel('Возрастная отметка').selectOption({ label: 'без отметки (читателям не видна)' })
    await press(page, 'Загрузить')
    await page.getByText('Не добавлено: 1').waitFor()
    // What is sent again needs no terms anew.
    expect(await page.getByLabel('Возрастная отметка').inputValue()).toBe('none')
    // The first press has sent nothing.
    expect(sent.filter((method) => method === 'POST')).toHaveLength(1)
    expect(await page.getByText('Добавлено книг').count()).toBe(0)
    await context.close()
  })

  it.each(['', '?', undefined])(
    'without an age mark (%j) is asked for it, and keeps the rest',
    async (ageMark) => {
      const upload = { field: 'books', name: 'book.epub', bytes: bytes('x') }
      const form = { ...(ageMark !== undefined && { ageMark }), licence: 'copies', copies: '7' }
      const fund = await region.everything()
      const answer = await region.as('curator', { ...before, form, upload })
      expect([answer.status, fieldOf(answer.text, 'copies')]).toEqual([422, '7'])
      expect(answer.text).toContain('Выберите возрастную отметку')
      expect(await region.changesSince(fund)).toEqual([])
    },
  )
})

/** Ends what browsers have open, as twelve idle hours would. */
const endSessions = () => region.sql(`delete from sessions where user_agent like '%Chrome%'`)
const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click()

async function signInAgain(page: Page, email: string, password = demoPassword): Promise<void> {
  await page.getByRole('heading', { name: 'Вход закончился' }).waitFor()
  await page.getByLabel('Электронная почта').fill(email)
  await page.getByLabel('Пароль', { exact: true }).fill(password)
  await press(page, 'Войти и отправить')
}

describe.each([
  ['off', false],
  ['on', true],
] as const)('a session that ends in the middle of a form, with JavaScript %s', (_word, javaScriptEnabled) => {
  it('loses nothing of a questionnaire, which goes out after signing in, even after a wrong password', async () => {
    const { page, context } = await openPage(browser, { ...desk, javaScriptEnabled })
    const name = javaScriptEnabled ? 'Терпеливая Вера Ильинична' : 'Терпеливая Нина Ильинична'
    await signInStaff(page, system.origin, 'librarian@demo.test')
    await page.goto(`${system.origin}/staff/applications/new`)
    await page.getByLabel('ФИО', { exact: true }).fill(name)
    await page.getByLabel('Электронная почта').fill('patient@mail.ru')
    await page.getByLabel('Дата рождения').fill('1991-02-03')
    await page.getByLabel('Контактный телефон').fill('8 910 123-45-67')
    await page.locator('[name=consentGiven]').check()
    await endSessions()
    await press(page, 'Отправить')
    await signInAgain(page, 'librarian@demo.test', 'wrong')
    await page.getByText('не подошли').waitFor()
    await signInAgain(page, 'librarian@demo.test')
    await page.waitForURL(/\/staff\/applications\/[0-9a-f-]{36}\?sent/)
    expect(
      await region.sql(
        `select birth_date::text, applications.email, phone, staff.email as by from applications
         join staff on staff.id = created_by where applications.full_name = $1`,
        [name],
      ),
    ).toEqual([
      {
        birth_date: '1991-02-03',
        email: 'patient@mail.ru',
        phone: '+79101234567',
        by: 'librarian@demo.test',
      },
    ])
    await context.close()
  })

  it('keeps an operator’s reason; the outside service’s password is typed anew', async () => {
    const { page, context } = await openPage(browser, { ...desk, javaScriptEnabled })
    const consents = { handoverGiven: 'on', handoverVersion: region.handoverVersion }
    const [back, on] = [await region.sent('librarian'), await region.sent('librarian', consents)]
    await signInStaff(page, system.origin, 'operator@demo.test')
    await page.goto(`${system.origin}/staff/applications/${back}`)
    await page.getByLabel('Что нужно исправить').fill('Проверьте отчество')
    await endSessions()
    await press(page, 'Вернуть на доработку')
    await signInAgain(page, 'operator@demo.test')
    await page.waitForURL(/\/staff\/applications(\/(?!.*again)|\?)/)
    expect(await region.sql('select return_reason from applications where id = $1', [back])).toEqual([
      { return_reason: 'Проверьте отчество' },
    ])

    await page.goto(`${system.origin}/staff/applications/${on}`)
    await page.locator('[name=providerNumber]').fill('90011224')
    await page.locator('[name=providerPassword]').fill('Qq-Ёж12345')
    await endSessions()
    await press(page, 'Зарегистрировать')
    await page.getByRole('heading', { name: 'Вход закончился' }).waitFor()
    expect(await page.content()).not.toContain('Qq-Ёж12345')
    await signInAgain(page, 'operator@demo.test')
    await page.getByText('Впишите и номер, и пароль').waitFor()
    expect(await page.locator('[name=providerNumber]').inputValue()).toBe('90011224')
    await context.close()
  })
})

describe('a session that ends in the middle of a form', () => {
  it('of another library says so when somebody else signs in, and sends nothing', async () => {
    const { page, context } = await openPage(browser, { ...desk, javaScriptEnabled: false })
    await signInStaff(page, system.origin, 'librarian@demo.test')
    await page.goto(`${system.origin}/staff/applications/new`)
    await page.getByLabel('ФИО', { exact: true }).fill('Чужая Анна Львовна')
    await page.getByLabel('Дата рождения').fill('1991-02-03')
    await page.locator('[name=consentGiven]').check()
    await endSessions()
    await press(page, 'Отправить')
    await signInAgain(page, 'librarian2@demo.test')
    await page.getByText('Эта анкета начата в другой библиотеке').waitFor()
    expect(await page.getByLabel('ФИО', { exact: true }).inputValue()).toBe('Чужая Анна Львовна')
    expect(await region.sql(`select from applications where full_name like 'Чужая%'`)).toEqual([])
    await context.close()
  })

  it('brings a questionnaire that has a fault back with the sentence and all that was typed', async () => {
    const { page, context } = await openPage(browser, { ...desk, javaScriptEnabled: false })
    await signInStaff(page, system.origin, 'librarian@demo.test')
    await page.goto(`${system.origin}/staff/applications/new`)
    await page.getByLabel('ФИО', { exact: true }).fill('Забывчивая Анна Львовна')
    await page.getByLabel('Дата рождения').fill('1991-02-03')
    await page.getByLabel('Контактный телефон').fill('8 910')
    await page.locator('[name=consentGiven]').check()
    await endSessions()
    await press(page, 'Отправить')
    await signInAgain(page, 'librarian@demo.test')
    await page.getByText('Не похоже на номер телефона').waitFor()
    expect(await page.getByLabel('ФИО', { exact: true }).inputValue()).toBe('Забывчивая Анна Львовна')
    expect(await page.locator('[name=consentGiven]').isChecked()).toBe(true)
    await page.getByLabel('Контактный телефон').fill('8 910 123-45-67')
    await press(page, 'Отправить')
    await page.waitForURL(/\?sent/)
    await context.close()
  })
})
