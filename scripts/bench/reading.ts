import type { Browser, BrowserContext, Page } from 'playwright-core'
import { openPage, phone } from '../../tests/support/browser.ts'
import { chapterFrame } from '../../tests/support/steps.ts'
import { eventually } from '../../tests/support/system.ts'
import { keepAlive } from './load.ts'
import type { Region } from './region.ts'

/** A phone with an empty cache on which the n-th reader is signed in. */
export async function phoneOf(
  browser: Browser,
  region: Region,
  n: number,
): Promise<{ page: Page; context: BrowserContext }> {
  const { ask, close } = keepAlive()
  const [name = '', value = ''] = (await region.signIn(n, ask)).split('=')
  close()
  const { page, context } = await openPage(browser, phone)
  await context.addCookies([{ name, value, url: region.origin }])
  return { page, context }
}

/**
 * When the book's frame painted its first content, words or else a cover's picture; milliseconds since 1970,
 * as the browser itself counts them.
 */
export const firstContentPainted = (page: Page): Promise<number> =>
  eventually(async () =>
    chapterFrame(page)
      ?.evaluate(() => {
        const [paint] = performance.getEntriesByName('first-contentful-paint')
        return paint && performance.timeOrigin + paint.startTime
      })
      .catch(() => undefined),
  )
