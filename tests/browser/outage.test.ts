import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ensureBuild } from '../../scripts/build.ts'
import type { EmbeddedPostgres } from '../../src/core/shared/postgres/embedded.ts'
import { startEmbeddedPostgres } from '../../src/core/shared/postgres/embedded.ts'
import { expectAccessible } from '../support/accessibility.ts'
import { desk, launchBrowser, openPage } from '../support/browser.ts'
import { onServer } from '../support/server-commands.ts'
import { signInStaff } from '../support/steps.ts'
import type { RunningSystem } from '../support/system.ts'
import { eventually, freePort, startSystem } from '../support/system.ts'

let folder: string
let port: number
let server: EmbeddedPostgres
let system: RunningSystem
let browser: Browser

/** A server that the region runs itself: the system has no hand in its coming and going. */
const startServer = async () => {
  server = await startEmbeddedPostgres({ dataDir: folder, port })
}

beforeAll(async () => {
  await ensureBuild()
  folder = await mkdtemp(join(tmpdir(), 'smart-outage-'))
  port = await freePort()
  await startServer()
  ;[system, browser] = await Promise.all([
    startSystem({ env: { DATABASE_URL: server.url, SMART_DEMO: '1' } }),
    launchBrowser(),
  ])
})
afterAll(async () => {
  await browser?.close()
  await system?.dispose()
  await server?.stop()
  await rm(folder, { recursive: true, force: true })
})

const status = async (path: string) => (await fetch(system.origin + path)).status
const sentAs = async (name: string) =>
  (await onServer(server.url, 'select id from applications where full_name = $1', [name])).rows.length

async function fill(page: Page, name: string): Promise<void> {
  await page.goto(`${system.origin}/staff/applications/new`)
  await page.getByLabel('ФИО', { exact: true }).fill(name)
  await page.getByLabel('Дата рождения').fill('05.03.1990')
  await page.locator('[name=consentGiven]').check()
}
const send = (page: Page) => page.getByRole('button', { name: 'Отправить', exact: true }).click()

describe('a database that is stopped in the middle of a questionnaire and started again', () => {
  it('is told about, keeps what was typed, and gets it once; pages and queue come back by themselves', async () => {
    const scripted = await openPage(browser, desk)
    const plain = await openPage(browser, { ...desk, javaScriptEnabled: false })
    for (const { page } of [scripted, plain]) await signInStaff(page, system.origin, 'librarian@demo.test')
    await fill(scripted.page, 'Перебойная Анна Львовна')
    await fill(plain.page, 'Перебойная Вера Львовна')
    const reading = await scripted.context.newPage()

    await server.stop()
    for (const { page } of [scripted, plain]) {
      await send(page)
      await page.getByText('База данных сейчас не отвечает').waitFor()
      await page.getByText('Всё, что вы ввели, сохранено').waitFor()
    }
    await expectAccessible(scripted.page)
    const answer = await reading.goto(`${system.origin}/staff`)
    expect([answer?.status(), answer?.headers()['retry-after']]).toEqual([503, '10'])
    expect(await status('/healthz')).toBe(200)
    await eventually(async () => ((await status('/readyz')) === 503 ? true : undefined))
    expect(await status('/metrics')).toBe(200)
    // Too early: still nothing is lost.
    await plain.page.getByRole('button', { name: 'Отправить ещё раз' }).click()
    await plain.page.getByText('Всё, что вы ввели, сохранено').waitFor()

    await startServer()
    for (const { page } of [scripted, plain]) {
      await page.getByRole('button', { name: 'Отправить ещё раз' }).click()
      await page.waitForURL(/\?sent/)
    }
    expect(await sentAs('Перебойная Анна Львовна')).toBe(1)
    expect(await sentAs('Перебойная Вера Львовна')).toBe(1)
    // The page that was only looked at has asked again by itself.
    await reading.getByRole('link', { name: 'Новая анкета' }).waitFor()
    await eventually(async () => ((await status('/readyz')) === 200 ? true : undefined))
    // A job goes through: the worker has found back as well.
    await onServer(server.url, `delete from signs`)
    await onServer(server.url, `select graphile_worker.add_job('watching:look')`)
    await eventually(async () =>
      (await onServer(server.url, 'select from signs')).rows.length > 0 ? true : undefined,
    )
    await scripted.context.close()
    await plain.context.close()
  })
})

describe('a disk of the database that is full', () => {
  it('gets a sentence on the form, which keeps what was typed; with space again it goes out once', async () => {
    await onServer(
      server.url,
      `create function full_disk() returns trigger language plpgsql as
        $$ begin raise exception using errcode = '53100', message = 'could not extend file'; end $$;
       create trigger full_disk before insert on applications for each statement execute function full_disk()`,
    )
    const { page, context } = await openPage(browser, desk)
    await signInStaff(page, system.origin, 'librarian@demo.test')
    await fill(page, 'Тесная Анна Львовна')
    await send(page)
    await page.getByText('На диске сервера кончилось место').first().waitFor()
    expect(await page.getByLabel('ФИО', { exact: true }).inputValue()).toBe('Тесная Анна Львовна')
    expect(await sentAs('Тесная Анна Львовна')).toBe(0)
    await onServer(server.url, 'drop trigger full_disk on applications')
    await page.locator('[name=consentGiven]').check()
    await send(page)
    await page.waitForURL(/\?sent/)
    expect(await sentAs('Тесная Анна Львовна')).toBe(1)
    await context.close()
  })
})
