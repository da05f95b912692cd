import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { consoleActor } from '../../src/core/staff/actors.ts'
import { launchBrowser } from '../../tests/support/browser.ts'
import { madeBook, madeFb2 } from './books.ts'
import type { Transfer } from '../../tests/support/network.ts'
import { bytesOf, watchNetwork } from '../../tests/support/network.ts'
import { firstContentPainted, phoneOf } from './reading.ts'
import type { Region } from './region.ts'
import type { Row } from './rows.ts'
import { kilobytes, megabytes, seconds } from './rows.ts'

/** 400 kbit/s either way, 400 ms of round trip. */
const line = { offline: false, latency: 400, downloadThroughput: 50_000, uploadThroughput: 50_000 }
const limit = 4000
const rounds = 3
/** The text of the tenth place in the reading order, its second paragraph. */
const tenthText = 'epubcfi(/6/20!/4/4)'

export async function slowLineRows(region: Region): Promise<Row[]> {
  const epub = await madeBook({ seed: 77, chapters: 84, letters: 24_000 }, true)
  const fb2 = await madeFb2({ seed: 78, chapters: 113, letters: 25_000 })
  const epubId = await importedAs(region, 'book.epub', epub)
  const fb2Id = await importedAs(region, 'book.fb2', fb2)
  const browser = await launchBrowser()
  try {
    const ofEpub = `EPUB of ${megabytes(epub.length)}`
    const ofFb2 = `FB2 of ${megabytes(fb2.length)}`
    return [
      row(`first text on a slow line, ${ofEpub}`, await openings(browser, region, epubId)),
      row(`first text on a slow line, ${ofFb2}, read on`, await openings(browser, region, fb2Id, tenthText)),
      row(`first picture on a slow line, ${ofFb2}, its cover`, await openings(browser, region, fb2Id)),
    ]
  } finally {
    await browser.close()
  }
}

interface Opening {
  /** Milliseconds. */
  took: number
  transfers: Transfer[]
}

/** The opening that took the middle of all their times. */
function row(what: string, all: readonly Opening[]): Row {
  const { took, transfers } = all.toSorted((a, b) => a.took - b.took)[Math.floor(all.length / 2)] ?? {
    took: Number.NaN,
    transfers: [],
  }
  return {
    what,
    measured: `${seconds(took)}; ${kilobytes(bytesOf(transfers))} in ${transfers.length} requests`,
    limit: { text: `≤ ${seconds(limit)}`, kept: took <= limit },
    how: `Chromium at 400 kbit/s and 400 ms, from the click on «Читать» to the first contentful paint in the book's frame; median of ${rounds}`,
  }
}

/** Each by another reader, with a cache of his own. */
async function openings(browser: Browser, region: Region, id: string, locator?: string): Promise<Opening[]> {
  const app = await region.app()
  const all: Opening[] = []
  for (let n = 0; n < rounds; n += 1) {
    const person = nextReader++
    const reader = await region.reader(person)
    const loan = await app.circulation.borrow(reader, id)
    if (locator) await app.reading.savePosition(reader, loan.id, { locator, fraction: 0.1, revision: 0 })
    all.push(await opening(browser, region, id, person))
  }
  return all
}

let nextReader = 0

async function importedAs(region: Region, name: string, bytes: Buffer): Promise<string> {
  const { fund } = await region.app()
  const folder = await mkdtemp(join(tmpdir(), 'smart-bench-'))
  try {
    const path = join(folder, name)
    await writeFile(path, bytes)
    const outcome = await fund.importFile(consoleActor(), path, name, {
      ageMark: 0,
      licence: { kind: 'open' },
    })
    if (outcome.kind === 'fault') throw new Error(`the made book was refused: ${outcome.code}`)
    return outcome.id
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** The book's page has been loaded, on a quick line and with all that it fetches ahead; nothing else has. */
async function opening(browser: Browser, region: Region, id: string, n: number): Promise<Opening> {
  const { page, context } = await phoneOf(browser, region, n)
  try {
    await page.goto(`${region.origin}/books/${id}`, { waitUntil: 'networkidle' })
    const { cdp, transfers } = await watchNetwork(page)
    await cdp.send('Network.emulateNetworkConditions', line)
    await page.evaluate(() => {
      addEventListener('click', ({ timeStamp }) => {
        sessionStorage.setItem('clicked', String(performance.timeOrigin + timeStamp))
      })
    })
    await page.getByRole('link', { name: 'Читать' }).click({ noWaitAfter: true })
    const painted = await firstContentPainted(page)
    const fetched = transfers()
    const clicked = Number(await page.evaluate(() => sessionStorage.getItem('clicked')))
    return { took: painted - clicked, transfers: fetched }
  } finally {
    await context.close()
  }
}
