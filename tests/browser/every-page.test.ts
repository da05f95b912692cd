import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Secret, TOTP } from 'otpauth'
import type { Browser, Cookie, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { runningPostgres } from '../../src/core/shared/postgres/embedded.ts'
import { encodeWindows1251 } from '../../src/protocols/sheet/text-encoding.ts'
import { expectAccessible, prepareChecks } from '../support/accessibility.ts'
import type { WatchedPage } from '../support/browser.ts'
import { deskScreen, launchBrowser, openPage, phone, phoneScreen } from '../support/browser.ts'
import { startDemo } from '../support/demo.ts'
import { block, drawn } from '../support/marks.ts'
import {
  credentialsOf,
  demoPassword,
  demoReaders,
  firstText,
  signInReader,
  signInStaff,
  smart,
  takeAndOpen,
} from '../support/steps.ts'
import { onServer } from '../support/server-commands.ts'
import type { RunningSystem } from '../support/system.ts'
import { startSystem } from '../support/system.ts'

let system: RunningSystem
/** A second, empty one: its set-up page is open. */
let empty: RunningSystem
let browser: Browser
/** One for all visits: what pages have in common is fetched and compiled once. */
let shared: WatchedPage

beforeAll(async () => {
  system = await startDemo()
  ;[empty, browser] = await Promise.all([startSystem(), launchBrowser()])
  shared = await openPage(browser, phone)
  await prepareChecks(shared.page)
})
afterAll(async () => {
  await browser?.close()
  await system?.dispose()
  await empty?.dispose()
})

const smsText = '/staff/settings/messages/texts/sms/ru/reader.registered'
const routes = readdirSync(fileURLToPath(new URL('../../src/routes', import.meta.url)), { recursive: true })
  .map((path) => String(path))
  .filter((path) => path.endsWith('+page.svelte'))
  .map((path) => `/${path.replace(/\/?\+page\.svelte$/, '')}`)
  .toSorted()

const at = (path: string) => (page: Page) => page.goto(system.origin + path)
const staffAt =
  (email: string, path: string, more: (page: Page) => Promise<unknown> = async () => {}) =>
  async (page: Page) => {
    await staffIn(page, email)
    await page.goto(system.origin + path)
    await more(page)
  }
const readerIn = (page: Page) =>
  signedIn(page, 'reader', async () =>
    signInReader(page, system.origin, await credentialsOf(system.origin, demoReaders.alyona)),
  )
const staffIn = (page: Page, email: string) =>
  signedIn(page, email, () => signInStaff(page, system.origin, email))

const sessions = new Map<string, Cookie[]>()
/** Each signs in once; later pages begin with the session that this gave. */
async function signedIn(page: Page, who: string, signIn: () => Promise<void>): Promise<void> {
  const known = sessions.get(who)
  if (known) return page.context().addCookies(known)
  await signIn()
  sessions.set(who, await page.context().cookies())
}

/** The last day of every card is over; null: none has a last day. */
async function withEndedCards(days: number | null = 2): Promise<void> {
  const url = await runningPostgres(system.dataDir)
  const until = 'update cards set valid_until = current_date - $1::int where reader_id is not null'
  await onServer(url ?? '', until, [days])
}

/** A mail that the mailbox's reader has left to people. */
async function withUnreadMail(): Promise<void> {
  const url = await runningPostgres(system.dataDir)
  await onServer(
    url ?? '',
    `insert into intake_mails (mailbox, uid_validity, uid, fault, failures, seen_at, failed_at, given_up_at)
     values ('books', 1, 1, 'read', 5, now(), now(), now()) on conflict do nothing`,
  )
}

/** What is sent to readers who haven't signed in yet fails on every way. */
async function leaveUnreached(): Promise<void> {
  const url = await runningPostgres(system.dataDir)
  await onServer(
    url ?? '',
    `update messages set state = 'failed', fault = case channel when 'sms' then 'sms_7' else 'smtp_550' end
     where event = 'reader.registered' and state in ('queued', 'sending', 'sent')`,
    [],
  )
}
const openFirstApplication = async (page: Page) => {
  await page.locator('main li a').first().click()
  await page.waitForURL(/\/applications\/[0-9a-f-]{36}/)
}

/** Sends a list from its upload page; a table with one fault in it when nothing else is given. */
async function uploadList(page: Page, kind = 'questionnaires', text?: string): Promise<void> {
  const radio = page.locator(`[name=kind][type=radio][value=${kind}]`)
  if ((await radio.count()) > 0) {
    await radio.check()
    await page.locator('[name=libraryId]').selectOption({ index: 2 })
  }
  const table = `ФИО;Дата рождения;Телефон\nПеречислова Инна Львовна;05.03.1990;\nДругой;31.02.1990;12`
  const buffer = Buffer.from(text ?? table)
  await page.locator('[name=file]').setInputFiles({ name: 'список.csv', mimeType: 'text/csv', buffer })
  await page.getByRole('button', { name: 'Загрузить файл' }).click()
  if (!text?.startsWith('%')) await page.getByRole('heading', { name: 'Что в каком столбце' }).waitFor()
}
async function checkList(page: Page): Promise<void> {
  await page.locator('[name=consentGiven]').check()
  await page.getByRole('button', { name: 'Проверить строки' }).click()
  await page.getByRole('heading', { name: 'Проверен', exact: true }).waitFor()
}

/** For every page, the states that people meet it in. */
const visits: Record<string, Record<string, (page: Page) => Promise<unknown>>> = {
  '/(reader)': { 'for a stranger': at('/'), 'in English': inEnglish('/') },
  '/(reader)/books/[id=uuid]': {
    'for a stranger': async (page) => {
      await page.goto(`${system.origin}/search?q=${encodeURIComponent('Летопись погоды')}`)
      await page.getByRole('link', { name: 'Летопись погоды' }).first().click()
      await page.getByRole('button', { name: 'Взять' }).waitFor()
    },
  },
  '/(reader)/consent': {
    'about handing over': readerAtPage('/consent?kind=handover'),
    'with nothing to ask': readerAtPage('/consent'),
  },
  '/(reader)/profile/card': {
    'as it is': readerAtPage('/profile/card'),
    'with a card that has ended': async (page) => {
      await withEndedCards()
      await readerAtPage('/profile/card')(page)
      await page.getByText('Срок билета истёк').waitFor()
      await withEndedCards(null)
    },
  },
  '/(reader)/profile': {
    'as it is': readerAtPage('/profile'),
    'signed in elsewhere, too': async (page) => {
      const elsewhere = await browser.newContext()
      await signInReader(
        await elsewhere.newPage(),
        system.origin,
        await credentialsOf(system.origin, demoReaders.alyona),
      )
      await elsewhere.close()
      await readerAtPage('/profile')(page)
      await page.getByRole('button', { name: 'Выйти на всех остальных' }).waitFor()
    },
    'before revoking': readerAtPage('/profile', async (page) => {
      await page.locator('main summary', { hasText: 'Отозвать согласие и уничтожить' }).click()
      await page.getByLabel('Пароль ещё раз').waitFor()
    }),
    'with contacts that take nothing': async (page) => {
      await withRefusedContacts()
      await readerAtPage('/profile')(page)
      await page.getByText('Письма на этот адрес не доходят').waitFor()
    },
    'in English': readerAtPage('/profile', inEnglishHere),
  },
  '/(reader)/profile/password': {
    'as it is': readerAtPage('/profile/password'),
    'with a weak password': readerAtPage('/profile/password', async (page) => {
      await page.getByLabel('Пароль сейчас').fill('wrong')
      await page.getByLabel('Новый пароль').fill('12345678')
      await page.getByRole('button', { name: 'Сохранить пароль' }).click()
      await page.getByText('угадают первым').waitFor()
    }),
  },
  '/(reader)/recover': {
    'before the code': at('/recover'),
    'with a wrong code': async (page) => {
      await page.goto(`${system.origin}/recover`)
      await page.getByLabel('Номер читательского билета').fill('2000000000008')
      await page.getByRole('button', { name: 'Прислать код' }).click()
      await page.getByLabel('Код из сообщения').fill('123456')
      await page.getByLabel('Новый пароль').fill('Сирень у крыльца')
      await page.getByRole('button', { name: 'Сохранить пароль' }).click()
      await page.getByText('Код не подошёл').waitFor()
    },
    'in English': inEnglish('/recover'),
  },
  '/(reader)/revoked': { 'as it is': at('/revoked?due=1800000000000') },
  '/(reader)/forms': {
    'as it is': at('/forms'),
    'in English': async (page) => {
      await page.goto(`${system.origin}/forms`)
      await inEnglishHere(page)
    },
    'from the desk of a library': staffAt('librarian@demo.test', '/staff', async (page) => {
      await page.getByRole('link', { name: 'Бланк анкеты' }).first().click()
      await page.waitForURL(/\/forms\?library=/)
    }),
  },
  '/(reader)/help': { 'as it is': at('/help') },
  '/(reader)/join': {
    empty: at('/join'),
    'in English': inEnglish('/join'),
    'refused, with what was typed': async (page) => {
      await page.goto(`${system.origin}/join`)
      await page.getByLabel('ФИО', { exact: true }).fill('ИВАНОВ 7')
      await page.getByLabel('Электронная почта').fill('anna@yandex.ry')
      await page.getByLabel('Дата рождения').fill('05.03.2024')
      await page.locator('[name=guardianName]').fill('Иванова Анна')
      await page.locator('[name=guardianRelation]').fill('мама')
      await page.locator('[name=agreed]').check()
      await page.getByRole('button', { name: 'Получить код' }).click()
      await page.getByText('Анкета не отправлена').waitFor()
      await page.getByText('Возможно, вы имели в виду').waitFor()
    },
  },
  '/(reader)/join/done': {
    'with a code': async (page) => {
      await page.goto(`${system.origin}/join`)
      await page.getByLabel('ФИО', { exact: true }).fill('Иванова Анна')
      await page.getByLabel('Дата рождения').fill('05.03.1994')
      await page.locator('[name=agreed]').check()
      await page.getByRole('button', { name: 'Получить код' }).click()
      await page.waitForURL(/\/join\/done$/)
      await page.locator('main summary').click()
    },
    'without one': at('/join/done'),
  },
  '/(reader)/join/withdraw': {
    empty: at('/join/withdraw'),
    'with a wrong code': async (page) => {
      await page.goto(`${system.origin}/join/withdraw`)
      await page.getByLabel('Код').fill('K7DM-4XPE')
      await page.getByRole('button', { name: 'Удалить анкету' }).click()
      await page.getByText('Такого кода нет').waitFor()
    },
  },
  '/(reader)/search': {
    'with results': at(`/search?q=${encodeURIComponent('погода')}`),
    'with none': at('/search?q=qqqqq'),
    'with no query': at('/search'),
  },
  '/(reader)/shelf': { 'with books': readerAtPage('/shelf') },
  '/(reader)/sign-in': {
    empty: at('/sign-in'),
    'with a wrong password': async (page) => {
      await page.goto(`${system.origin}/sign-in`)
      await page.getByLabel('Номер читательского билета').fill('2000000000008')
      await page.getByLabel('Пароль', { exact: true }).fill('wrong')
      await page.getByRole('button', { name: 'Войти с читательским билетом' }).click()
      await page.getByRole('alert').waitFor()
    },
    'in English': inEnglish('/sign-in'),
  },
  '/demo/outbox': { 'with messages': at('/demo/outbox') },
  '/read/[loan=uuid]': {
    'with its text': async (page) => {
      await readerIn(page)
      await page.goto(`${system.origin}/shelf`)
      const read = page.getByRole('link', { name: 'Читать' }).first()
      if (await read.count()) {
        await read.click()
        await page.waitForURL(/\/read\//)
      } else await takeAndOpen(page, system.origin, 'Летопись погоды')
      await firstText(page)
    },
  },
  '/staff': {
    'for a librarian': staffAt('librarian@demo.test', '/staff'),
    'for an operator': staffAt('operator@demo.test', '/staff'),
    'for a curator': staffAt('curator@demo.test', '/staff'),
    'for a methodologist': staffAt('methodologist@demo.test', '/staff'),
    'for an administrator': staffAt('admin@demo.test', '/staff'),
  },
  '/staff/messages': {
    'for a librarian': staffAt('librarian@demo.test', '/staff/messages'),
    'for an operator': staffAt('operator@demo.test', '/staff/messages'),
    'with a reader whom nothing reached': staffAt('operator@demo.test', '/staff', async (page) => {
      await leaveUnreached()
      await page.goto(`${system.origin}/staff`)
      await page.getByRole('link', { name: 'До читателей не дошёл билет или пароль' }).click()
      await page.getByRole('button', { name: 'Отправить ещё раз' }).first().waitFor()
      await page.getByRole('button', { name: 'Передано лично' }).first().waitFor()
    }),
    'narrowed to nothing': staffAt('operator@demo.test', '/staff/messages?state=uncertain&channel=sms'),
    'in English': async (page) => {
      await staffIn(page, 'operator@demo.test')
      await inEnglish('/staff/messages')(page)
    },
  },
  '/staff/state': {
    'with findings': staffAt('admin@demo.test', '/staff/state', async (page) => {
      const url = await runningPostgres(system.dataDir)
      await onServer(url ?? '', `insert into migrations (name) values ('0999-later.sql')`)
      await page.reload()
      await page.getByText('База новее программы').waitFor()
      await onServer(url ?? '', `delete from migrations where name = '0999-later.sql'`)
    }),
  },
  '/staff/settings/messages': {
    'as they are': staffAt('admin@demo.test', '/staff/settings/messages'),
    'with a wrong number': staffAt('admin@demo.test', '/staff/settings/messages', async (page) => {
      await page.locator('form.panel').evaluate((form) => form.setAttribute('novalidate', ''))
      await page.getByLabel('Частей в месяц').fill('-1')
      await page.getByRole('button', { name: 'Сохранить' }).click()
      await page.getByText('Впишите целое число').waitFor()
    }),
  },
  '/staff/settings/messages/texts': {
    'as they are': staffAt('methodologist@demo.test', '/staff/settings/messages/texts'),
  },
  '/staff/settings/messages/texts/[channel]/[language]/[event]': {
    'an SMS': staffAt('methodologist@demo.test', smsText),
    'the letter on paper': staffAt(
      'methodologist@demo.test',
      '/staff/settings/messages/texts/paper/ru/library.invitation',
    ),
    'refused, with what was typed': staffAt('admin@demo.test', smsText, async (page) => {
      await page.getByLabel('Текст', { exact: true }).fill('Билет {билет}, {параль}')
      await page.getByRole('button', { name: 'Сохранить' }).click()
      await page.locator('#body-fault').waitFor()
    }),
    'a letter, in English': staffAt(
      'admin@demo.test',
      '/staff/settings/messages/texts/email/en/reader.registered',
      inEnglishHere,
    ),
  },
  '/staff/applications': {
    'registered, to be printed': staffAt(
      'librarian@demo.test',
      '/staff/applications?state=registered',
      async (page) => {
        await page.locator('[name=id]').first().check()
      },
    ),
    'for a librarian': staffAt('librarian@demo.test', '/staff/applications'),
    'as the queue': staffAt('operator@demo.test', '/staff/applications'),
    'narrowed to nothing': staffAt('operator@demo.test', '/staff/applications?age=teen&waits=over'),
    'as the day’s decisions': staffAt('operator@demo.test', '/staff/applications?today'),
    'with its keys': staffAt('operator@demo.test', '/staff/applications', async (page) => {
      await page.getByRole('button', { name: 'Клавиши' }).click()
      await page.getByRole('dialog').waitFor()
    }),
    'with nothing in it': staffAt('librarian@demo.test', '/staff/applications?state=refused'),
  },
  '/staff/applications/[id=uuid]': {
    'waiting, for the operator': staffAt('operator@demo.test', '/staff/applications', openFirstApplication),
    'ready, for the librarian': staffAt(
      'librarian@demo.test',
      '/staff/applications?state=registered',
      openFirstApplication,
    ),
    'waiting, for the librarian': staffAt(
      'librarian@demo.test',
      '/staff/applications?state=sent',
      openFirstApplication,
    ),
    'with somebody alike on record': async (page) => {
      await staffIn(page, 'librarian2@demo.test')
      await page.goto(`${system.origin}/staff/applications/new`)
      await page.getByLabel('ФИО', { exact: true }).fill('Шубин Петр Алексеевич')
      await page.getByLabel('Дата рождения').fill('08.11.1975')
      await page.getByLabel('Контактный телефон').fill('8 900 000-00-03')
      await page.locator('[name=consentGiven]').check()
      await page.getByRole('button', { name: 'Отправить', exact: true }).click()
      await page.waitForURL(/\?sent/)
      const address = page.url().replace('?sent', '')
      await page.context().clearCookies()
      await staffIn(page, 'operator@demo.test')
      await page.goto(address)
      await page.getByRole('heading', { name: 'Такой читатель уже есть' }).waitFor()
      for (const folded of await page.locator('#likes summary').all()) await folded.click()
    },
    'just refused, with the next one': staffAt('operator@demo.test', '/staff/applications', async (page) => {
      await page.locator('main li a').last().click()
      await page.getByText('Отказать…').click()
      await page.getByLabel('Почему отказ').fill('Живёт в другой области')
      await page.getByRole('button', { name: 'Отказать' }).click()
      await page.getByRole('button', { name: 'Отменить' }).waitFor()
    }),
  },
  '/staff/applications/drafts': {
    'with a draft': staffAt('librarian@demo.test', '/staff/applications/new', async (page) => {
      await page.getByLabel('ФИО', { exact: true }).fill('Начатая Анна')
      await page.getByRole('button', { name: 'Сохранить черновик' }).click()
      await page.getByText('Черновик сохранён.').waitFor()
      await page.locator('main summary').first().click()
    }),
    'with nothing in it': staffAt('librarian2@demo.test', '/staff/applications/drafts'),
  },
  '/staff/letters': {
    'for a librarian': staffAt('librarian@demo.test', '/staff/letters'),
    'for an operator': staffAt('operator@demo.test', '/staff/letters'),
    'with none': staffAt('librarian2@demo.test', '/staff/letters'),
    'with a mail that could not be read': async (page) => {
      await withUnreadMail()
      await staffAt('operator@demo.test', '/staff/letters')(page)
      await page.getByRole('button', { name: 'Попробовать ещё раз' }).waitFor()
    },
  },
  '/staff/letters/[id=uuid]': {
    'for its librarian': staffAt('librarian@demo.test', '/staff/letters', async (page) => {
      await page.locator('main li a').first().click()
      await page.getByRole('button', { name: 'Подтвердить и отправить' }).waitFor()
    }),
    'without the representative': staffAt('librarian@demo.test', '/staff/letters', async (page) => {
      await page.locator('main li a').first().click()
      await page.waitForURL(/\/letters\/[0-9a-f-]{36}/)
      // The grown-ups stay: every size meets the letter as it was.
      for (const tick of await page.getByLabel('Отправить анкету: ').all())
        if (!(await tick.getAttribute('aria-label'))?.includes('Тимофей')) await tick.uncheck()
      await page.locator('[name=consentGiven]').check()
      await page.getByRole('button', { name: 'Подтвердить и отправить' }).click()
      await page.getByText('У остальных написано, что мешает').waitFor()
    }),
    'of a stranger, for the operator': staffAt('operator@demo.test', '/staff/letters', async (page) => {
      await page.locator('main li a').first().click()
      await page.getByRole('button', { name: 'Передать библиотеке' }).waitFor()
      await page.getByText('Отклонить…').click()
    }),
  },
  '/staff/applications/new': {
    'with what a letter left in doubt': staffAt('librarian@demo.test', '/staff/letters', async (page) => {
      await page.locator('main li a').first().click()
      await page.getByRole('link', { name: 'Проверить и отправить' }).first().click()
      await page.getByText('Анкета прочитана из письма').waitFor()
    }),
    empty: staffAt('librarian@demo.test', '/staff/applications/new'),
    'refused, with what was typed': staffAt(
      'librarian@demo.test',
      '/staff/applications/new',
      async (page) => {
        await page.getByLabel('ФИО', { exact: true }).fill('Иванов 7')
        await page.getByLabel('Контактный телефон').fill('12')
        await page.getByLabel('Дата рождения').fill('1990-01-01')
        await page.locator('[name=consentGiven]').check()
        await page.getByRole('button', { name: 'Отправить', exact: true }).click()
        await page.getByText('Только буквы, дефис и апостроф').waitFor()
      },
    ),
    'for an operator, who chooses the library': staffAt('operator@demo.test', '/staff/applications/new'),
    'with all that is asked while one types': staffAt(
      'librarian@demo.test',
      '/staff/applications/new',
      async (page) => {
        await page.getByLabel('ФИО', { exact: true }).fill('ИВАНОВА МАРИЯ')
        await page.getByLabel('Электронная почта').fill('anna@mail,ru')
        await page.getByLabel('Дата рождения').fill('05.03.2025')
        await page.getByLabel('Контактный телефон').fill('2-34-56')
        await page.getByLabel('Контактный телефон').blur()
        await page.getByText('цифр не хватает').waitFor()
        await page.getByText('Точно?').waitFor()
      },
    ),
    'with a wrong code from home': staffAt('librarian@demo.test', '/staff/applications/new', async (page) => {
      await page.getByLabel('Код из дома').fill('K7DM-4XPE')
      await page.getByRole('button', { name: 'Вызвать анкету' }).click()
      await page.getByText('Такого кода нет').waitFor()
    }),
    'for the next of a family': staffAt('librarian@demo.test', '/staff/applications', async (page) => {
      await page.locator('main li a').first().click()
      await page.waitForURL(/\/applications\/[0-9a-f-]{36}/)
      const id = page.url().split('/').at(-1)
      await page.goto(`${system.origin}/staff/applications/new?family=${id}`)
      await page.getByText('взяты из предыдущей анкеты').waitFor()
    }),
  },
  '/staff/catalogue': {
    whole: staffAt('curator@demo.test', '/staff/catalogue'),
    'for a librarian': staffAt('librarian@demo.test', '/staff/catalogue'),
    'without a mark': staffAt('curator@demo.test', '/staff/catalogue?list=unmarked'),
  },
  '/staff/catalogue/import': { empty: staffAt('curator@demo.test', '/staff/catalogue/import') },
  '/staff/corrections': {
    'with a request': async (page) => {
      await readerAtPage('/profile')(page)
      await page.getByLabel('Что исправить').fill('Буква в фамилии')
      await page.getByRole('button', { name: 'Отправить просьбу' }).click()
      await page.getByText('«Буква в фамилии»').first().waitFor()
      await staffAt('librarian@demo.test', '/staff/corrections')(page)
    },
    'with none': staffAt('librarian2@demo.test', '/staff/corrections'),
  },
  '/staff/destructions': {
    'with none': staffAt('operator@demo.test', '/staff/destructions'),
    'with an account to close': async (page) => {
      await withAccountToClose()
      await staffAt('operator@demo.test', '/staff/destructions')(page)
      await page.getByText('Отметить закрытой').first().waitFor()
    },
  },
  '/staff/provider': {
    'with those who wait': staffAt('operator@demo.test', '/staff/provider', async (page) => {
      await page.locator('main summary').first().click()
    }),
    'with a list, and a file that is none': staffAt('operator@demo.test', '/staff/provider', async (page) => {
      await page.getByRole('button', { name: /Составить список/ }).click()
      await page.getByText(/Список \d+ составлен/).waitFor()
      await page
        .getByLabel('Файл списка')
        .setInputFiles({ name: 'a.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.7') })
      await page.getByRole('button', { name: 'Проверить и принять' }).click()
      await page.getByText('Это не таблица').waitFor()
    }),
    'with faulty rows': staffAt('operator@demo.test', '/staff/provider', async (page) => {
      await page.getByLabel('Файл списка').setInputFiles({
        name: 'a.csv',
        mimeType: 'text/csv',
        buffer: Buffer.from('Ключ строки (не менять);Номер читательского билета;Пароль\nx;1;2\n'),
      })
      await page.getByRole('button', { name: 'Проверить и принять' }).click()
      await page.getByText('Ничего не сохранено').waitFor()
    }),
    'in English': staffAt('operator@demo.test', '/staff/provider', inEnglishHere),
  },
  '/staff/settings/provider': {
    'as it is': staffAt('admin@demo.test', '/staff/settings/provider'),
    'refused, with what was typed': staffAt('admin@demo.test', '/staff/settings/provider', async (page) => {
      await page.getByLabel('Адрес сайта').fill('biblio')
      await page.locator('[name=keyPlace]').fill('')
      await page.getByRole('button', { name: 'Сохранить' }).click()
      await page.getByText('Не сохранено').waitFor()
    }),
    'in English': staffAt('admin@demo.test', '/staff/settings/provider', inEnglishHere),
  },
  '/staff/readers': {
    empty: staffAt('librarian@demo.test', '/staff/readers'),
    'with readers': findReaders('operator@demo.test', 'громов'),
    'with nobody': findReaders('librarian@demo.test', 'никто такой'),
  },
  '/staff/readers/[id=uuid]': {
    'with a card that has ended': async (page) => {
      await withEndedCards()
      await openReader('librarian@demo.test', 'Громова Алёна Игоревна')(page)
      await page.getByRole('button', { name: 'Продлить билет' }).waitFor()
      await withEndedCards(null)
    },
    'replacing a card': async (page) => {
      await openReader('librarian@demo.test', 'Громова Алёна Игоревна')(page)
      await page.getByText('Утерян, испорчен или нужен другой').click()
    },
    'for a librarian': openReader('librarian@demo.test', 'Громова Алёна Игоревна'),
    'for an operator': openReader('operator@demo.test', 'Громова Алёна Игоревна'),
    'before a new password': async (page) => {
      await openReader('librarian@demo.test', 'Громова Алёна Игоревна')(page)
      await page.locator('main summary', { hasText: 'Дать новый пароль' }).click()
      await page.getByLabel('Почта для нового пароля').fill('anna@reader')
      await page.getByLabel('Это сам читатель').check()
      await page.getByRole('button', { name: 'Дать новый пароль' }).click()
      await page.getByText('Не похоже на адрес почты').waitFor()
    },
    'with an account to close': async (page) => {
      await withAccountToClose()
      await openReader('operator@demo.test', 'Громова Алёна Игоревна')(page)
      await page.getByText('закройте учётную запись у поставщика').waitFor()
    },
    'with contacts that take nothing': async (page) => {
      await withRefusedContacts()
      await openReader('librarian@demo.test', 'Громова Алёна Игоревна')(page)
      await page.getByRole('button', { name: 'снять отметку' }).first().waitFor()
    },
    'mended into a namesake': async (page) => {
      await openReader('operator@demo.test', 'Громова Алёна Игоревна')(page)
      await page.locator('main summary', { hasText: 'Изменить имя' }).click()
      await page.getByLabel('ФИО', { exact: true }).fill('Шубин Пётр Алексеевич')
      await page.getByLabel('Дата рождения').fill('1975-11-08')
      await page.getByLabel('Почему').fill('по паспорту')
      await page.locator('[name=documentChecked]').check()
      await page.getByRole('button', { name: 'Сохранить исправления' }).click()
      await page.getByRole('button', { name: 'Другой человек: сохранить' }).waitFor()
    },
    'in English': async (page) => {
      await openReader('operator@demo.test', 'Громова Алёна Игоревна')(page)
      await page.getByRole('button', { name: 'English' }).click()
      await page.locator('html[lang=en]').waitFor()
    },
  },
  '/staff/readers/[id=uuid]/merge': {
    'with two records': async (page) => {
      await findReaders('operator@demo.test', 'громов')(page)
      const [one = '', other = ''] = await page
        .locator('main li a')
        .evaluateAll((links) => links.map((link) => link.getAttribute('href') ?? ''))
      await page.goto(`${system.origin}${one}/merge?with=${other.replace('/staff/readers/', '')}`)
      await page.getByRole('radio').first().waitFor()
    },
    'asking for the other record': async (page) => {
      await openReader('operator@demo.test', 'Громова Алёна Игоревна')(page)
      await page.getByRole('link', { name: 'Объединить с другой записью' }).click()
      await page.getByLabel('Номер билета другой записи').fill('2000000000008')
      await page.getByRole('button', { name: 'Сравнить' }).click()
      await page.getByRole('alert').waitFor()
    },
  },
  '/staff/readers/renew': {
    empty: staffAt('librarian@demo.test', '/staff/readers/renew'),
    'with a number that is none': staffAt('librarian@demo.test', '/staff/readers/renew', async (page) => {
      await page.getByLabel('Номер читательского билета').fill('123')
      await page.keyboard.press('Enter')
      await page.getByRole('alert').waitFor()
    }),
  },
  '/staff/cards': {
    'for the librarian, asked for the last card': staffAt(
      'librarian@demo.test',
      '/staff/cards',
      async (page) => {
        await page.locator('form[action$=receive] [name=first]').fill('2002000000017')
        await page.getByRole('button', { name: 'Принять карты' }).click()
        await page.getByText('Теперь отсканируйте последнюю карту').waitFor()
      },
    ),
    'for the operator, with all that opens': staffAt('operator@demo.test', '/staff/cards', async (page) => {
      await page.locator('#low').waitFor()
      for (const summary of await page.locator('main summary').all()) await summary.click()
    }),
    'with a library’s bound refused': staffAt('operator@demo.test', '/staff/cards', async (page) => {
      await page.locator('form[action$=lowStock]').first().locator('xpath=../summary').click()
      await page.locator('[name=lowStock]').first().fill('много')
      await page.getByRole('button', { name: 'Сохранить' }).first().click()
      await page.getByText('Число от 0 до 1000').waitFor()
    }),
    'for the librarian who has come to order': staffAt(
      'librarian2@demo.test',
      '/staff/cards?order=00000000-0000-4000-8000-000000000000#order',
      async (page) => page.locator('[name=count]:focus').waitFor(),
    ),
    'for the methodologist': staffAt('methodologist@demo.test', '/staff/cards'),
    'in English': staffAt('operator@demo.test', '/staff/cards', inEnglishHere),
  },
  '/staff/lists': {
    'for a librarian, empty': staffAt('librarian2@demo.test', '/staff/lists'),
    'for an operator': staffAt('operator@demo.test', '/staff/lists/new', async (page) => {
      await uploadList(page, 'readers')
      await page.goto(`${system.origin}/staff/lists`)
    }),
    'in English': staffAt('operator@demo.test', '/staff/lists', inEnglishHere),
  },
  '/staff/lists/new': {
    'for a librarian': staffAt('librarian@demo.test', '/staff/lists/new'),
    'for an operator, refused': staffAt('operator@demo.test', '/staff/lists/new', async (page) => {
      await page.locator('summary').last().click()
      await uploadList(page, 'questionnaires', '%PDF-1.7')
      await page.getByText('Это не таблица').waitFor()
    }),
    'with a file that may be in one encoding or another': staffAt(
      'librarian@demo.test',
      '/staff/lists/new',
      async (page) => {
        const buffer = Buffer.from(encodeWindows1251('КТО;КОГДА\nПЕРЕЧИСЛОВА ИННА;05.03.1990'))
        await page.locator('[name=file]').setInputFiles({ name: 'список.csv', mimeType: 'text/csv', buffer })
        await page.getByRole('button', { name: 'Загрузить файл' }).click()
        await page.getByText('Windows-1251: КТО;КОГДА').waitFor({ state: 'attached' })
      },
    ),
    'in English': staffAt('operator@demo.test', '/staff/lists/new', inEnglishHere),
  },
  '/staff/lists/[id=uuid]': {
    'with columns to name': staffAt('librarian@demo.test', '/staff/lists/new', (page) => uploadList(page)),
    'refused, with what was chosen': staffAt('librarian@demo.test', '/staff/lists/new', async (page) => {
      await uploadList(page)
      await page.getByRole('button', { name: 'Проверить строки' }).click()
      await page.getByText('Отметьте, что согласия').waitFor()
    }),
    'checked, with faults': staffAt('librarian@demo.test', '/staff/lists/new', async (page) => {
      await uploadList(page)
      await checkList(page)
      await page.getByText('Строки с ошибками: 1').waitFor()
      await page.locator('summary').last().click()
    }),
    'of readers, one like somebody on record': staffAt(
      'operator@demo.test',
      '/staff/lists/new',
      async (page) => {
        await uploadList(page, 'readers', undefined)
        await checkList(page)
        await page.getByRole('button', { name: /^Записать/ }).click()
        await page.getByRole('heading', { name: 'Готово' }).waitFor()
        await page.goto(`${system.origin}/staff/lists/new`)
        await uploadList(page, 'readers', `ФИО;Дата рождения\nПеречислова Инна;05.03.1990`)
        await checkList(page)
        await page.getByRole('button', { name: 'Другой человек' }).waitFor()
      },
    ),
    'in English': staffAt('librarian@demo.test', '/staff/lists/new', async (page) => {
      await uploadList(page)
      await inEnglishHere(page)
    }),
  },
  '/staff/lists/export': {
    readers: staffAt('librarian@demo.test', '/staff/lists/export'),
    questionnaires: staffAt('operator@demo.test', '/staff/lists/export?kind=questionnaires'),
    'with no column': staffAt('operator@demo.test', '/staff/lists/export?empty'),
    'in English': staffAt('operator@demo.test', '/staff/lists/export', inEnglishHere),
  },
  '/staff/settings/backup': {
    'as it is': staffAt('admin@demo.test', '/staff/settings/backup'),
    'refused, with what was typed': staffAt('admin@demo.test', '/staff/settings/backup', async (page) => {
      await page.locator('[name=keep]').fill('0')
      await page.getByRole('button', { name: 'Сохранить' }).click()
      await page.getByText('число от 1 до 365').waitFor()
    }),
    'in English': staffAt('admin@demo.test', '/staff/settings/backup', inEnglishHere),
    'with backups that were made and that failed': staffAt(
      'admin@demo.test',
      '/staff/settings/backup',
      async (page) => {
        const url = (await runningPostgres(system.dataDir)) ?? ''
        await onServer(
          url,
          `insert into backups (cause, state, started_at, ended_at, place, fault, row_count, file_count, bytes)
           values ('nightly', 'done', now(), now(), '/srv/smart/backups/smart-2026-11-24T00-00-00Z', null, 10, 20, 3000000),
             ('page', 'failed', now() + interval '1 second', now() + interval '1 second', '/srv/smart/backups', 'no_space', null, null, null)`,
        )
        await page.reload()
        await page.getByText('Не хватило места').waitFor()
        await onServer(url, 'delete from backups')
      },
    ),
  },
  '/staff/settings/cards': {
    'as it is': staffAt('admin@demo.test', '/staff/settings/cards'),
    'refused, with what was typed': staffAt('admin@demo.test', '/staff/settings/cards', async (page) => {
      await page.locator('[name=serialDigits]').fill('7')
      await page.getByRole('button', { name: 'Сохранить' }).click()
      await page.getByText('В номере EAN-13 ровно 13 цифр').waitFor()
    }),
    'in English': staffAt('admin@demo.test', '/staff/settings/cards', inEnglishHere),
  },
  '/staff/profile': {
    'as it is': staffAt('librarian@demo.test', '/staff/profile'),
    'to be confirmed': staffAt('librarian2@demo.test', '/staff/profile', async (page) => {
      const url = await runningPostgres(system.dataDir)
      await onServer(url ?? '', 'update sessions set confirmed_at = null where staff_id is not null')
      await page.reload()
      await page.getByLabel('Пароль сейчас').first().fill('не тот')
      await page.getByRole('button', { name: 'Подтвердить' }).click()
      await page.getByText('Пароль не подошёл').waitFor()
    }),
    'in English': staffAt('librarian@demo.test', '/staff/profile', inEnglishHere),
  },
  '/staff/profile/code': {
    'to be set up, with a wrong code': async (page) => {
      await setUpCodes(page, 'one')
      await page.locator('[name=code]').fill('0')
      await page.locator('main form button').click()
      await page.getByText('Код не подошёл').waitFor()
    },
    'done, with recovery codes': async (page) => {
      await setUpCodes(page, 'two')
      await typeRightCode(page)
    },
    'in English': async (page) => {
      await setUpCodes(page, 'three')
      await inEnglishHere(page)
    },
  },
  '/staff/audit': {
    'for the administrator': staffAt('admin@demo.test', '/staff/audit'),
    'about a reader': staffAt('admin@demo.test', '/staff/audit?person=громова+алёна', async (page) => {
      await page.getByRole('link', { name: 'Кто видел этого читателя' }).waitFor()
    }),
    'with several whom the name means': staffAt('admin@demo.test', '/staff/audit?person=громов'),
    'with nobody found': staffAt('admin@demo.test', '/staff/audit?person=никто'),
    'in English': staffAt('admin@demo.test', '/staff/audit', inEnglishHere),
  },
  '/staff/settings/sign-in': {
    'as it is': staffAt('admin@demo.test', '/staff/settings/sign-in'),
    'in English': staffAt('admin@demo.test', '/staff/settings/sign-in', inEnglishHere),
  },
  '/staff/settings/cards/mark': {
    'with none yet': staffAt('admin@demo.test', '/staff/settings/cards/mark'),
    'refused, with the reason': staffAt('admin@demo.test', '/staff/settings/cards/mark', async (page) => {
      await uploadMark(page, Buffer.from('<svg/>'))
      await page.getByText('Нужен файл PNG, JPEG или WebP').waitFor()
    }),
    'with a mark, and one before': staffAt('admin@demo.test', '/staff/settings/cards/mark', async (page) => {
      for (const colour of ['#a33', '#123']) {
        await uploadMark(page, await drawn(block(colour)).png().toBuffer())
        await page.getByText('Знак поставлен').waitFor()
      }
    }),
    'of a library, in English': staffAt('admin@demo.test', '/staff/settings/cards/mark', async (page) => {
      await page.getByLabel('Чей знак').selectOption({ index: 2 })
      await page.getByRole('button', { name: 'Показать' }).click()
      await page.waitForURL(/library=[0-9a-f-]{36}/)
      await inEnglishHere(page)
    }),
  },
  '/staff/settings/consents': {
    'for the administrator, writing': staffAt('admin@demo.test', '/staff/settings/consents', async (page) => {
      await page.locator('main summary').first().click()
      await page.locator('[name=body]').first().waitFor()
    }),
    'refused, with what was typed': staffAt('admin@demo.test', '/staff/settings/consents', async (page) => {
      await page.locator('main summary').first().click()
      await page.locator('[name=body]').first().fill('Без библиотек')
      await page.getByRole('button', { name: 'Ввести в действие' }).first().click()
      await page.getByText('Согласие должно называть обе библиотеки').waitFor()
    }),
    'for the methodologist': staffAt('methodologist@demo.test', '/staff/settings/consents'),
    'in English': staffAt('admin@demo.test', '/staff/settings/consents', inEnglishHere),
  },
  '/staff/settings': {
    'as they are': staffAt('admin@demo.test', '/staff/settings'),
    'refused, with what was typed': staffAt('admin@demo.test', '/staff/settings', async (page) => {
      await page.locator('[name=loanDays]').evaluate((field) => field.removeAttribute('max'))
      await page.locator('[name=loanDays]').fill('400')
      await page.getByRole('button', { name: 'Сохранить' }).click()
      await page.getByText('Нужно целое число в указанных пределах').waitFor()
    }),
    'changed, with its history': staffAt('admin@demo.test', '/staff/settings', async (page) => {
      await page.locator('[name=loanDays]').fill('20')
      await page.getByRole('button', { name: 'Сохранить' }).click()
      await page.getByText('было 14, стало 20').waitFor()
    }),
    'in English': staffAt('admin@demo.test', '/staff/settings', inEnglishHere),
  },
  '/staff/setup/libraries': {
    'as they are': staffAt('admin@demo.test', '/staff/setup/libraries'),
    'refused, with its rows': staffAt('admin@demo.test', '/staff/setup/libraries', async (page) => {
      await page.locator('[name=districts]').fill('Буйская районная библиотека\nНовая; не почта')
      await page.getByRole('button', { name: 'Добавить' }).click()
      await page.getByText('почта написана с ошибкой').waitFor()
    }),
    'in English': staffAt('admin@demo.test', '/staff/setup/libraries', inEnglishHere),
  },
  '/staff/setup/messages': {
    'with a test that was sent': staffAt('admin@demo.test', '/staff/setup/messages', async (page) => {
      await page.locator('[name=email]').fill('admin@demo.test')
      await page.getByRole('button', { name: 'Отправить проверочное' }).first().click()
      await page.getByText('принято к отправке').waitFor()
    }),
    'in English': staffAt('admin@demo.test', '/staff/setup/messages', inEnglishHere),
  },
  '/staff/setup': {
    empty: async (page) => {
      const [link = ''] = /http\S+\/staff\/setup\?key=\S+/.exec(empty.output()) ?? []
      await page.goto(link)
    },
    'refused, with what was typed': async (page) => {
      const [link = ''] = /http\S+\/staff\/setup\?key=\S+/.exec(empty.output()) ?? []
      await page.goto(link)
      for (const name of ['regionName', 'libraryName', 'fullName'])
        await page.locator(`[name=${name}]`).fill('Проверка')
      await page.locator('[name=email]').fill('a@b.test')
      await page.locator('[name=password]').fill('short')
      await page.getByRole('button', { name: 'Начать работу' }).click()
      await page.getByText('Не короче 10 знаков.').waitFor()
    },
    'with a wrong key': async (page) => {
      await page.goto(`${empty.origin}/staff/setup?key=wrong`)
    },
  },
  '/staff/sign-in/again': {
    'with a questionnaire on its way': staffAt(
      'librarian@demo.test',
      '/staff/applications/new',
      async (page) => {
        await page.getByLabel('ФИО', { exact: true }).fill('Иванова Мария Петровна')
        await page.getByLabel('Дата рождения').fill('1990-01-01')
        await page.locator('[name=consentGiven]').check()
        await page.context().clearCookies()
        await page.getByRole('button', { name: 'Отправить', exact: true }).click()
        await page.getByRole('heading', { name: 'Вход закончился' }).waitFor()
      },
    ),
  },
  '/staff/sign-in/second': {
    'refused, with what was typed': async (page) => {
      const email = await setUpCodes(page, 'four')
      await typeRightCode(page)
      await page.context().clearCookies({ name: 'staff' })
      await page.goto(`${system.origin}/staff/sign-in`)
      await page.locator('[name=email]').fill(email)
      await page.locator('[name=password]').fill(demoPassword)
      await page.getByRole('button', { name: 'Войти', exact: true }).click()
      await page.locator('[name=staffCode]').fill('0')
      await page.getByRole('button', { name: 'Войти', exact: true }).click()
      await page.getByText('Код не подошёл').waitFor()
    },
  },
  '/staff/staff': {
    'as it is': staffAt('admin@demo.test', '/staff/staff'),
    'with nobody found': staffAt('admin@demo.test', '/staff/staff?q=qqqq'),
    'in English': staffAt('admin@demo.test', '/staff/staff', inEnglishHere),
  },
  '/staff/staff/new': {
    'refused, with what was typed': staffAt('admin@demo.test', '/staff/staff/new', async (page) => {
      await page.locator('main form').evaluate((form) => form.setAttribute('novalidate', ''))
      await page.locator('[name=email]').fill('нет такой')
      await page.getByRole('button', { name: 'Пригласить', exact: true }).click()
      await page.locator('#role-fault').waitFor()
    }),
  },
  '/staff/staff/[id=uuid]': {
    'of somebody who works': openPerson('Нина Павловна Соколова', async (page) => {
      for (const folded of await page.locator('main summary').all()) await folded.click()
    }),
    'of somebody invited, with the link': openPerson('Лидия Фёдоровна Орлова', async (page) => {
      await page.getByRole('button', { name: 'Показать ссылку' }).click()
      await page.locator('main code').waitFor()
      await page.locator('main summary').first().click()
    }),
  },
  '/staff/invitation': {
    'by its link': async (page) => {
      await openPerson('Лидия Фёдоровна Орлова')(page)
      await page.getByRole('button', { name: 'Показать ссылку' }).click()
      const link = await page.locator('main code').textContent()
      await page.context().clearCookies()
      await page.goto(link ?? '')
      await page.getByText('Вас приглашает').waitFor()
    },
    'used already': at('/staff/invitation?key=wrong'),
    'in English, refused': inEnglish('/staff/invitation?key=wrong'),
  },
  '/staff/new-password': {
    'by its link, with a short password': async (page) => {
      const shown = await smart(system, 'staff', 'reset', 'librarian2@demo.test')
      const { pathname, search } = new URL(/http\S+/.exec(shown)?.[0] ?? system.origin)
      await page.goto(system.origin + pathname + search)
      await page.locator('[name=password]').fill('short')
      await page.getByRole('button', { name: 'Сохранить и войти' }).click()
      await page.getByText('Не короче 10 знаков.').waitFor()
    },
  },
  '/staff/forgotten': {
    asked: async (page) => {
      await page.goto(`${system.origin}/staff/forgotten`)
      await page.locator('[name=email]').fill('nobody@demo.test')
      await page.getByRole('button', { name: 'Прислать ссылку' }).click()
      await page.getByText('Если сотрудник с такой почтой есть').waitFor()
    },
    'in English': inEnglish('/staff/forgotten'),
  },
  '/staff/network': {
    'as it is': staffAt('methodologist@demo.test', '/staff/network'),
    'those that haven’t begun': staffAt('admin@demo.test', '/staff/network?stuck=signed_in'),
    'in English': staffAt('methodologist@demo.test', '/staff/network', inEnglishHere),
  },
  '/staff/network/new': {
    'refused, with what was typed': staffAt('methodologist@demo.test', '/staff/network/new', async (page) => {
      await page.getByLabel('Название').fill('Новая библиотека')
      await page.getByLabel('Код').fill('7')
      await page.getByRole('button', { name: 'Добавить' }).click()
      await page.getByText('Код — три цифры').waitFor()
    }),
  },
  '/staff/network/[id=uuid]': {
    'not invited': openLibrary('Чухломская районная библиотека'),
    'invited on paper': openLibrary('Нерехтская районная библиотека', async (page) => {
      await page.getByRole('link', { name: 'Письмо со ссылкой' }).waitFor()
      for (const folded of await page.locator('main summary').all()) await folded.click()
    }),
    'at work, in English': openLibrary('Буйская районная библиотека', inEnglishHere),
  },
  '/staff/settings/department': {
    'as it is': staffAt('methodologist@demo.test', '/staff/settings/department'),
  },
  '/staff/sign-in': {
    empty: at('/staff/sign-in'),
    'before the first start': async (page) => {
      await page.goto(`${empty.origin}/staff/sign-in`)
    },
  },
}

/** Begins to set codes up, for a curator of that name whom nobody else uses. */
async function setUpCodes(page: Page, name: string): Promise<string> {
  const email = `${name}@demo.test`
  await onServer(
    (await runningPostgres(system.dataDir)) ?? '',
    `with member as (
       insert into staff (email, full_name, password_hash)
       select $1, full_name, password_hash from staff where email = 'curator@demo.test' returning id)
     insert into staff_roles (staff_id, library_id, role)
     select member.id, library_id, role from member, staff s join staff_roles r on r.staff_id = s.id
     where s.email = 'curator@demo.test'`,
    [email],
  )
  await signInStaff(page, system.origin, email)
  await page.goto(`${system.origin}/staff/profile`)
  await page.getByRole('button', { name: 'Настроить' }).click()
  await page.locator('li code').waitFor()
  return email
}

async function typeRightCode(page: Page): Promise<void> {
  const secret = (await page.locator('li code').textContent()) ?? ''
  const code = new TOTP({ secret: Secret.fromBase32(secret.replaceAll(' ', '')) }).generate()
  await page.locator('[name=code]').fill(code)
  await page.locator('main form button').click()
  await page.getByRole('heading', { name: 'Ваши запасные коды' }).waitFor()
}

function readerAtPage(path: string, more: (page: Page) => Promise<unknown> = async () => {}) {
  return async (page: Page) => {
    await readerIn(page)
    await page.goto(system.origin + path)
    await more(page)
  }
}

function openPerson(name: string, more: (page: Page) => Promise<unknown> = async () => {}) {
  return staffAt('admin@demo.test', '/staff/staff', async (page) => {
    await page.getByRole('link', { name }).click()
    await page.getByRole('heading', { name, level: 1 }).waitFor()
    await more(page)
  })
}

function openLibrary(name: string, more: (page: Page) => Promise<unknown> = async () => {}) {
  return staffAt('methodologist@demo.test', '/staff/network', async (page) => {
    await page.getByRole('link', { name }).click()
    await page.getByRole('heading', { name, level: 1 }).waitFor()
    await more(page)
  })
}

async function uploadMark(page: Page, bytes: Buffer) {
  await page
    .getByLabel('Файл со знаком')
    .setInputFiles({ name: 'mark.png', mimeType: 'image/png', buffer: bytes })
  await page.getByRole('button', { name: 'Поставить' }).click()
}

async function inEnglishHere(page: Page) {
  await page.getByRole('button', { name: 'English' }).click()
  await page.locator('html[lang=en]').waitFor()
}

function findReaders(email: string, query: string) {
  return staffAt(email, '/staff/readers', async (page) => {
    await page.getByLabel('Имя, номер билета, телефон или почта').fill(query)
    await page.getByRole('button', { name: 'Найти' }).click()
    await page.getByText(/Нашлось|Никого не нашлось/).waitFor()
  })
}

function openReader(email: string, name: string) {
  return async (page: Page) => {
    await findReaders(email, name)(page)
    await page.getByRole('link', { name }).click()
    await page.getByRole('heading', { name, level: 1 }).waitFor()
  }
}

function inEnglish(path: string) {
  return async (page: Page) => {
    await page.goto(system.origin + path)
    await page.getByRole('button', { name: 'English' }).click()
    await page.locator('html[lang=en]').waitFor()
  }
}

/** Gives a demonstration reader an account that waits to be closed at the provider. */
async function withAccountToClose(): Promise<void> {
  await onServer(
    (await runningPostgres(system.dataDir)) ?? '',
    `insert into provider_closings (reader_id, provider, number, created_at, asked_at)
     select id, 'Внешняя библиотека (пример)', '777-001', now(), now() from readers r
     where full_name = 'Громова Алёна Игоревна'
       and not exists (select from provider_closings where reader_id = r.id)`,
  )
}

/** The shared page as somebody has it who comes here for the first time, on a phone. */
async function newcomer(): Promise<Page> {
  const { page, context } = shared
  // Away from the last page, whose storage goes while none of its scripts can write it again; within the site,
  // as for another one Chromium would start a new process and compile everything anew.
  const { origin } = new URL(page.url().startsWith('http') ? page.url() : system.origin)
  await page.goto(`${origin}/healthz`)
  await page.evaluate(() => (localStorage.clear(), sessionStorage.clear()))
  await context.clearCookies()
  await page.setViewportSize(phoneScreen)
  return page
}

/** On the phone that the page was opened with, and drawn as wide as a desk. */
async function expectAccessibleAtBothSizes(page: Page): Promise<void> {
  await expectAccessible(page)
  await page.setViewportSize(deskScreen)
  await expectAccessible(page)
}

/** Letters and SMS to a demonstration reader have come back. */
async function withRefusedContacts(): Promise<void> {
  await onServer(
    (await runningPostgres(system.dataDir)) ?? '',
    `insert into refused_addresses (channel, address, since, fault)
     select channel, address, now(), 'test'
     from readers, lateral (values ('email', email), ('sms', phone)) as contact (channel, address)
     where full_name = 'Громова Алёна Игоревна' and address is not null
     on conflict do nothing`,
  )
}

it('every page of the system is visited', () => {
  expect(routes.length).toBeGreaterThan(10)
  expect(Object.keys(visits).toSorted()).toEqual(routes)
})

const cases = Object.entries(visits).flatMap(([route, states]) =>
  Object.entries(states).map(([state, visit]) => ({ route, state, visit })),
)

it.each(cases)('$route $state keeps WCAG 2.2 AA and fits a phone and a desk', async ({ visit }) => {
  const page = await newcomer()
  await visit(page)
  expect(await page.title()).toMatch(/\S/)
  await expectAccessibleAtBothSizes(page)
})

it('a page that doesn’t exist says so and leads home', async () => {
  const page = await newcomer()
  await page.goto(`${system.origin}/nowhere`)
  await page.getByRole('heading', { name: 'Не получилось' }).waitFor()
  await expectAccessibleAtBothSizes(page)
})
