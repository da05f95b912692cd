import { createRequire } from 'node:module'
import { readFileSync } from 'node:fs'
import type { AxeResults, RunOptions } from 'axe-core'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** WCAG 2.2 AA and everything below it. */
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']

declare global {
  interface Window {
    axe: { run(options: RunOptions): Promise<AxeResults> }
  }
}

/** Fails when the page breaks a rule of WCAG 2.2 AA, and when rules of one of its tags were not run at all. */
export async function expectAccessible(page: Page): Promise<void> {
  // Through the debugger: the page's own content policy rightly lets no such script in.
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(source)
  const results = await page.evaluate(
    (values) => window.axe.run({ runOnly: { type: 'tag', values }, resultTypes: ['violations'] }),
    tags,
  )
  const run = [...results.passes, ...results.violations, ...results.inapplicable, ...results.incomplete]
  for (const tag of tags.filter((each) => each !== 'wcag21a'))
    expect(
      run.some((rule) => rule.tags.includes(tag)),
      `rules of ${tag} were run`,
    ).toBe(true)
  const faults = results.violations.map(
    (rule) => `${page.url()} ${rule.id}: ${rule.nodes.map((node) => node.target.join(' ')).join(', ')}`,
  )
  expect(faults).toEqual([])
  // A page that scrolls sideways on a phone is broken for whoever reads with one thumb.
  const [wide, window_] = await page.evaluate(() => [
    document.documentElement.scrollWidth,
    document.documentElement.clientWidth,
  ])
  expect(wide, `${page.url()} fits its width`).toBeLessThanOrEqual(window_ ?? 0)
}
