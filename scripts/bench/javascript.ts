import type { Browser } from 'playwright-core'
import { launchBrowser, openPage, phone } from '../../tests/support/browser.ts'
import type { Transfer } from './network.ts'
import { bytesOf, watchNetwork } from './network.ts'
import { firstContentPainted, phoneOf } from './reading.ts'
import type { Region } from './region.ts'
import type { Row } from './rows.ts'
import { kilobytes } from './rows.ts'

const catalogueLimit = 70_000
const readerLimit = 60_000
/** Beyond those that the other rows use. */
const reader = 900
const gzipOnly = { 'accept-encoding': 'gzip' }

export async function javascriptRows(region: Region): Promise<Row[]> {
  const browser = await launchBrowser()
  try {
    const catalogue = await ofCatalogue(browser, region)
    const { direct, afterBook } = await ofReader(browser, region)
    return [
      {
        what: "JavaScript, catalogue's first view",
        measured: kilobytes(bytesOf(catalogue)),
        limit: { text: `≤ ${kilobytes(catalogueLimit)}`, kept: bytesOf(catalogue) <= catalogueLimit },
        how: `${catalogue.length} files as Chromium received them, gzip, cache empty`,
      },
      {
        what: "JavaScript before the reader's first text",
        measured: kilobytes(bytesOf(direct)),
        limit: { text: `≤ ${kilobytes(readerLimit)}`, kept: bytesOf(direct) <= readerLimit },
        how: `${direct.length} files; the reading page opened directly, cache empty`,
      },
      {
        what: "JavaScript still to fetch when the book's page was loaded",
        measured: kilobytes(bytesOf(afterBook)),
        how: `${afterBook.length} files, by the click on «Читать»`,
      },
    ]
  } finally {
    await browser.close()
  }
}

async function ofCatalogue(browser: Browser, region: Region): Promise<Transfer[]> {
  const { page, context } = await openPage(browser, phone)
  const network = await watchNetwork(page)
  await context.setExtraHTTPHeaders(gzipOnly)
  await page.goto(region.origin, { waitUntil: 'networkidle' })
  await context.close()
  return scripts(network.transfers())
}

async function ofReader(
  browser: Browser,
  region: Region,
): Promise<{ direct: Transfer[]; afterBook: Transfer[] }> {
  const app = await region.app()
  const { id } = await app.db
    .selectFrom('publications')
    .select('id')
    .where('title', '=', 'Летопись погоды')
    .executeTakeFirstOrThrow()
  const loan = await app.circulation.borrow(await region.reader(reader), id)
  const opened = async (before?: string) => {
    const { page, context } = await phoneOf(browser, region, reader)
    await context.setExtraHTTPHeaders(gzipOnly)
    if (before) await page.goto(region.origin + before, { waitUntil: 'networkidle' })
    const network = await watchNetwork(page)
    await page.goto(`${region.origin}/read/${loan.id}`, { waitUntil: 'commit' })
    await firstContentPainted(page)
    await context.close()
    return scripts(network.transfers())
  }
  return { direct: await opened(), afterBook: await opened(`/books/${id}`) }
}

function scripts(transfers: readonly Transfer[]): Transfer[] {
  const found = transfers.filter(({ kind }) => kind === 'Script')
  const other = found.find(({ encoding }) => encoding !== 'gzip')
  if (other) throw new Error(`${other.url} did not come as gzip but as ${other.encoding}`)
  return found
}
