import type { Browser } from 'playwright-core'
import { launchBrowser, openPage, phone } from '../../tests/support/browser.ts'
import type { Transfer } from '../../tests/support/network.ts'
import { bytesOf, gzipOnly, namedByPage, scriptsOf, watchNetwork } from '../../tests/support/network.ts'
import { firstContentPainted, phoneOf } from './reading.ts'
import type { Region } from './region.ts'
import type { Row } from './rows.ts'
import { kilobytes } from './rows.ts'

const catalogueLimit = 70_000
const readerLimit = 60_000
/** Beyond those that the other rows use. */
const reader = 900

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
        how: `${direct.length} files that the reading page names, gzip; opened directly, cache empty`,
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
  return scriptsOf(network.transfers())
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
    const address = `${region.origin}/read/${loan.id}`
    const named = await namedByPage(page, address)
    const network = await watchNetwork(page)
    await page.goto(address, { waitUntil: 'commit' })
    await firstContentPainted(page)
    // What the page asks for beside or after the text isn't waited for.
    const needed = scriptsOf(network.transfers()).filter(({ url }) => named.has(url))
    await context.close()
    return needed
  }
  return { direct: await opened(), afterBook: await opened(`/books/${id}`) }
}
