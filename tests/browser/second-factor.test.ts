import { Secret, TOTP } from 'otpauth'
import type { Browser, Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { runningPostgres } from '../../src/core/shared/postgres/embedded.ts'
import { expectAccessible } from '../support/accessibility.ts'
import { desk, openPage, phone } from '../support/browser.ts'
import { onServer } from '../support/server-commands.ts'
import { demoPassword, signInStaff, smart } from '../support/steps.ts'
import type { RunningSystem } from '../support/system.ts'
import { useDemo } from '../support/use-demo.ts'

let system: RunningSystem
let browser: Browser
useDemo((started) => ({ system, browser } = started))

/** A staff member of the demonstration's under another address, so that no test changes how others sign in. */
async function newMember(name: string, like: string): Promise<string> {
  const email = `${name}@demo.test`
  await onServer(
    (await runningPostgres(system.dataDir)) ?? '',
    `with member as (
       insert into staff (email, full_name, password_hash)
       select $1, full_name, password_hash from staff where email = $2 returning id)
     insert into staff_roles (staff_id, library_id, role)
     select member.id, library_id, role from member, staff join staff_roles r on r.staff_id = staff.id
     where email = $2`,
    [email, like],
  )
  return email
}

/** The password alone: what comes next is the caller's. */
async function typePassword(page: Page, email: string): Promise<void> {
  await page.locator('[name=email]').fill(email)
  await page.locator('[name=password]').fill(demoPassword)
  await page.getByRole('button', { name: 'Войти', exact: true }).click()
}

const codeOf = (secret: string) =>
  new TOTP({ secret: Secret.fromBase32(secret.replaceAll(' ', '')) }).generate()

/** Sets codes up on the own page. @returns recovery codes */
async function setUpCodes(page: Page): Promise<string[]> {
  await page.getByRole('button', { name: 'Настроить' }).click()
  await page.waitForURL('**/staff/profile/code')
  const secret = (await page.locator('li code').textContent()) ?? ''
  await page.getByLabel('Код', { exact: true }).fill(codeOf(secret))
  await page.getByRole('button', { name: 'Включить' }).click()
  await page.getByRole('heading', { name: 'Ваши запасные коды' }).waitFor()
  return page.locator('li code').allTextContents()
}

const leave = (page: Page) => page.context().clearCookies({ name: 'staff' })

describe('a passkey', () => {
  it('is made on the own page, is the second step after the password, and the whole sign-in without one', async () => {
    const email = await newMember('passkeys', 'operator@demo.test')
    const { page, context, noise } = await openPage(browser, desk)
    const device = await context.newCDPSession(page)
    await device.send('WebAuthn.enable')
    await device.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    })
    await signInStaff(page, system.origin, email)
    await page.goto(`${system.origin}/staff/profile`)
    await page.getByLabel('Название ключа').fill('Рабочий компьютер')
    await page.getByRole('button', { name: 'Добавить ключ' }).click()
    await page.getByRole('heading', { name: 'Ваши запасные коды' }).waitFor()
    await page.getByRole('button', { name: 'Удалить ключ: Рабочий компьютер' }).waitFor()
    await expectAccessible(page)

    await leave(page)
    await page.goto(`${system.origin}/staff/sign-in?next=/staff/applications`)
    await typePassword(page, email)
    await page.getByRole('heading', { name: 'Второй шаг входа' }).waitFor()
    await page.getByRole('button', { name: 'Вход с ключом доступа' }).click()
    await page.waitForURL(`${system.origin}/staff/applications`)

    await leave(page)
    await page.goto(`${system.origin}/staff/sign-in?next=/staff/readers`)
    await page.getByRole('button', { name: 'Вход с ключом доступа' }).click()
    await page.waitForURL(`${system.origin}/staff/readers`)
    expect(noise).toEqual([])
    await context.close()
  })
})

describe('without JavaScript, on a phone', () => {
  it('codes are set up, let in once, and a form that was on its way when the session ended arrives', async () => {
    const email = await newMember('codes', 'librarian@demo.test')
    const { page, context } = await openPage(browser, { ...phone, javaScriptEnabled: false })
    await signInStaff(page, system.origin, email)
    await page.goto(`${system.origin}/staff/profile`)
    const [first = '', second = ''] = await setUpCodes(page)

    await page.goto(`${system.origin}/staff/applications/new`)
    await page.locator('[name=fullName]').fill('Второфакторова Ия Львовна')
    await page.locator('[name=birthDate]').fill('1990-01-01')
    await page.locator('[name=consentGiven]').check()
    await leave(page)
    await page.getByRole('button', { name: 'Отправить', exact: true }).click()
    await page.locator('[name=staffEmail]').fill(email)
    await page.locator('[name=staffPassword]').fill(demoPassword)
    await page.locator('main form.panel button.button').click()
    await page.getByText('Введённое сохранено').waitFor()
    await page.locator('[name=staffCode]').fill('123456')
    await page.getByRole('button', { name: 'Войти', exact: true }).click()
    await page.getByText('Код не подошёл').waitFor()
    await page.locator('[name=staffCode]').fill(first)
    await page.getByRole('button', { name: 'Войти', exact: true }).click()
    await page.waitForURL(/\/staff\/applications\/[0-9a-f-]{36}\?sent/)
    expect(await page.getByText('Второфакторова Ия Львовна').count()).toBeGreaterThan(0)

    await leave(page)
    await page.goto(`${system.origin}/staff/sign-in`)
    await typePassword(page, email)
    await page.locator('[name=staffCode]').fill(first)
    await page.getByRole('button', { name: 'Войти', exact: true }).click()
    await page.getByText('Код не подошёл').waitFor()
    await page.locator('[name=staffCode]').fill(second)
    await page.getByRole('button', { name: 'Войти', exact: true }).click()
    await page.waitForURL(`${system.origin}/staff`)
    await context.close()
  })
})

