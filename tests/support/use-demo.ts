import type { Browser } from 'playwright-core'
import { afterAll, beforeAll } from 'vitest'
import { launchBrowser } from './browser.ts'
import { startDemo } from './demo.ts'
import type { RunningSystem } from './system.ts'

interface Started {
  system: RunningSystem
  browser: Browser
}

/** For all tests of a file one demonstration region and one browser, which go with them. @param tell gets both */
export function useDemo(tell: (started: Started) => void): void {
  let started: Started | undefined
  beforeAll(async () => {
    const [system, browser] = await Promise.all([startDemo(), launchBrowser()])
    started = { system, browser }
    tell(started)
  })
  afterAll(async () => {
    await started?.browser.close()
    await started?.system.dispose()
  })
}
