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
    defineAxe?(): void
  }
}

/** For a page with many checks: each of its documents has what they need at hand, and isn't sent it anew. */
export const prepareChecks = (page: Page): Promise<unknown> =>
  page.addInitScript(`window.defineAxe = () => {${source}}`)

/** Fails when the page breaks a rule of WCAG 2.2 AA, and when rules of one of its tags were not run at all. */
export async function expectAccessible(page: Page): Promise<void> {
  // Through the debugger: the page's own content policy rightly lets no such script in.
  if (!(await page.evaluate(definesAxe))) await page.evaluate(source)
  const found = await page.evaluate(examine, tags)
  for (const tag of tags.filter((each) => each !== 'wcag21a'))
    expect(found.run, `rules of ${tag} were run`).toContain(tag)
  expect(found.faults.map((fault) => `${page.url()} ${fault}`)).toEqual([])
  // A page that scrolls sideways on a phone is broken for whoever reads with one thumb.
  expect(found.width, `${page.url()} fits its width`).toBeLessThanOrEqual(found.room)
}

/** Runs in the page. @returns whether the checks are defined there */
function definesAxe(): boolean {
  const { defineAxe } = window
  if ('axe' in window) return true
  defineAxe?.()
  return defineAxe !== undefined
}

/** Runs in the page: what is known of all that holds stays there, it is large. */
async function examine(values: string[]) {
  const { passes, violations, inapplicable, incomplete } = await window.axe.run({
    runOnly: { type: 'tag', values },
    resultTypes: ['violations'],
    // Copies of all style sheets are for rules that aren't among these.
    preload: { assets: ['media'] },
  })
  const rules = [...passes, ...violations, ...inapplicable, ...incomplete]
  return {
    /** The tags of the rules that were run. */
    run: [...new Set(rules.flatMap((rule) => rule.tags))],
    faults: violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`,
    ),
    width: document.documentElement.scrollWidth,
    room: document.documentElement.clientWidth,
  }
}
