import type { CDPSession, Page } from 'playwright-core'

export interface Transfer {
  url: string
  /** As Chromium calls it: Document, Script, Stylesheet, Font, Image, Fetch … */
  kind: string
  encoding: string
  /** Bytes of the body as they came over the line, up to now. */
  bytes: number
}

/** All that a page gets over the line from now on, as the browser itself counts it; its cache isn't the line. */
export async function watchNetwork(page: Page): Promise<{ cdp: CDPSession; transfers(): Transfer[] }> {
  const cdp = await page.context().newCDPSession(page)
  const found = new Map<string, Transfer & { head: number }>()
  cdp.on('Network.responseReceived', ({ requestId, type, response }) => {
    if (response.fromDiskCache || !response.url.startsWith('http')) return
    const encoding = Object.entries(response.headers).find(([name]) => /^content-encoding$/i.test(name))?.[1]
    const { url, encodedDataLength: head } = response
    found.set(requestId, { url, kind: type, encoding: encoding ?? '', bytes: 0, head })
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
