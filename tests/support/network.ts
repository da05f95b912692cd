import type { CDPSession, Page } from 'playwright-core'

export interface Transfer {
  url: string
  /** As Chromium calls it: Document, Script, Stylesheet, Font, Image, Fetch … */
  kind: string
  encoding: string
  /** When it was asked for; milliseconds since 1970. */
  startedAt: number
  /** Bytes of the answer's headers. */
  head: number
  /** Bytes of the body as they came over the line, up to now. */
  bytes: number
}

/** All that a page gets over the line from now on, as the browser itself counts it; its cache isn't the line. */
export async function watchNetwork(page: Page): Promise<{ cdp: CDPSession; transfers(): Transfer[] }> {
  const cdp = await page.context().newCDPSession(page)
  const asked = new Map<string, number>()
  const found = new Map<string, Transfer>()
  cdp.on('Network.requestWillBeSent', ({ requestId, wallTime }) => asked.set(requestId, wallTime * 1000))
  cdp.on('Network.responseReceived', ({ requestId, type, response }) => {
    if (response.fromDiskCache || !response.url.startsWith('http')) return
    const encoding = Object.entries(response.headers).find(([name]) => /^content-encoding$/i.test(name))?.[1]
    const { url, encodedDataLength: head } = response
    const startedAt = asked.get(requestId) ?? 0
    found.set(requestId, { url, kind: type, encoding: encoding ?? '', startedAt, bytes: 0, head })
  })
  cdp.on('Network.dataReceived', ({ requestId, encodedDataLength }) => {
    const transfer = found.get(requestId)
    if (transfer) transfer.bytes += encodedDataLength
  })
  // A document's bytes are told only now, together with those of its headers.
  cdp.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    const transfer = found.get(requestId)
    if (transfer) transfer.bytes = Math.max(transfer.bytes, encodedDataLength - transfer.head)
  })
  await cdp.send('Network.enable')
  return {
    cdp,
    transfers: () => [...found.values()].filter(({ bytes }) => bytes > 0).map((each) => ({ ...each })),
  }
}

export const bytesOf = (transfers: readonly Transfer[]): number =>
  transfers.reduce((sum, { bytes }) => sum + bytes, 0)

/** What every browser can read; ours would take Brotli, which is smaller. */
export const gzipOnly = { 'accept-encoding': 'gzip' }

/** The scripts of a page whose context asks for `gzipOnly`. */
export function scriptsOf(transfers: readonly Transfer[]): Transfer[] {
  const scripts = transfers.filter(({ kind }) => kind === 'Script')
  const other = scripts.find(({ encoding }) => encoding !== 'gzip')
  if (other) throw new Error(`${other.url} did not come as gzip but as ${other.encoding}`)
  return scripts
}

/**
 * What a page itself names, in its HTML and its header: a browser asks for all of it at once. Of the reading
 * page it is all that the first text needs: `tests/browser/first-text.test.ts` shows the text without the rest.
 * @returns addresses
 */
export async function namedByPage(page: Page, address: string): Promise<Set<string>> {
  const response = await page.request.get(address)
  const inHeader = (response.headers()['link'] ?? '').matchAll(/<([^>]+)>; rel=preload/g)
  const inHtml = (await response.text()).matchAll(/<link[^>]*\bhref="([^"]+)"/g)
  return new Set([...inHeader, ...inHtml].map(([, href = '']) => new URL(href, address).href))
}
