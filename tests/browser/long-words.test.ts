import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runningPostgres } from '../../src/core/shared/postgres/embedded.ts'
import { deskScreen, launchBrowser, openPage, phone, phoneScreen } from '../support/browser.ts'
import { startDemo } from '../support/demo.ts'
import { onServer } from '../support/server-commands.ts'
import { credentialsOf, demoReaders, signInReader, signInStaff } from '../support/steps.ts'
import type { RunningSystem } from '../support/system.ts'

let system: RunningSystem
let browser: Browser
const word = (letters: number) => `Ы${'ы'.repeat(letters - 1)}`
/** A name, a reason and a title without a space, as long as forms and files let them be. */
const long = { name: word(195), reason: word(900), title: word(200), query: word(300) }
let credentials = { number: '', password: '' }
let ids: Record<'sent' | 'returned' | 'registered' | 'reader' | 'book', string>

beforeAll(async () => {
  ;[system, browser] = await Promise.all([startDemo(), launchBrowser()])
  // Before the names change: it is found by them.
  const alyona = await credentialsOf(system.origin, demoReaders.alyona)
  const database = (await runningPostgres(system.dataDir)) ?? ''
  const sql = async (command: string, values: unknown[] = []) =>
    (await onServer(database, command, values)).rows as Record<string, string>[]
  await sql(`update applications set full_name = $1 || substr(full_name, 1, 3)`, [long.name])
  await sql(`update readers set full_name = $1 || substr(full_name, 1, 3)`, [long.name])
  await sql(`update publications set title = $1 || substr(title, 1, 3)`, [long.title])
  await sql(
    `update applications set state = 'returned', return_reason = $1
     where id = (select id from applications where state = 'sent' order by sent_at desc limit 1)`,
    [long.reason],
  )
  // The demonstration may have been made before the region’s midnight.
  await sql(`update application_events set reason = $1, at = now()`, [long.reason])
  await sql(
    `insert into correction_requests (reader_id, text, asked_at) select id, $1, now() from readers limit 1`,
    [long.reason],
  )
  const one = async (command: string) => (await sql(command))[0]?.['id'] ?? ''
  const application = (state: string) =>
    one(`select id from applications where state = '${state}' and library_id in
      (select id from libraries where name like 'Буйская%') order by sent_at limit 1`)
  ids = {
    sent: await one(`select id from applications where state = 'sent' order by sent_at limit 1`),
    returned: await one(`select id from applications where state = 'returned' limit 1`),
    registered: await application('registered'),
    reader: await one(`select id from readers limit 1`),
    book: await one(`select publication_id as id from licences l join publications p on p.id = publication_id
       where age_mark = 0 limit 1`),
  }
  credentials = alyona
})
afterAll(async () => {
  await browser?.close()
  await system?.dispose()
})

const pages: Record<string, { as?: 'reader' | string; path: () => string }> = {
  'the catalogue': { path: () => '/' },
  'a search': { path: () => `/search?q=${encodeURIComponent(long.query)}` },
  'a book': { path: () => `/books/${ids.book}` },
  'the shelf': { as: 'reader', path: () => '/shelf' },
  'a reader’s own data': { as: 'reader', path: () => '/profile' },
  'the queue': { as: 'operator@demo.test', path: () => '/staff/applications' },
  'a questionnaire that waits': {
    as: 'operator@demo.test',
    path: () => `/staff/applications/${ids.sent}`,
  },
  'a returned one': { as: 'operator@demo.test', path: () => `/staff/applications/${ids.returned}` },
  'a registered one': { as: 'librarian@demo.test', path: () => `/staff/applications/${ids.registered}` },
  'a family’s next one': {
    as: 'librarian@demo.test',
    path: () => `/staff/applications/new?family=${ids.registered}`,
  },
  'the day’s decisions': { as: 'operator@demo.test', path: () => '/staff/applications?today' },
  'a reader’s record': { as: 'operator@demo.test', path: () => `/staff/readers/${ids.reader}` },
  'requests for correction': { as: 'operator@demo.test', path: () => '/staff/corrections' },
  'the fund': { as: 'curator@demo.test', path: () => '/staff/catalogue' },
}

async function widthOf(page: Page) {
  const [wide, room] = await page.evaluate(() => [
    document.documentElement.scrollWidth,
    document.documentElement.clientWidth,
  ])
  return { wide: wide ?? 0, room: room ?? 0 }
}

describe('a word without an end makes nothing wider than a phone’s or a desk’s screen', () => {
  it.each(Object.entries(pages))('on %s', async (_name, { as, path }) => {
    const { page, context } = await openPage(browser, phone)
    if (as === 'reader') await signInReader(page, system.origin, credentials)
    else if (as) await signInStaff(page, system.origin, as)
    const answer = await page.goto(system.origin + path())
    expect(answer?.status()).toBe(200)
    expect(await page.locator('main').innerText()).toContain('ыыыы')
    for (const screen of [phoneScreen, deskScreen]) {
      await page.setViewportSize(screen)
      const { wide, room } = await widthOf(page)
      expect(wide, `${page.url()} at ${screen.width}`).toBeLessThanOrEqual(room)
    }
    await context.close()
  })
})
