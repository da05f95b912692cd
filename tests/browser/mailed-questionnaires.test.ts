import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { doneFolder } from '../../src/core/intake/mailbox.ts'
import { expectAccessible } from '../support/accessibility.ts'
import { messagesAtOnce } from '../support/at-once.ts'
import { desk, launchBrowser, openPage, phone } from '../support/browser.ts'
import { startDemo } from '../support/demo.ts'
import type { ImapServer } from '../support/imap-server.ts'
import { startImapServer } from '../support/imap-server.ts'
import { authservId, formText, rawMail } from '../support/letters.ts'
import type { MailServer } from '../support/mail-server.ts'
import { startMailServer } from '../support/mail-server.ts'
import { demoPassword, signInStaff } from '../support/steps.ts'
import type { RunningSystem } from '../support/system.ts'
import { eventually } from '../support/system.ts'

const bui = 'library009@demo.test'
const messageId = '<anketa-1@mail.demo.test>'
const before = '<before@mail.demo.test>'

/** The six rows of the form, as a mail program sends a table as text: names and values on lines of their own. */
const sixRows = `Здравствуйте! Высылаем анкету.

	ФИО
	Кузнецова Дарья Олеговна

	Электронная почта
	kuznetsova@mail.ru

	Дата рождения
	17.04.1992

	Контактный телефон
	8 910 555-01-02

	Номер читательского билета


	Пароль


                 Анкета для регистрации в «Смарт-библиотеке»
`

let system: RunningSystem
let browser: Browser
let mailbox: ImapServer
let mail: MailServer

beforeAll(async () => {
  ;[mailbox, mail] = await Promise.all([startImapServer(), startMailServer()])
  const env = {
    SMTP_URL: mail.url,
    INTAKE_IMAP_URL: mailbox.url,
    INTAKE_AUTHSERV_ID: authservId,
    MAIL_FROM: 'Смарт-библиотека <books@library.test>',
  }
  ;[system, browser] = await Promise.all([startDemo({ env }), launchBrowser()])
  await messagesAtOnce(system)
})
afterAll(async () => {
  await browser?.close()
  await system?.dispose()
  await Promise.all([mailbox?.close(), mail?.close()])
})

const answer = (subject: string, text: RegExp) =>
  eventually(async () =>
    mail.received.find((each) => each.to.includes(bui) && each.subject === subject && text.test(each.text)),
  )
const header = (raw: string, name: string) =>
  new RegExp(`^${name}: (.*(?:\\r\\n[ \\t].*)*)`, 'im').exec(raw)?.[1]?.replaceAll(/\s+/g, ' ') ?? ''

