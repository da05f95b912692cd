import type { Page } from 'playwright-core'

export const demoPassword = 'demo-smart-library'

/** Signs a staff member in and waits for the desk. */
export async function signInStaff(page: Page, origin: string, email: string): Promise<void> {
  await page.goto(`${origin}/staff/sign-in`)
  await page.locator('[name=email]').fill(email)
  await page.locator('[name=password]').fill(demoPassword)
  await page.locator('main button.button').click()
  await page.waitForURL(`${origin}/staff`)
}
