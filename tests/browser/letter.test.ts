import { buffer } from 'node:stream/consumers'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readSheet } from '../../src/protocols/sheet/read-sheet.ts'
import { writeXlsx } from '../../src/protocols/sheet/xlsx-write.ts'
import { expectAccessible } from '../support/accessibility.ts'
import { messagesAtOnce } from '../support/at-once.ts'
import type { WatchedPage } from '../support/browser.ts'
import { desk, launchBrowser, openPage, phone } from '../support/browser.ts'
import { startDemo } from '../support/demo.ts'
import { textOf } from '../support/pdf.ts'
import { signInStaff } from '../support/steps.ts'
import type { RunningSystem } from '../support/system.ts'
import { eventually, outboxOf } from '../support/system.ts'

/** The service as a regional library described it to the district ones in 2019: its fund is an outside one. */
const service = {
  name: 'ЛитРес: Библиотека (пример)',
  address: 'https://biblio.example',
  appIos: 'https://apps.example/litres',
  appAndroid: 'https://store.example/litres',
}
const reader = { name: 'Ромашкина Зоя Олеговна', email: 'zoya@reader.test', e164: '+79100007701' }
const given = { number: '1300456', password: 'Ключ-7715' }

let system: RunningSystem
let browser: Browser
const pages: Record<string, WatchedPage> = {}
const as = async (who: string, size: typeof desk = desk): Promise<Page> => {
  const known = pages[who]
  if (known) return known.page
  const opened = await openPage(browser, size)
  pages[who] = opened
  if (who !== 'stranger') await signInStaff(opened.page, system.origin, `${who}@demo.test`)
  return opened.page
}

beforeAll(async () => {
  ;[system, browser] = await Promise.all([startDemo(), launchBrowser()])
  await messagesAtOnce(system)
})
afterAll(async () => {
  for (const { context } of Object.values(pages)) await context.close()
  await browser?.close()
  await system?.dispose()
})

