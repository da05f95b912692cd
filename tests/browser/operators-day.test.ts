import type { Browser, Page, Request } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runningPostgres } from '../../src/core/shared/postgres/embedded.ts'
import { expectAccessible } from '../support/accessibility.ts'
import { leaveForUndo } from '../support/at-once.ts'
import type { WatchedPage } from '../support/browser.ts'
import { desk, launchBrowser, openPage, phone } from '../support/browser.ts'
import { startDemo } from '../support/demo.ts'
import { onServer } from '../support/server-commands.ts'
import { demoPassword, signInStaff, smart, tabTo } from '../support/steps.ts'
import type { RunningSystem } from '../support/system.ts'
import { eventually, outboxOf } from '../support/system.ts'

let system: RunningSystem
let browser: Browser
let databaseUrl: string

beforeAll(async () => {
  ;[system, browser] = await Promise.all([startDemo(), launchBrowser()])
  databaseUrl = (await runningPostgres(system.dataDir)) ?? ''
  // Nobody of the queue is like a reader on record: that is another day's work.
  await sql(
    `update applications set full_name = 'Юрьева Инна Олеговна' where state = 'sent' and full_name like 'Громова%'`,
  )
})
afterAll(async () => {
  await browser?.close()
  await system?.dispose()
})

const sql = async (command: string, values: unknown[] = []) =>
  (await onServer(databaseUrl, command, values)).rows as Record<string, string | null>[]
const states = async () =>
  Object.fromEntries(
    (
      await sql(
        `select full_name, state from applications where phone = any($1) or email = any($1) or full_name like 'Ершова%'`,
        [['+79000000006', 'komarov@demo.test', 'tikhonov@demo.test', '+79000000008']],
      )
    ).map((row) => [String(row['full_name']).split(' ')[0], row['state']]),
  )

const heading = (page: Page, name: string) => page.getByRole('heading', { name, level: 1 }).waitFor()
/** Nothing is decided about the next questionnaire in its first second on the screen: the page's clock goes on. */
const read = (page: Page) => page.clock.fastForward(1100)
/** A key as a Russian keyboard gives it: another sign, the same place. */
async function pressRussian({ page, context }: WatchedPage, code: string, sign: string): Promise<void> {
  const session = await context.newCDPSession(page)
  for (const type of ['keyDown', 'keyUp'] as const)
    await session.send('Input.dispatchKeyEvent', {
      type,
      code,
      key: sign,
      ...(type === 'keyDown' && { text: sign }),
    })
  await session.detach()
}
/** Opens the list of keys by its button, which is there as soon as the page's scripts are at work. */
async function openKeys(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Клавиши' }).press('Enter')
  await page.getByRole('dialog').waitFor()
}
async function closeKeys(page: Page): Promise<void> {
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'hidden' })
}

/** How many forms were sent since, without waiting for anything: keys act at once or not at all. */
const countSent = (page: Page) =>
  page.evaluate(() => {
    const counted = window as unknown as { sent?: number }
    if (counted.sent === undefined) {
      counted.sent = 0
      document.addEventListener('submit', () => (counted.sent = (counted.sent ?? 0) + 1), true)
    }
    return counted.sent
  })

/** Where forms went that a press sent: a request that is answered after it left later than they did. */
async function formsSentBy(page: Page, press: () => Promise<void>): Promise<string[]> {
  const sent: string[] = []
  const note = (request: Request) => request.method() === 'POST' && sent.push(request.url())
  page.on('request', note)
  await press()
  await page.evaluate(() => fetch('/healthz'))
  page.off('request', note)
  return sent.filter((address) => address.includes('?/'))
}

