import type { Browser, Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { desk, openPage, phone } from '../support/browser.ts'
import { signInStaff } from '../support/steps.ts'
import type { RunningSystem } from '../support/system.ts'
import { useDemo } from '../support/use-demo.ts'

let system: RunningSystem
let browser: Browser
useDemo((started) => ({ system, browser } = started))

/** Opens a page whose script comes only after `fill`, as on a slow line; goes on once it has drawn `shown`. */
async function openSlowly(
  page: Page,
  path: string,
  fill: () => Promise<unknown>,
  shown = page.getByRole('button', { name: 'Открыть календарь' }),
): Promise<void> {
  let go = () => {}
  const held = new Promise<void>((resolve) => (go = resolve))
  await page.route('**/*.js', async (route) => {
    await held
    await route.continue()
  })
  await page.goto(system.origin + path, { waitUntil: 'commit' })
  await fill()
  go()
  await shown.first().waitFor({ state: 'attached' })
}

describe('before the page’s script has come', () => {
  it('staff’s words, ticks and choices stay', async () => {
    const { page, context } = await openPage(browser, desk)
    await signInStaff(page, system.origin, 'operator@demo.test')
    const library = page.locator('#questionnaire [name=libraryId]')
    const chosen = { label: 'Чухломская районная библиотека' }
    await openSlowly(page, '/staff/applications/new', async () => {
      await page.getByLabel('Код из дома').fill('K7DM-4XPE')
      await page.getByLabel('Контактный телефон').fill('8 910 555-12-12')
      await page.locator('[name=consentGiven]').check()
      await library.selectOption(chosen)
    })
    expect(await page.getByLabel('Код из дома').inputValue()).toBe('K7DM-4XPE')
    // Left already, it is as people write it.
    expect(await page.getByLabel('Контактный телефон').inputValue()).toBe('+7 910 555-12-12')
    expect(await page.locator('[name=consentGiven]').isChecked()).toBe(true)
    expect(await library.locator('option:checked').textContent()).toBe(chosen.label)
    await context.close()
  })

  it('a reader’s at home stay', async () => {
    const { page, context } = await openPage(browser, phone)
    const library = page.locator('[name=libraryId]')
    const chosen = { label: 'Чухломская районная библиотека' }
    await openSlowly(page, '/join', async () => {
      await page.getByLabel('ФИО', { exact: true }).fill('Ранняя Анна')
      await library.selectOption(chosen)
      await page.locator('[name=agreed]').check()
    })
    expect(await page.getByLabel('ФИО', { exact: true }).inputValue()).toBe('Ранняя Анна')
    expect(await library.locator('option:checked').textContent()).toContain(chosen.label)
    expect(await page.locator('[name=agreed]').isChecked()).toBe(true)
    await context.close()
  })

  it('what was left already is judged, and what is being typed isn’t', async () => {
    const { page, context } = await openPage(browser, phone)
    await openSlowly(page, '/join', async () => {
      await page.getByLabel('ФИО', { exact: true }).fill('Ранняя 7')
      await page.getByLabel('Дата рождения').fill('31.02.1990')
    })
    await page.getByText('Только буквы, дефис и апостроф').waitFor()
    expect(await page.locator('#birthDate').getAttribute('aria-invalid')).toBeNull()
    await context.close()
  })

  it('what was opened stays open', async () => {
    const { page, context } = await openPage(browser, phone)
    await signInStaff(page, system.origin, 'operator@demo.test')
    const open = page.locator('details[open] > summary')
    await openSlowly(
      page,
      '/staff/profile',
      async () => {
        await page.locator('header summary').click()
        await page.locator('main summary', { hasText: 'Сменить пароль' }).click()
      },
      page.getByText('Показать пароль'),
    )
    expect(await open.allTextContents()).toHaveLength(2)
    await openSlowly(
      page,
      '/staff/applications',
      () => page.getByLabel('Возраст').selectOption('teen'),
      page.getByRole('button', { name: 'Клавиши' }),
    )
    expect(await page.getByLabel('Возраст').isVisible()).toBe(true)
    await context.close()
  })
})

describe('a page of settings that the browser goes back to', () => {
  it('shows what is, not what its fields were', async () => {
    const { page, context } = await openPage(browser, desk)
    await signInStaff(page, system.origin, 'admin@demo.test')
    await page.goto(`${system.origin}/staff/settings/backup`, { waitUntil: 'networkidle' })
    const [nightly, time] = [page.locator('[name=nightly]'), page.locator('[name=time]')]
    await nightly.check()
    await time.fill('05:55')
    await page.goto(`${system.origin}/icon.svg`)
    await page.goBack()
    expect(await nightly.isChecked()).toBe(false)
    expect(await time.inputValue()).not.toBe('05:55')
    await context.close()
  })
})
