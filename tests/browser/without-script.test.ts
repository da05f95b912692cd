import type { Browser, Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { runningPostgres } from '../../src/core/shared/postgres/embedded.ts'
import { desk, openPage, phone } from '../support/browser.ts'
import { onServer } from '../support/server-commands.ts'
import { credentialsOf, demoReaders, signInReader, signInStaff } from '../support/steps.ts'
import type { RunningSystem } from '../support/system.ts'
import { useDemo } from '../support/use-demo.ts'

let system: RunningSystem
let browser: Browser
useDemo((started) => ({ system, browser } = started))

const off = { javaScriptEnabled: false }

async function fillIn(page: Page, name: string): Promise<void> {
  await page.getByLabel('ФИО', { exact: true }).fill(name)
  await page.getByLabel('Дата рождения').fill('1991-02-03')
  await page.getByLabel('Контактный телефон').fill('8 910 555-12-12')
  await page.locator('[name=consentGiven]').check()
}
const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click()
const linesAbout = async (page: Page, name: string) => {
  await page.goto(`${system.origin}/staff/applications`)
  return page.getByRole('link', { name }).count()
}

describe('with JavaScript off, over plain http on localhost', () => {
  it('a librarian sends a questionnaire; a child’s needs the representative, and nothing typed is lost', async () => {
    const { page, context } = await openPage(browser, { ...desk, ...off })
    await signInStaff(page, system.origin, 'librarian@demo.test')
    await page.goto(`${system.origin}/staff/applications/new`)
    await fillIn(page, 'Пескова Юлия Олеговна')
    await page.getByLabel('Дата рождения').fill('2017-02-03')
    await press(page, 'Отправить')
    await page.getByText('впишите ФИО представителя').waitFor()
    expect(await page.getByLabel('ФИО', { exact: true }).inputValue()).toBe('Пескова Юлия Олеговна')
    await page.locator('[name=guardianName]').fill('Пескова Ирина')
    await page.locator('[name=guardianRelation]').fill('мама')
    await press(page, 'Отправить')
    await page.waitForURL(/\?sent/)
    expect(await linesAbout(page, 'Пескова Юлия Олеговна')).toBe(1)
    await context.close()
  })

  it('a reload after sending sends nothing again', async () => {
    const { page, context } = await openPage(browser, { ...desk, ...off })
    await signInStaff(page, system.origin, 'librarian@demo.test')
    await page.goto(`${system.origin}/staff/applications/new`)
    await fillIn(page, 'Мохов Илья Саввич')
    await press(page, 'Отправить')
    await page.waitForURL(/\?sent/)
    await page.reload()
    expect(await linesAbout(page, 'Мохов Илья Саввич')).toBe(1)
    await context.close()
  })

  it('Back with another name typed over asks, keeps both, and sends the second as one of its own', async () => {
    const { page, context } = await openPage(browser, { ...desk, ...off })
    await signInStaff(page, system.origin, 'librarian@demo.test')
    await page.goto(`${system.origin}/staff/applications/new`)
    await fillIn(page, 'Зимина Ольга Львовна')
    const kept = await page.content()
    const key = await page.locator('[name=formKey]').inputValue()
    await press(page, 'Отправить')
    await page.waitForURL(/\?sent/)
    // Chromium asks for the page anew; others show the page that they kept, and with it its key.
    await page.route(
      '**/applications/new',
      (route) => route.fulfill({ contentType: 'text/html', body: kept }),
      {
        times: 1,
      },
    )
    // The form itself is enough: a page put in by hand may never say that all of it is loaded.
    await page.goBack({ waitUntil: 'commit' })
    expect(await page.locator('[name=formKey]').inputValue()).toBe(key)
    await fillIn(page, 'Зимина Анна Львовна')
    await press(page, 'Отправить')
    await page.getByText('С этой страницы уже отправлена другая анкета').waitFor()
    expect(await page.getByLabel('ФИО', { exact: true }).inputValue()).toBe('Зимина Анна Львовна')
    await press(page, 'Отправить как новую анкету')
    await page.waitForURL(/\?sent/)
    expect(await linesAbout(page, 'Зимина Ольга Львовна')).toBe(1)
    expect(await linesAbout(page, 'Зимина Анна Львовна')).toBe(1)
    await context.close()
  })

  it('an operator narrows the queue, takes the next one, refuses it and finds it among the day’s decisions', async () => {
    const { page, context } = await openPage(browser, { ...desk, ...off })
    await signInStaff(page, system.origin, 'operator@demo.test')
    await page.goto(`${system.origin}/staff/applications`)
    await page.getByLabel('Возраст').selectOption('teen')
    await press(page, 'Показать')
    await page.waitForURL(/age=teen/)
    const names = await page.locator('[data-row] .name').allInnerTexts()
    expect(names).toEqual(['Тихонов Лев Романович'])
    await press(page, 'Взять следующую')
    await page.getByRole('heading', { name: 'Тихонов Лев Романович' }).waitFor()
    await page.getByText('Отказать…').click()
    await page.getByLabel('Почему отказ').fill('Живёт в другой области')
    await press(page, 'Отказать')
    // None is left within the filter, which has come along.
    await page.getByText('По этому отбору анкет нет').waitFor()
    expect(page.url()).toContain('age=teen')
    await page.getByText('Отказано: Тихонов Лев Романович').waitFor()
    await page.getByRole('link', { name: 'Мои решения сегодня' }).click()
    await page.getByRole('link', { name: 'Тихонов Лев Романович' }).waitFor()
    await context.close()
  })

  it('an operator registers, a reader signs in, takes a book and gives it back', async () => {
    const office = await openPage(browser, { ...desk, ...off })
    await signInStaff(office.page, system.origin, 'operator@demo.test')
    await office.page.goto(`${system.origin}/staff/applications`)
    await office.page.locator('main li a').first().click()
    await press(office.page, 'Зарегистрировать')
    await office.page.getByText('Зарегистрировано:').waitFor()
    // The last decision's stands first; those before it may still be taken back, too.
    await office.page.getByRole('button', { name: 'Отменить', exact: true }).first().click()
    await office.page.getByText('Решение отменено: анкета снова там, где была').waitFor()
    await press(office.page, 'Зарегистрировать')
    await office.page.getByText('Зарегистрировано:').waitFor()
    await office.context.close()

    const { page, context } = await openPage(browser, { ...phone, ...off })
    await signInReader(page, system.origin, await credentialsOf(system.origin, demoReaders.pyotr))
    await page.goto(`${system.origin}/search?q=${encodeURIComponent('Летопись')}`)
    await page.getByRole('link', { name: 'Летопись погоды' }).first().click()
    await press(page, 'Взять')
    await page.getByText('Книга у вас до').waitFor()
    await page.getByRole('link', { name: 'Читать' }).click()
    expect(await page.locator('noscript .note').innerText()).toContain('нужен JavaScript')
    await page.goto(`${system.origin}/shelf`)
    await page.locator('li', { hasText: 'Летопись погоды' }).getByRole('button', { name: 'Вернуть' }).click()
    await page.getByText('Книга возвращена').waitFor()
    await context.close()
  })

  it('a book whose last copy was taken meanwhile says so, at the button and from then on', async () => {
    const { page, context } = await openPage(browser, { ...phone, ...off })
    await signInReader(page, system.origin, await credentialsOf(system.origin, demoReaders.pyotr))
    await page.goto(`${system.origin}/search?q=${encodeURIComponent('Летопись')}`)
    await page.getByRole('link', { name: 'Летопись погоды' }).first().click()
    const take = page.getByRole('button', { name: 'Взять', exact: true })
    await take.waitFor()
    await onServer(
      (await runningPostgres(system.dataDir)) ?? '',
      `update licences set copies = (select count(*) from loans
         where publication_id = licences.publication_id and ended_at is null)
       where publication_id = (select id from publications where title = 'Летопись погоды')`,
    )
    await take.click()
    await page.getByText('Сейчас все экземпляры на руках. Попробуйте позже.').waitFor()
    await page.goto(page.url().split('?')[0] ?? '')
    await page.getByText('Книга освободится, когда её вернут').waitFor()
    expect(await take.count()).toBe(0)
    await context.close()
  })
})