describe('an operator’s day without a mouse', () => {
  let office: WatchedPage

  beforeAll(async () => {
    office = await openPage(browser, desk)
    await office.page.clock.install()
  })
  afterAll(() => office?.context.close())

  it('begins with signing in and opening the first of the queue', async () => {
    const { page } = office
    await page.goto(`${system.origin}/staff/sign-in`)
    await tabTo(page, '[name=email]')
    await page.keyboard.type('operator@demo.test')
    await tabTo(page, '[name=password]')
    await page.keyboard.type(demoPassword)
    await page.keyboard.press('Enter')
    await page.waitForURL(`${system.origin}/staff`)
    await tabTo(page, 'a[href="/staff/applications?state=sent"]')
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/staff\/applications\?state=sent/)
    await page.locator('[data-row]').first().waitFor()
    const focused = () => page.evaluate(() => document.activeElement?.querySelector('.name')?.textContent)
    await page.keyboard.press('j')
    await page.keyboard.press('ArrowDown')
    await pressRussian(office, 'KeyJ', 'о')
    expect(await focused()).toBe('Ершова Анфиса Григорьевна')
    await page.keyboard.press('k')
    await page.keyboard.press('ArrowUp')
    expect(await focused()).toBe('Виноградова Дарья Максимовна')
    await page.keyboard.press('/')
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('filter')
    // Within the field the keys are the field's own.
    await page.keyboard.press('n')
    await page.keyboard.press('Shift+Tab')
    await page.keyboard.press('j')
    await page.keyboard.press('Enter')
    await heading(page, 'Виноградова Дарья Максимовна')
  })

  it('registers, takes it back, and registers again; the page is at the next one each time', async () => {
    const { page } = office
    await read(page)
    await page.keyboard.press('r')
    await heading(page, 'Комаров Степан Андреевич')
    await page.getByText('Зарегистрировано: Виноградова Дарья Максимовна').waitFor()
    await expectAccessible(page)
    await page.keyboard.press('u')
    await heading(page, 'Виноградова Дарья Максимовна')
    await page.getByText('Решение отменено').first().waitFor()
    expect((await states())['Виноградова']).toBe('sent')
    await read(page)
    await pressRussian(office, 'KeyR', 'к')
    await heading(page, 'Комаров Степан Андреевич')
    await read(page)
    await page.keyboard.press('Control+Enter')
    await heading(page, 'Ершова Анфиса Григорьевна')
  })

  it('goes past one and comes back to it', async () => {
    const { page } = office
    await page.keyboard.press('n')
    await heading(page, 'Тихонов Лев Романович')
    await page.keyboard.press('n')
    await heading(page, 'Юрьева Инна Олеговна')
    await page.keyboard.press('n')
    await heading(page, 'Ершова Анфиса Григорьевна')
  })

  it('returns one and refuses one; what is typed decides nothing by its letters', async () => {
    const { page } = office
    await page.keyboard.press('v')
    await page.keyboard.type('run x / ? Проверьте год')
    expect(await page.locator('#return-reason').inputValue()).toBe('run x / ? Проверьте год')
    expect((await states())['Ершова']).toBe('sent')
    await page.keyboard.press('Control+Enter')
    await heading(page, 'Тихонов Лев Романович')
    await page.keyboard.press('x')
    await page.keyboard.type('Живёт в другой области')
    await page.keyboard.press('Control+Enter')
    await heading(page, 'Юрьева Инна Олеговна')
    await page.getByText('Отказано: Тихонов Лев Романович').waitFor()
    await read(page)
    await page.keyboard.press('r')
    await page.getByText('Очередь пуста').waitFor()
    await page.getByText('Зарегистрировано: Юрьева Инна Олеговна').waitFor()
    expect(await states()).toEqual({
      Виноградова: 'registered',
      Комаров: 'registered',
      Юрьева: 'registered',
      Ершова: 'returned',
      Тихонов: 'refused',
    })
  })

  it('ends with the list of what was decided, and with one message to each reader who stayed one', async () => {
    const { page } = office
    await tabTo(page, 'a[href="/staff/applications?today"]')
    await page.keyboard.press('Enter')
    await page.locator('[data-row]').first().waitFor()
    await expectAccessible(page)
    const rows = await page.locator('main li', { has: page.locator('[data-row]') }).allInnerTexts()
    expect(rows.filter((row) => /Виноградова/.test(row))).toHaveLength(2)
    expect(rows.filter((row) => row.includes('уже не действует'))).toHaveLength(1)
    // The messages wait twenty seconds; nobody needs to wait with them.
    await sql(`update graphile_worker._private_jobs set run_at = now()`)
    const told = await eventually(async () => {
      const messages = (await outboxOf(system.origin)).filter(({ to }) => to === '+79000000006')
      return messages.length > 0 ? messages : undefined
    })
    const [card] = await sql(
      `select number from cards join readers on readers.id = reader_id where full_name like 'Виноградова%'`,
    )
    expect(told).toHaveLength(1)
    expect(told[0]?.text).toContain(card?.['number'])
    expect(office.noise).toEqual([])
  })

  it('can’t take back what was told: the page says so', async () => {
    const { page } = office
    await leaveForUndo(databaseUrl, 60)
    const [waiting] = await sql(
      `update applications set state = 'sent', revision = revision + 1, undo = null, undo_until = null
       where full_name like 'Тихонов%' returning id`,
    )
    await page.goto(`${system.origin}/staff/applications/${waiting?.['id']}`)
    await openKeys(page)
    await closeKeys(page)
    await read(page)
    await page.keyboard.press('r')
    await page.getByText('Зарегистрировано: Тихонов').waitFor()
    await sql(`update graphile_worker._private_jobs set run_at = now()`)
    await eventually(async () => {
      const unsent = await sql(`select from messages where state in ('queued', 'sending')`)
      return unsent.length === 0 ? true : undefined
    })
    await page.keyboard.press('u')
    await page.getByRole('alert').waitFor()
    expect(await page.getByRole('alert').innerText()).toContain('сообщение об этом решении уже отправляется')
    await heading(page, 'Тихонов Лев Романович')
  })
})