describe('a second factor that an administrator requires', () => {
  it('is set up before anything else opens, and taken away from whoever has lost it', async () => {
    const email = await newMember('required', 'operator@demo.test')
    // Without JavaScript, as an old computer's browser: a form that is being filled in when the rule changes.
    const before = await openPage(browser, { ...phone, javaScriptEnabled: false })
    await signInStaff(before.page, system.origin, email)
    await before.page.goto(`${system.origin}/staff/cards`)
    const bound = before.page.locator('form[action$=lowStock]').first()
    await bound.locator('xpath=../summary').click()
    await bound.locator('[name=lowStock]').fill('7')
    const admin = await openPage(browser, desk)
    await signInStaff(admin.page, system.origin, 'admin@demo.test')
    await admin.page.goto(`${system.origin}/staff/settings/sign-in`)
    await admin.page.getByLabel('Второй фактор обязателен').check()
    await admin.page.getByRole('button', { name: 'Сохранить' }).click()
    await admin.page.getByText('Сохранено').waitFor()

    const { page, context } = await openPage(browser, phone)
    await page.goto(`${system.origin}/staff/sign-in`)
    await typePassword(page, email)
    await page.getByText('Вам нужен второй фактор').waitFor()
    await expectAccessible(page)
    for (const path of ['', '/applications', '/readers', '/settings/cards', '/applications/slips']) {
      await page.goto(`${system.origin}/staff${path}`)
      expect(new URL(page.url()).pathname, path).toBe('/staff/profile')
    }
    const sendNext = (accept: string) =>
      context.request.post(`${system.origin}/staff/applications?/next`, {
        form: {},
        headers: { origin: system.origin, accept, 'x-sveltekit-action': String(accept !== 'text/html') },
      })
    expect((await sendNext('text/html')).status()).toBe(403)
    expect(await (await sendNext('application/json')).json()).toMatchObject({
      type: 'failure',
      status: 401,
    })
    const script = await context.request.get(`${system.origin}/staff/applications/__data.json`)
    expect(await script.text()).not.toContain('fullName')

    await leave(before.page)
    await bound.getByRole('button').click()
    await before.page.locator('[name=staffEmail]').fill(email)
    await before.page.locator('[name=staffPassword]').fill(demoPassword)
    await before.page.locator('main form.panel button.button').click()
    await before.page.getByRole('heading', { name: 'Сначала настройте второй фактор' }).waitFor()
    await expectAccessible(page)

    await setUpCodes(page)
    await before.page.getByRole('button', { name: 'Отправить ещё раз' }).click()
    await before.page.waitForURL(/\/staff\/cards/)
    expect(await bound.locator('[name=lowStock]').inputValue()).toBe('7')
    await before.context.close()
    await page.getByRole('link', { name: 'Коды сохранены' }).click()
    await page.goto(`${system.origin}/staff/applications`)
    expect(new URL(page.url()).pathname).toBe('/staff/applications')

    expect(await smart(system, 'staff', 'reset-factor', email)).toContain('Второй фактор снят')
    await page.goto(`${system.origin}/staff/sign-in`)
    await typePassword(page, email)
    await page.getByText('Вам нужен второй фактор').waitFor()
    await context.close()
    await admin.context.close()
  })
})

describe('the log', () => {
  it('leads from a reader’s card to who has seen him, and gives a file', async () => {
    const { page, context, noise } = await openPage(browser, desk)
    // By now a second factor is required of administrators; the session of one who has none is held back.
    const email = await newMember('auditor', 'admin@demo.test')
    await page.goto(`${system.origin}/staff/sign-in`)
    await typePassword(page, email)
    await page.waitForURL('**/staff/profile')
    await setUpCodes(page)
    await page.goto(`${system.origin}/staff/audit`)
    await page.locator('[name=person]').fill('громова алёна')
    await page.getByRole('button', { name: 'Показать' }).click()
    await page.getByRole('heading', { name: 'Журнал о читателе: Громова Алёна Игоревна' }).waitFor()
    const link = page.getByRole('link', { name: 'Кто видел этого читателя' })
    const paper = await context.request.get(system.origin + ((await link.getAttribute('href')) ?? ''))
    expect(paper.headers()['content-type']).toBe('application/pdf')
    const download = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Скачать' }).click()
    expect((await download).suggestedFilename()).toMatch(/^Журнал .*\.xlsx$/)
    expect(noise).toEqual([])
    await context.close()
  })
})
