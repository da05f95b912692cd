import { readdirSync, readFileSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { madeEpub } from '../../src/protocols/epub/epub.fixtures.ts'
import { ensureBuild } from '../../scripts/build.ts'
import { launchBrowser, openPage, phone } from '../support/browser.ts'
import { startDemo } from '../support/demo.ts'
import { fixedBook, flowingBook } from '../support/reading-books.ts'
import {
  credentialsOf,
  demoReaders,
  firstText,
  signInReader,
  signInStaff,
  smart,
  takeAndOpen,
} from '../support/steps.ts'
import type { RunningSystem } from '../support/system.ts'

/*
 * Chrome 109, Firefox 115 and Safari 16 are the oldest browsers that must do. What one of them lacks is looked
 * for in the built client code, and taken away from the browser that then goes the reader's way.
 */

/** Names that nothing else bears, so that finding one means using it. */
const lacking = [
  /\b(?:Object|Map)\.groupBy\b/,
  /\bPromise\.(?:withResolvers|try)\b/,
  /\bArray\.fromAsync\b/,
  /\bURL\.(?:canParse|parse)\(/,
  /\bAbortSignal\.(?:any|timeout)\(/,
  /\bRegExp\.escape\b/,
  /\.(?:toSorted|toReversed|toSpliced)\(/,
  /\.(?:symmetricDifference|isSubsetOf|isSupersetOf|isDisjointFrom)\(/,
  /\.(?:isWellFormed|toWellFormed)\(/,
  /\.(?:startViewTransition|showPopover|hidePopover|setHTMLUnsafe|checkVisibility|moveBefore)\(/,
  /:has\(/,
]
const lackingInCss = [/:has\(/, /\bcolor-mix\(/, /\blight-dark\(/, /@scope\b/, /@layer\b/, /[{;}]\s*&/]

const client = fileURLToPath(new URL('../../build/client/_app/immutable', import.meta.url))

function findings(ending: string, patterns: readonly RegExp[]): string[] {
  const files = readdirSync(client, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith(ending),
  )
  expect(files.length).toBeGreaterThan(5)
  return files.flatMap((name) => {
    const code = readFileSync(join(client, name), 'utf8')
    return patterns.flatMap((pattern) => pattern.exec(code)?.[0] ?? []).map((found) => `${name}: ${found}`)
  })
}

describe('the built client code', () => {
  beforeAll(ensureBuild)

  it('uses nothing that the oldest browsers lack', () => {
    expect(findings('.js', lacking)).toEqual([])
  })

  it('has no styles that the oldest browsers can’t read', () => {
    expect(findings('.css', lackingInCss)).toEqual([])
  })
})

/** Makes the browser lack what one of the oldest lacks; patterns that Safari 16.0 can't read don't compile. */
function makeOlder(): void {
  const lose = (holder: object, names: readonly string[]) => {
    for (const name of names) Reflect.deleteProperty(holder, name)
  }
  lose(Object, ['groupBy'])
  lose(Map, ['groupBy'])
  lose(Promise, ['withResolvers', 'try'])
  lose(Array, ['fromAsync'])
  lose(Array.prototype, ['toSorted', 'toReversed', 'toSpliced', 'with'])
  lose(URL, ['canParse', 'parse'])
  lose(AbortSignal, ['any'])
  lose(Set.prototype, [
    'union',
    'intersection',
    'difference',
    'symmetricDifference',
    'isSubsetOf',
    'isSupersetOf',
  ])
  lose(String.prototype, ['isWellFormed', 'toWellFormed'])
  lose(Document.prototype, ['startViewTransition', 'adoptedStyleSheets'])
  lose(ShadowRoot.prototype, ['adoptedStyleSheets'])
  lose(Element.prototype, ['checkVisibility', 'setHTMLUnsafe'])
  lose(globalThis, ['Iterator', 'navigation', 'scheduler'])
  const noSheets = function noSheets() {
    throw new TypeError('Illegal constructor')
  }
  noSheets.prototype = CSSStyleSheet.prototype
  const Pattern = RegExp
  const older = function older(pattern: string | RegExp, flags?: string) {
    if (/\(\?<[=!]/.test(String(pattern)) || flags?.includes('v')) throw new SyntaxError('Invalid group')
    return new Pattern(pattern, flags)
  }
  older.prototype = Pattern.prototype
  Object.assign(globalThis, { RegExp: older, CSSStyleSheet: noSheets })
}

describe('an older browser', () => {
  let system: RunningSystem
  let browser: Browser
  const files = ['older-flowing', 'older-fixed'].map((name) => join(tmpdir(), `${name}-${process.pid}.epub`))

  beforeAll(async () => {
    await writeFile(files[0] ?? '', await madeEpub(flowingBook))
    await writeFile(files[1] ?? '', await madeEpub(fixedBook))
    ;[system, browser] = await Promise.all([startDemo(), launchBrowser()])
    await smart(system, 'import', 'books', ...files, '--age', '0', '--licence', 'open')
  })
  afterAll(async () => {
    await browser?.close()
    await system?.dispose()
    await Promise.all(files.map((file) => rm(file, { force: true })))
  })

  it('reads books whose text flows and books of fixed pages', async () => {
    const { page, context, noise } = await openPage(browser, phone)
    await context.addInitScript(makeOlder)
    await signInReader(page, system.origin, await credentialsOf(system.origin, demoReaders.alyona))
    for (const [title, words] of [
      ['Текущая книга', 'Широкое слово'],
      ['Рисованная книга', 'Лист 1'],
    ] as const) {
      await takeAndOpen(page, system.origin, title)
      expect(await firstText(page)).toContain(words)
      await page.getByRole('button', { name: 'Оглавление' }).click()
      await page.getByRole('dialog', { name: 'Оглавление' }).waitFor()
      await page.keyboard.press('Escape')
    }
    expect(noise).toEqual([])
    await context.close()
  })

  it('lets a librarian work', async () => {
    const { page, context, noise } = await openPage(browser, phone)
    await context.addInitScript(makeOlder)
    await signInStaff(page, system.origin, 'librarian@demo.test')
    await page.getByRole('link', { name: 'Новая анкета' }).first().click()
    await page.getByLabel('ФИО', { exact: true }).fill('Старых Иван Петрович')
    expect(await page.evaluate(() => 'groupBy' in Object)).toBe(false)
    expect(noise).toEqual([])
    await context.close()
  })
})