describe('single keys', () => {
  it('are listed on «?», can be switched off for oneself on this device, and stay off', async () => {
    const { page, context } = await openPage(browser, desk)
    await signInStaff(page, system.origin, 'operator@demo.test')
    await page.goto(`${system.origin}/staff/applications`)
    await openKeys(page)
    await closeKeys(page)
    await page.keyboard.press('?')
    const dialog = page.getByRole('dialog')
    await dialog.waitFor()
    await expectAccessible(page)
    expect(await dialog.innerText()).toContain('К следующей строке')
    await tabTo(page, 'dialog input')
    await page.keyboard.press('Space')
    await closeKeys(page)
    for (const reloaded of [false, true]) {
      if (reloaded) await page.reload()
      await openKeys(page)
      expect(await page.getByLabel('Одиночные клавиши включены').isChecked()).toBe(false)
      await closeKeys(page)
      const before = await countSent(page)
      for (const key of ['n', 'u', '?', 'j']) await page.keyboard.press(key)
      expect(await countSent(page), `reloaded: ${reloaded}`).toBe(before)
      expect(await dialog.isVisible()).toBe(false)
    }
    // A colleague at the same computer has her own choice.
    await page.context().clearCookies()
    await signInStaff(page, system.origin, 'librarian@demo.test')
    await page.goto(`${system.origin}/staff/applications`)
    await openKeys(page)
    expect(await page.getByLabel('Одиночные клавиши включены').isChecked()).toBe(true)
    await context.close()
  })

  it('have their list’s button in line with the rest of a phone’s screen', async () => {
    const { page, context } = await openPage(browser, phone)
    await signInStaff(page, system.origin, 'operator@demo.test')
    await page.goto(`${system.origin}/staff/applications`)
    const left = (name: string) =>
      page
        .getByText(name, { exact: true })
        .first()
        .evaluate((element) => {
          const words = document.createRange()
          words.selectNodeContents(element)
          return words.getBoundingClientRect().left
        })
    await page.getByRole('button', { name: 'Клавиши' }).waitFor()
    expect(await left('Клавиши')).toBe(await left('Письма с анкетами'))
    await context.close()
  })
})

