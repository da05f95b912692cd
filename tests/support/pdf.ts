import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import * as mupdf from 'mupdf'
import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader'

const { resolve } = createRequire(import.meta.url)
const wasm = readFileSync(resolve('zxing-wasm/reader/zxing_reader.wasm'))
prepareZXingModule({
  overrides: { wasmBinary: wasm.buffer.slice(wasm.byteOffset, wasm.byteOffset + wasm.length) },
})

const open = (pdf: Uint8Array) => mupdf.Document.openDocument(pdf, 'application/pdf')

export const pageCount = (pdf: Uint8Array): number => open(pdf).countPages()

/** The document's words as a reader of the paper sees them, spaces folded. */
export function textOf(pdf: Uint8Array): string {
  const doc = open(pdf)
  const pages = Array.from({ length: doc.countPages() }, (_, index) =>
    doc.loadPage(index).toStructuredText('').asText(),
  )
  return pages.join('\n').replace(/\s+/g, ' ')
}

export interface Line {
  text: string
  /** Points from the page's top left corner. */
  box: { x: number; y: number; w: number; h: number }
}

export function linesOf(pdf: Uint8Array, page = 0): Line[] {
  const json = JSON.parse(open(pdf).loadPage(page).toStructuredText('').asJSON()) as {
    blocks: { lines?: { text: string; bbox: Line['box'] }[] }[]
  }
  return json.blocks.flatMap((block) => block.lines ?? []).map(({ text, bbox }) => ({ text, box: bbox }))
}

/** What an independent decoder reads off the page as an office printer would print it, at 300 dpi. */
export async function codesOn(pdf: Uint8Array): Promise<{ format: string; text: string }[]> {
  const scale = 300 / 72
  const pixmap = open(pdf).loadPage(0).toPixmap([scale, 0, 0, scale, 0, 0], mupdf.ColorSpace.DeviceRGB, false)
  const found = await readBarcodes(new Uint8Array(pixmap.asPNG()), { tryHarder: true })
  return found.map(({ format, text }) => ({ format, text }))
}
