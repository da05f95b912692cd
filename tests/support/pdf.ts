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
export async function codesOn(pdf: Uint8Array, page = 0): Promise<{ format: string; text: string }[]> {
  const scale = 300 / 72
  const pixmap = open(pdf)
    .loadPage(page)
    .toPixmap([scale, 0, 0, scale, 0, 0], mupdf.ColorSpace.DeviceRGB, false)
  const colours = pixmap.getPixels()
  const data = new Uint8ClampedArray((colours.length / 3) * 4).fill(255)
  for (let pixel = 0; pixel * 3 < colours.length; pixel += 1)
    for (let part = 0; part < 3; part += 1) data[pixel * 4 + part] = colours[pixel * 3 + part] ?? 0
  // The decoder takes no more of an ImageData than these, which Node's own lacks.
  return codesIn({ data, width: pixmap.getWidth(), height: pixmap.getHeight() } as ImageData)
}

/** What an independent decoder reads off a picture: a PNG, or its pixels. */
export async function codesIn(picture: Uint8Array | ImageData): Promise<{ format: string; text: string }[]> {
  // Upright and dark on light, as our prints are.
  const found = await readBarcodes(picture, { tryHarder: true, tryRotate: false, tryInvert: false })
  return found.map(({ format, text }) => ({ format, text }))
}

/** What is drawn of a page, apart from its words. Millimetres from the page's top left corner. */
export interface Shape {
  kind: 'filled' | 'line'
  x: number
  y: number
  w: number
  h: number
  dark: boolean
}

/** The outlines of every single rectangle that is filled and line that is drawn. */
export function shapesOn(pdf: Uint8Array, page = 0): Shape[] {
  const shapes: Shape[] = []
  const collect = (kind: Shape['kind'], path: mupdf.Path, ctm: mupdf.Matrix, color: readonly number[]) => {
    let points: [number, number][] = []
    const end = () => {
      if (points.length > 1) {
        const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)]
        const [x, y] = [Math.min(...xs), Math.min(...ys)]
        const dark = color.every((share) => share < 0.5)
        shapes.push({ kind, x, y, w: Math.max(...xs) - x, h: Math.max(...ys) - y, dark })
      }
      points = []
    }
    const add = (x: number, y: number) => {
      const at = (a: number, b: number, c: number) => ((a * x + b * y + c) * 25.4) / 72
      points.push([at(ctm[0], ctm[2], ctm[4]), at(ctm[1], ctm[3], ctm[5])])
    }
    path.walk({
      moveTo: (x: number, y: number) => (end(), add(x, y)),
      lineTo: add,
      curveTo: (_x1: number, _y1: number, _x2: number, _y2: number, x: number, y: number) => add(x, y),
      closePath: () => {},
    })
    end()
  }
  const device = new mupdf.Device({
    fillPath: (path, _evenOdd, ctm, _space, color) => collect('filled', path, ctm, color),
    strokePath: (path, _stroke, ctm, _space, color) => collect('line', path, ctm, color),
  })
  open(pdf).loadPage(page).run(device, mupdf.Matrix.identity)
  device.close()
  return shapes
}

/** A picture on a page. Millimetres from the page's top left corner. */
export interface Picture {
  x: number
  y: number
  w: number
  h: number
  pixels: { width: number; height: number }
}

export function imagesOn(pdf: Uint8Array, page = 0): Picture[] {
  const images: Picture[] = []
  const device = new mupdf.Device({
    // The unit square goes onto the page by its matrix.
    fillImage: (image, [a, , , d, e, f]) => {
      const [x, y, w, h] = [e, Math.min(f, f + d), a, Math.abs(d)].map((points) => (points * 25.4) / 72)
      images.push({
        x: x ?? 0,
        y: y ?? 0,
        w: w ?? 0,
        h: h ?? 0,
        pixels: { width: image.getWidth(), height: image.getHeight() },
      })
    },
  })
  open(pdf).loadPage(page).run(device, mupdf.Matrix.identity)
  device.close()
  return images
}

/** How light a place of a page is as a black-and-white printer has it: 0 black, 255 white. @param x, y millimetres */
export function greyAt(pdf: Uint8Array, x: number, y: number, page = 0): number {
  const scale = 300 / 72
  const pixmap = open(pdf)
    .loadPage(page)
    .toPixmap([scale, 0, 0, scale, 0, 0], mupdf.ColorSpace.DeviceGray, false)
  const at = (millimetres: number) => Math.round((millimetres / 25.4) * 300)
  return pixmap.getPixels()[at(y) * pixmap.getStride() + at(x)] ?? 0
}

/** A page's size in millimetres. */
export function pageSize(pdf: Uint8Array, page = 0): { w: number; h: number } {
  const [x0 = 0, y0 = 0, x1 = 0, y1 = 0] = open(pdf).loadPage(page).getBounds()
  return { w: ((x1 - x0) * 25.4) / 72, h: ((y1 - y0) * 25.4) / 72 }
}