describe('a reason', () => {
  it('that was typed before the page’s scripts were there stays', async () => {
    const { page, context } = await openPage(browser, desk)
    await signInStaff(page, system.origin, 'operator@demo.test')
    const [row] = await sql(
      `update applications set state = 'sent', undo = null, undo_until = null
       where full_name like 'Ершова%' returning id`,
    )
    let arrive = () => {}
    const slowLine = new Promise<void>((resolve) => (arrive = resolve))
    await page.route('**/*.js', async (route) => {
      await slowLine
      await route.continue()
    })
    await page.goto(`${system.origin}/staff/applications/${row?.['id']}`, { waitUntil: 'commit' })
    await page.locator('#return-reason').fill('Проверьте отчество')
    arrive()
    await page.getByRole('button', { name: 'Клавиши' }).waitFor()
    expect(await page.locator('#return-reason').inputValue()).toBe('Проверьте отчество')
    await context.close()
  })
})

/** Puts questionnaires back into the queue as if they had just come, and nothing else into it. */
async function waiting(...surnames: string[]): Promise<string[]> {
  await sql(`update applications set state = 'withdrawn' where state = 'sent'`)
  const ids: string[] = []
  for (const surname of surnames) {
    const [row] = await sql(
      `update applications set state = 'sent', revision = revision + 1, reader_id = null, outcome = null,
         undo = null, undo_until = null, held_by = null, held_until = null, full_name = $2,
         sent_at = now() - interval '1 hour' + interval '1 minute' * $3
       where id = (select id from applications where state <> 'sent' and full_name not like 'Ершова%' order by sent_at limit 1) returning id`
        .replace('$2', `'${surname} Проба'`)
        .replace('$3', String(ids.length)),
    )
    ids.push(String(row?.['id']))
  }
  return ids
}
const stateOf = async (id: string) =>
  (await sql(`select state from applications where id = $1`, [id]))[0]?.['state']

describe('two presses', () => {
  it.each([
    ['of Ctrl+Enter', ['Первова', 'Вторых'], (page: Page) => page.keyboard.press('Control+Enter')],
    [
      'of the button',
      ['Утрова', 'Вечер'],
      (page: Page) => page.getByRole('button', { name: 'Зарегистрировать', exact: true }).click(),
    ],
  ] as const)(
    '%s, 250 ms apart, register one reader: nobody has read the next one yet',
    async (_how, people, press) => {
      const ids = await waiting(...people)
      const { page, context, noise } = await openPage(browser, desk)
      await page.clock.install()
      await signInStaff(page, system.origin, 'operator@demo.test')
      await page.goto(`${system.origin}/staff/applications/${ids[0]}`)
      await openKeys(page)
      await closeKeys(page)
      // The page's clock stands still: however slow the machine, the second press comes 250 ms after the page.
      await page.clock.pauseAt(Date.now() + 60_000)
      await press(page)
      await heading(page, `${people[1]} Проба`)
      await page.clock.runFor(250)
      expect(await formsSentBy(page, () => press(page))).toEqual([])
      expect([await stateOf(ids[0] ?? ''), await stateOf(ids[1] ?? '')]).toEqual(['registered', 'sent'])
      expect(noise).toEqual([])
      await context.close()
    },
  )

  it('that were meant leave both decisions on the screen, each with its way back', async () => {
    const ids = await waiting('Третьяк', 'Четверг', 'Пятница')
    const { page, context } = await openPage(browser, desk)
    await page.clock.install()
    await signInStaff(page, system.origin, 'operator@demo.test')
    await page.goto(`${system.origin}/staff/applications/${ids[0]}`)
    await openKeys(page)
    await closeKeys(page)
    for (const next of ['Четверг Проба', 'Пятница Проба']) {
      await read(page)
      await page.keyboard.press('Control+Enter')
      await heading(page, next)
    }
    await expectAccessible(page)
    expect(await page.getByRole('button', { name: 'Отменить' }).count()).toBe(2)
    const first = page.locator('.done', { hasText: 'Третьяк Проба' })
    await first.getByRole('button', { name: 'Отменить' }).click()
    await heading(page, 'Третьяк Проба')
    expect([await stateOf(ids[0] ?? ''), await stateOf(ids[1] ?? '')]).toEqual(['sent', 'registered'])
    await context.close()
  })
})

