import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Frame, Page } from 'playwright-core'
import type { RunningSystem } from './system.ts'
import { eventually, outboxOf } from './system.ts'

export const demoPassword = 'demo-smart-library'

/** Signs a staff member in and opens the desk. */
export async function signInStaff(page: Page, origin: string, email: string): Promise<void> {
  await sendSignIn(page, `${origin}/staff/sign-in`, { email, password: demoPassword })
  await page.goto(`${origin}/staff`)
}

/** What the page of a sign-in sends, without the page: it is opened and filled in by tests of its own. */
async function sendSignIn(page: Page, address: string, form: Record<string, string>): Promise<void> {
  const headers = { accept: 'text/html', origin: new URL(address).origin }
  const answer = await page.request.post(address, { form, headers, maxRedirects: 0 })
  if (answer.status() !== 303) throw new Error(`${address} let nobody in, it answered ${answer.status()}`)
}

export interface Credentials {
  number: string
  password: string
}

/** What the outbox says to the phone or mailbox of a reader. */
export const credentialsOf = (origin: string, to: string): Promise<Credentials> =>
  eventually(async () => {
    const message = (await outboxOf(origin)).find(
      (each) => each.to === to && /Пароль:? \S{8}$/m.test(each.text),
    )
    const number = /(?:Билет|билета:) ([\dA-Z ]+)/.exec(message?.text ?? '')?.[1]?.replaceAll(' ', '')
    const password = /Пароль:? (\S{8})$/m.exec(message?.text ?? '')?.[1]
    return number && password ? { number, password } : undefined
  })

/** The code for a new password that came to a reader's phone or mailbox, the latest one. */
export const codeSentTo = (origin: string, to: string, but?: string): Promise<string> =>
  eventually(async () => {
    const message = (await outboxOf(origin)).find((each) => each.to === to && /\b\d{6}\b/.test(each.text))
    const code = /\b\d{6}\b/.exec(message?.text ?? '')?.[0]
    return code === but ? undefined : code
  })

/** Grown-up readers of the demonstration region. */
export const demoReaders = { alyona: 'gromova@demo.test', pyotr: 'shubin@demo.test' } as const

/** Signs a reader in and opens the shelf. */
export async function signInReader(page: Page, origin: string, who: Credentials): Promise<void> {
  await sendSignIn(page, `${origin}/sign-in`, { cardNumber: who.number, password: who.password })
  await page.goto(`${origin}/shelf`)
}

/** Takes a book that the catalogue's search finds by its title, and opens it. */
export async function takeAndOpen(page: Page, origin: string, title: string): Promise<void> {
  await page.goto(`${origin}/search?q=${encodeURIComponent(title)}`)
  await page.getByRole('link', { name: title }).first().click()
  await page.getByRole('button', { name: 'Взять' }).click()
  await page.getByRole('link', { name: 'Читать' }).click()
  await page.waitForURL(/\/read\//)
}

/** The frame of the chapter that is shown. */
export const chapterFrame = (page: Page): Frame | undefined =>
  page.frames().find((frame) => frame.url().startsWith('blob:'))

/** The text of the chapter that is shown, once the reader is ready to turn pages. */
export const firstText = (page: Page): Promise<string> =>
  eventually(async () => {
    const text = await chapterFrame(page)
      ?.evaluate(() => document.body.textContent)
      .catch(() => undefined)
    return text?.trim() && (await page.locator('header button').last().isEnabled()) ? text : undefined
  })

/** Something that changes with each page: the chapter's frame moves under the window. */
export async function placeOnScreen(page: Page): Promise<string> {
  const frame = chapterFrame(page)
  const element = await frame?.frameElement().catch(() => undefined)
  const box = await element?.boundingBox().catch(() => null)
  return `${Math.round(box?.x ?? 0)} ${frame?.url()}`
}

const root = fileURLToPath(new URL('../..', import.meta.url))

/** As `npm start` keeps what it compiled. */
const compileCache = join(root, 'node_modules', '.cache', 'compiled')

/** What a command at the console has come to. */
export interface CommandEnd {
  /** Null when a signal ended it. */
  code: number | null
  /** All it has printed, both streams. */
  output: string
}

/** Runs a command of the console, also one that is refused or killed. */
export async function runCommand(words: string[], env: NodeJS.ProcessEnv): Promise<CommandEnd> {
  const child = spawn(process.execPath, [join(root, 'src', 'cli.ts'), ...words], {
    cwd: root,
    env: { PATH: process.env['PATH'], NODE_COMPILE_CACHE: compileCache, ...env },
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text))
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, output }
}

/** Runs the console command on the system's data folder, as its administrator would. @throws when it is refused */
export async function smart(system: RunningSystem, ...words: string[]): Promise<string> {
  const { code, output } = await runCommand(words, { SMART_DATA_DIR: system.dataDir })
  if (code !== 0) throw new Error(`${words.join(' ')} ended with ${code}:\n${output}`)
  return output
}

/** Goes on with Tab until what has the focus is what is looked for. */
export async function tabTo(page: Page, selector: string): Promise<void> {
  for (let presses = 0; presses < 40; presses += 1) {
    await page.keyboard.press('Tab')
    if (await page.evaluate((wanted) => document.activeElement?.matches(wanted) ?? false, selector)) return
  }
  throw new Error(`Tab doesn't lead to ${selector}`)
}