describe('a questionnaire by mail', () => {
  let letterPath: string

  it('is taken out of the inbox and answered in its thread, at the library’s registered address', async () => {
    mailbox.deliver(
      rawMail({ from: bui, text: sixRows, subject: 'Анкета', messageId, head: `References: ${before}` }),
    )
    const { text, raw } = await answer('Re: Анкета', /Анкет в нём: 1; прочитаны без сомнений: 1/)
    expect(header(raw, 'In-Reply-To')).toBe(messageId)
    expect(header(raw, 'References')).toBe(`${before} ${messageId}`)
    expect(header(raw, 'Auto-Submitted')).toBe('auto-replied')
    expect(text).not.toMatch(/Кузнецова|kuznetsova|910/)
    await eventually(async () => (mailbox.mailsIn(doneFolder).length === 1 ? true : undefined))
    expect(mailbox.mailsIn('INBOX')).toEqual([])
    letterPath = /\/staff\/letters\/[0-9a-f-]{36}/.exec(text)?.[0] ?? ''
    expect(text).toContain(system.origin + letterPath)
  })

  it.each([['on a phone without scripts', { ...phone, javaScriptEnabled: false }]] as const)(
    'is confirmed by the librarian behind the answer’s link, %s',
    async (_, size) => {
      const { page, context, noise } = await openPage(browser, size)
      await page.goto(system.origin + letterPath)
      await page.locator('[name=email]').fill('librarian@demo.test')
      await page.locator('[name=password]').fill(demoPassword)
      await page.locator('main form.panel button.button').click()
      await page.waitForURL(system.origin + letterPath)
      await page.getByText('Кузнецова Дарья Олеговна').first().waitFor()
      await page.getByLabel('Согласия на обработку подписаны').check()
      await page.locator('form.panel > button.button').click()
      await page.getByText('Отправлено анкет: 1.').waitFor()
      expect(noise).toEqual([])
      await context.close()
    },
  )

  it('is registered by the operator; number and slip are answered in the same thread', async () => {
    const { page, context, noise } = await openPage(browser, desk)
    await signInStaff(page, system.origin, 'operator@demo.test')
    await page.goto(`${system.origin}/staff/applications`)
    await page.getByRole('link', { name: 'Кузнецова Дарья Олеговна' }).click()
    await page.getByText('письмом').first().waitFor()
    await expectAccessible(page)
    await page.getByRole('button', { name: 'Зарегистрировать', exact: true }).click()
    const { raw, text } = await answer('Re: Анкета', /читатель зарегистрирован/)
    expect(header(raw, 'In-Reply-To')).toBe(messageId)
    expect(text).toMatch(/\/staff\/applications\/[0-9a-f-]{36}/)
    expect(text).not.toContain('Кузнецова')
    expect(noise).toEqual([])
    await context.close()
  })

  it('with a doubtful field is marked beside what stands in the letter, and sent from its form', async () => {
    mailbox.deliver(rawMail({ from: bui, text: formText({ birthDate: '05.03.90' }), subject: 'Ещё анкета' }))
    await answer('Re: Ещё анкета', /Нужно проверить: 1/)
    const { page, context, noise } = await openPage(browser, desk)
    await signInStaff(page, system.origin, 'librarian@demo.test')
    await page.getByRole('link', { name: 'Письма с анкетами ждут согласия' }).click()
    await page.getByRole('link', { name: 'Ещё анкета' }).click()
    await page.getByText('В письме: «05.03.90».').waitFor()
    await expectAccessible(page)
    await page.getByRole('link', { name: 'Проверить и отправить' }).click()
    await page.getByText('В письме: «05.03.90».').waitFor()
    expect(await page.getByLabel('Дата рождения').inputValue()).toBe('05.03.90')
    await expectAccessible(page)
    await page.getByLabel('Дата рождения').fill('05.03.1990')
    await page.locator('[name=consentGiven]').check()
    await page.getByRole('button', { name: 'Отправить', exact: true }).click()
    await page.waitForURL(/\/applications\/[0-9a-f-]{36}\?sent/)
    expect(noise).toEqual([])
    await context.close()
  })

  it('that isn’t one is answered with the form, and stays in the inbox', async () => {
    mailbox.deliver(rawMail({ from: bui, text: 'Посылаю анкету, она во вложении', subject: 'Новая анкета' }))
    const { raw } = await answer('Re: Новая анкета', /форму из вложения/)
    expect(raw).toMatch(/filename="?anketa-009\.docx/)
    expect(mailbox.mailsIn('INBOX')).toHaveLength(1)
  })

  it('of a stranger waits for the operator, who gives it to a library; nobody answers the stranger', async () => {
    mailbox.deliver(rawMail({ from: 'teacher@school.test', subject: 'Учитель' }))
    const { page, context, noise } = await openPage(browser, desk)
    await signInStaff(page, system.origin, 'operator@demo.test')
    const link = page.getByRole('link', { name: 'Учитель' })
    await eventually(async () => {
      await page.goto(`${system.origin}/staff/letters`)
      return (await link.count()) > 0 ? true : undefined
    })
    await link.click()
    await page.getByText('Адреса отправителя нет ни у одной').waitFor()
    await expectAccessible(page)
    await page.getByLabel('Библиотека').selectOption({ label: 'Буйская районная библиотека' })
    await page.getByRole('button', { name: 'Передать библиотеке' }).click()
    await page.getByText('Письмо передано библиотеке.').waitFor()
    await answer('Re: Учитель', /Анкет в нём: 1/)
    expect(mail.received.flatMap(({ to }) => to)).not.toContain('teacher@school.test')
    expect(noise).toEqual([])
    await context.close()
  })
})