describe('a region that runs an outside service alone', () => {
  let applicationPath: string

  it('is set by the administrator', async () => {
    const page = await as('admin')
    await page.goto(`${system.origin}/staff/settings/provider`)
    await page.getByLabel('Только во внешней службе').check()
    await page.getByLabel('Название').fill(service.name)
    await page.getByLabel('Адрес сайта').fill(service.address)
    await page.getByLabel('Приложение для iPhone').fill(service.appIos)
    await page.getByLabel('Приложение для Android').fill(service.appAndroid)
    await page.getByRole('button', { name: 'Сохранить' }).click()
    await page.getByText('Сохранено.').waitFor()
    await eventually(async () =>
      (await (await fetch(system.origin)).text()).includes('Скачайте приложение') ? true : undefined,
    )
  })

  it('shows strangers the letter’s instructions on the first page', async () => {
    const page = await as('stranger', phone)
    await page.goto(system.origin)
    for (const text of [service.name, service.appIos, service.appAndroid, '«Войти с читательским билетом»'])
      expect(await page.locator('main').textContent()).toContain(text)
    await expectAccessible(page)
  })

  it('has the librarian fill in the questionnaire and the operator register the reader', async () => {
    const page = await as('librarian')
    await page.goto(`${system.origin}/staff/applications/new`)
    await page.getByLabel('ФИО', { exact: true }).fill(reader.name)
    await page.getByLabel('Электронная почта').fill(reader.email)
    await page.getByLabel('Дата рождения').fill('1984-06-11')
    await page.getByLabel('Контактный телефон').fill('8 910 000-77-01')
    await page.locator('[name=consentGiven]').check()
    await page.locator('[name=handoverGiven]').check()
    await page.getByRole('button', { name: 'Отправить', exact: true }).click()
    await page.waitForURL(/\/staff\/applications\/[0-9a-f-]{36}\?sent/)
    applicationPath = new URL(page.url()).pathname

    const central = await as('operator')
    await central.goto(system.origin + applicationPath)
    await central.locator('form[data-key=register] button').click()
    await central.getByText(`Зарегистрировано: ${reader.name}`).waitFor()

    await page.goto(system.origin + applicationPath)
    await page.getByText('Ждём номер от внешней службы').first().waitFor()
    expect(await page.getByRole('link', { name: /памятк/i }).count()).toBe(0)
    expect((await outboxOf(system.origin)).filter(({ to }) => to === reader.e164)).toEqual([])
    await expectAccessible(page)
  })

  it('sends a work list out, and takes it back with numbers and passwords', async () => {
    const page = await as('operator')
    await page.goto(`${system.origin}/staff/provider`)
    await expectAccessible(page)
    await page.getByRole('button', { name: /Составить список/ }).click()
    await page.getByText(/Список \d+ составлен/).waitFor()
    const link = page.getByRole('link', { name: /^XLSX/ }).first()
    const answer = await page.request.get(system.origin + ((await link.getAttribute('href')) ?? ''))
    const [head, ...rows] = (await readSheet(new Uint8Array(await answer.body()))).rows
    const titles = head?.cells ?? []
    const at = (title: string) => titles.indexOf(title)
    const table = [titles, ...rows.map(({ cells }) => titles.map((_, column) => cells[column] ?? ''))]
    const own = table.find((cells) => cells[at('ФИО')] === reader.name)
    if (!own) throw new Error('the reader isn’t in the list')
    expect(own[at('Дата рождения')]).toBe('11.06.1984')
    own[at('Номер читательского билета')] = given.number
    own[at('Пароль')] = given.password
    await page.getByLabel('Файл списка').setInputFiles({
      name: 'spisok.xlsx',
      mimeType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
      buffer: await buffer(writeXlsx('Список', table)),
    })
    await page.getByRole('button', { name: 'Проверить и принять' }).click()
    await page.getByText('Принято: 1.').waitFor()
    await expectAccessible(page)
  })

  it('tells the reader number, password and how to begin, by SMS and by e-mail', async () => {
    const find = (to: string) =>
      eventually(async () => (await outboxOf(system.origin)).find((each) => each.to === to))
    for (const { text } of [await find(reader.e164), await find(reader.email)]) {
      expect(text).toContain(given.number)
      expect(text).toContain(given.password)
      expect(text).toContain('«Войти с читательским билетом»')
      expect(text).not.toContain(system.origin)
    }
    const { text: letter } = await find(reader.email)
    expect(letter).toContain(service.appIos)
    expect(letter).toContain(service.appAndroid)
  })

  it('gives the librarian a slip with both', async () => {
    const page = await as('librarian')
    await page.goto(system.origin + applicationPath)
    const href = await page.getByRole('link', { name: /памятк/i }).getAttribute('href')
    const text = textOf(await (await page.request.get(system.origin + (href ?? ''))).body())
    for (const part of [given.number, given.password, service.appIos, '«Войти с читательским билетом»'])
      expect(text).toContain(part)
    expect(text).not.toMatch(/«Взять»|localhost/)
  })

  /** What only a fund of our own has. */
  const mention =
    /каталог|(моя|моей|на) полк|«взять»|«читать»|на руках|новые поступления|продлить запись|книг можно взять/i
  const visible = (html: string) =>
    html
      .replace(/<(script|style)[\s\S]*?<\/\1>/g, ' ')
      .replace(/<[^>]+>/g, ' ')
      .replace(/\s+/g, ' ')

  it.each(['stranger', 'librarian', 'operator', 'curator', 'methodologist', 'admin'])(
    'mentions the own fund on no page that a %s can come to',
    async (who) => {
      const page = await as(who)
      const found: string[] = []
      const kinds = new Map<string, number>()
      const waiting = [who === 'stranger' ? '/' : '/staff', '/help', '/join']
      const seen = new Set(waiting)
      for (const path of waiting) {
        const answer = await page.request.get(system.origin + path)
        if (!(answer.headers()['content-type'] ?? '').startsWith('text/html')) continue
        const html = await answer.text()
        const said = mention.exec(visible(html))
        if (said) found.push(`${path}: ${said[0]}`)
        for (const [, link = ''] of html.matchAll(/<a [^>]*?href="(\/[^"#]*)/g)) {
          const next = link.replaceAll('&amp;', '&')
          const kind = next.replace(/[0-9a-f-]{36}/g, '*').replace(/\?.*/, '')
          // The demonstration's outbox stands for the receivers' own devices.
          if (seen.has(next) || kind.startsWith('/demo') || (kinds.get(kind) ?? 0) >= 3) continue
          if (who === 'stranger' && next.startsWith('/staff/')) continue
          kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
          seen.add(next)
          waiting.push(next)
        }
      }
      expect(seen.size).toBeGreaterThan(3)
      expect(found).toEqual([])
    },
  )

  it('leads from the own fund’s addresses to the first page, and lends nothing', async () => {
    const at = (path: string, init: RequestInit = {}) =>
      fetch(system.origin + path, { redirect: 'manual', ...init })
    for (const path of ['/shelf', '/search?q=a', '/sign-in', '/recover', '/profile', '/consent']) {
      const { status, headers } = await at(path)
      expect([path, status, headers.get('location')]).toEqual([path, 303, '/'])
    }
    const id = '01900000-0000-7000-8000-000000000000'
    for (const path of [`/read/${id}`, `/covers/${id}`]) expect((await at(path)).status).toBe(404)
    const post = { method: 'POST', headers: { origin: system.origin }, body: new URLSearchParams({ a: 'b' }) }
    expect((await at('/sign-in', post)).status).toBe(404)
    expect((await at('/staff/catalogue')).headers.get('location')).toBe('/staff')
  })

  it('made no noise on the way', () => {
    expect(Object.values(pages).flatMap(({ noise }) => noise)).toEqual([])
  })
})
