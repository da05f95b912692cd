import bwip from 'bwip-js/node'
import { correction, generate } from 'lean-qr'
import sharp from 'sharp'
import { symbologyOf } from '../cards/cards.ts'
import type { Page } from './page.ts'
import { mm } from './page.ts'

/** Width of the narrowest bar: 0.33 mm, EAN's nominal size (GS1 General Specifications, 5.2.3). */
export const nominalModule = mm(0.33)

/** Modules that stay empty before and after the bars. */
const quietZones = {
  // GS1 General Specifications, 5.2.3.4.
  ean13: { before: 11, after: 7 },
  // ISO/IEC 15417, 4.1.
  code128: { before: 10, after: 10 },
} as const

/** A linear code of a card number. */
export interface Barcode {
  number: string
  /** Widths of bars and spaces in modules, beginning and ending with a bar. */
  bars: readonly number[]
  /** Modules of all bars and spaces together. */
  modules: number
  quiet: { before: number; after: number }
}

/** EAN-13 where the number is one, else Code 128; what it says is the number. */
export function barcodeOf(number: string): Barcode {
  const symbology = symbologyOf(number)
  const [symbol] = bwip.raw(symbology, number, '') as unknown as [{ sbs: number[] }]
  // Code 128 comes with what follows its last bar.
  const bars = symbol.sbs.length % 2 === 0 ? symbol.sbs.slice(0, -1) : [...symbol.sbs]
  return {
    number,
    bars,
    modules: bars.reduce((total, width) => total + width, 0),
    quiet: quietZones[symbology],
  }
}

/** Width of the narrowest bar with which the whole fits: the nominal one, or a narrower one. @param room points */
export const moduleWithin = ({ modules, quiet }: Barcode, room: number): number =>
  Math.min(nominalModule, room / (quiet.before + modules + quiet.after))

/** Width with its quiet zones, points. @param module width of the narrowest bar, points */
export const barcodeWidth = ({ modules, quiet }: Barcode, module = nominalModule): number =>
  (quiet.before + modules + quiet.after) * module

/** A barcode for a page that draws it itself. */
export interface DrawnBars {
  /** The bars' places in modules, from the left edge of the quiet zone. */
  bars: { x: number; width: number }[]
  /** Modules of the whole with its quiet zones. */
  width: number
}

export function barPlaces(number: string): DrawnBars {
  const { bars, modules, quiet } = barcodeOf(number)
  let x = quiet.before
  const places = bars.map((width) => {
    const place = { x, width }
    x += width
    return place
  })
  return {
    bars: places.filter((_, index) => index % 2 === 0),
    width: quiet.before + modules + quiet.after,
  }
}

/** Draws the bars. @param x of the first bar, points @param height of the bars, points */
export function drawBars(
  page: Page,
  { bars }: Barcode,
  { x, y, height, module = nominalModule }: { x: number; y: number; height: number; module?: number },
): void {
  let left = x
  for (const [index, width] of bars.entries()) {
    if (index % 2 === 0) page.rect(left, y, width * module, height)
    left += width * module
  }
  page.fill('black')
}

/** Draws the bars with the digits under them. */
export function drawBarcode(
  page: Page,
  barcode: Barcode,
  at: { x: number; y: number; height: number; module?: number },
): void {
  drawBars(page, barcode, at)
  page
    .font('regular')
    .fontSize(9)
    .text(barcode.number, at.x, at.y + at.height + 2, {
      width: barcode.modules * (at.module ?? nominalModule),
      align: 'center',
      characterSpacing: 0.6,
      lineBreak: false,
    })
}

/** Modules of a quiet zone around a QR code (ISO/IEC 18004, 9.1). */
const qrQuiet = 4

/** Dark and light modules of a QR code row by row, without its quiet zone. */
export interface QrModules {
  dark: readonly boolean[]
  /** Modules in a row; as many rows. */
  size: number
}

const mediumCorrection = { minCorrectionLevel: correction.M, maxCorrectionLevel: correction.M }

/** A QR code with medium error correction: about 15 % of the symbol may be damaged. */
export function qrModules(text: string): QrModules {
  const code = generate(text, mediumCorrection)
  const { size } = code
  const dark = Array.from({ length: size * size }, (_, at) => code.get(at % size, Math.floor(at / size)))
  return { dark, size }
}

/** A QR code for a page: the outline of its dark modules, and the side of the whole with its quiet zone. */
export function qrPath(text: string): { path: string; side: number } {
  const { dark, size } = qrModules(text)
  const path = dark
    .map((isDark, index) => {
      const [x, y] = [(index % size) + qrQuiet, Math.floor(index / size) + qrQuiet]
      return isDark ? `M${x} ${y}h1v1h-1z` : ''
    })
    .join('')
  return { path, side: size + 2 * qrQuiet }
}

/** Draws a QR code. @param size of the whole with its quiet zone, points */
export function drawQr(
  page: Page,
  text: string,
  { x, y, size }: { x: number; y: number; size: number },
): void {
  const code = qrModules(text)
  const cell = size / (code.size + 2 * qrQuiet)
  for (let row = 0; row < code.size; row += 1) {
    for (let column = 0; column < code.size; column += 1) {
      const begin = column
      while (column < code.size && code.dark[row * code.size + column]) column += 1
      // What lies side by side is one rectangle: no hairlines between, and half the drawing.
      if (column > begin)
        page.rect(x + (begin + qrQuiet) * cell, y + (row + qrQuiet) * cell, (column - begin) * cell, cell)
    }
  }
  page.fill('black')
}

const pixelsOfModule = 8

/** A QR code as a picture, with its quiet zone, for documents that other programs print. PNG. */
export function qrPng(text: string): Promise<Buffer> {
  const { dark, size } = qrModules(text)
  const pixels = Uint8Array.from(dark, (isDark) => (isDark ? 0 : 255))
  const side = size * pixelsOfModule
  const quiet = qrQuiet * pixelsOfModule
  return sharp(pixels, { raw: { width: size, height: size, channels: 1 } })
    .resize(side, side, { kernel: 'nearest' })
    .extend({ top: quiet, bottom: quiet, left: quiet, right: quiet, background: '#fff' })
    .png()
    .toBuffer()
}