describe('two operators at one questionnaire', () => {
  it('see each other: the second is told on top and may take it over, of which the first one learns', async () => {
    const added = ['staff', 'add', 'vera@library.test', '--name', 'Вера Саввина', '--role', 'operator']
    const shown = await smart(system, ...added, '--library', '001')
    const password = /Пароль: (\S+)/.exec(shown)?.[1] ?? ''
    const [row] = await sql(
      `update applications set state = 'sent', undo = null, undo_until = null, held_by = null, held_until = null
       where full_name like 'Ершова%' returning id`,
    )
    const address = `${system.origin}/staff/applications/${row?.['id']}`
    const olga = await openPage(browser, desk)
    await olga.page.clock.install()
    await signInStaff(olga.page, system.origin, 'operator@demo.test')
    await olga.page.goto(address)
    await heading(olga.page, 'Ершова Анфиса Григорьевна')

    const vera = await openPage(browser, desk)
    await vera.page.goto(`${system.origin}/staff/sign-in`)
    await vera.page.locator('[name=email]').fill('vera@library.test')
    await vera.page.locator('[name=password]').fill(password)
    await vera.page.locator('main form.panel button.button').click()
    await vera.page.waitForURL(`${system.origin}/staff`)
    await vera.page.goto(`${system.origin}/staff/applications`)
    const line = vera.page.locator('li', { hasText: 'Ершова' })
    expect(await line.innerText()).toContain('работает: Ольга Сергеевна Крылова')
    await line.getByRole('link').click()
    await vera.page.getByText('С этой анкетой сейчас работает Ольга Сергеевна Крылова').waitFor()
    await expectAccessible(vera.page)
    await vera.page.getByRole('button', { name: 'Взять себе' }).click()
    await vera.page.getByText('С этой анкетой сейчас работает').waitFor({ state: 'detached' })

    // A page that is looked at again renews its hold at once, not only with its minute.
    await olga.page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')))
    await olga.page.getByText('взял себе другой сотрудник: Вера Саввина').waitFor()
    await expectAccessible(olga.page)
    expect([...olga.noise, ...vera.noise]).toEqual([])

    // Her next press asks, and another in the same second decides nothing.
    const id = String(row?.['id'])
    await olga.page.clock.pauseAt(Date.now() + 60_000)
    await olga.page.keyboard.press('Control+Enter')
    await olga.page.getByText('сейчас работает Вера Саввина. Ничего не решено').waitFor()
    expect(await formsSentBy(olga.page, () => olga.page.keyboard.press('Control+Enter'))).toEqual([])
    await olga.page.clock.resume()
    await expectAccessible(olga.page)
    expect(await stateOf(id)).toBe('sent')
    // Whoever leaves lets go.
    await vera.page.goto(`${system.origin}/staff`)
    await eventually(async () => {
      const [held] = await sql(`select held_by from applications where id = $1`, [id])
      return held?.['held_by'] === null ? true : undefined
    })
    await read(olga.page)
    await olga.page.keyboard.press('Control+Enter')
    await olga.page.getByText('Зарегистрировано: Ершова').waitFor()
    await olga.context.close()
    await vera.context.close()
  })
})
