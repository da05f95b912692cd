import bwip from 'bwip-js/node'
import type { Page } from './page.ts'
import { mm } from './page.ts'

/** Width of the narrowest bar: 0.33 mm, EAN's nominal size (GS1 General Specifications, 5.2.3). */
const module = mm(0.33)
/** Quiet zones in modules: 11 before and 7 after (GS1 General Specifications, 5.2.3.4). */
const quiet = { before: 11, after: 7 } as const
const barModules = 95

/** What stands empty before the first bar, points. */
export const ean13Quiet = quiet.before * module

/** Width of the whole symbol with its quiet zones, points. */
export const ean13Width = (barModules + quiet.before + quiet.after) * module

/** Widths of bars and spaces in modules, beginning with a bar. @param number 13 digits with a right check digit */
export function ean13Bars(number: string): number[] {
  const [symbol] = bwip.raw('ean13', number, '') as unknown as [{ sbs: number[] }]
  return [...symbol.sbs]
}

/** Draws an EAN-13 with its quiet zones; the digits stand under the bars. @param height of the bars, points */
export function drawEan13(page: Page, number: string, x: number, y: number, height: number): void {
  const start = x + ean13Quiet
  let left = start
  for (const [index, width] of ean13Bars(number).entries()) {
    if (index % 2 === 0) page.rect(left, y, width * module, height)
    left += width * module
  }
  page.fill('black')
  page
    .font('regular')
    .fontSize(9)
    .text(number, start, y + height + 2, {
      width: barModules * module,
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

/** A QR code with medium error correction: about 15 % of the symbol may be damaged. */
export function qrModules(text: string): QrModules {
  const [symbol] = bwip.raw('qrcode', text, 'eclevel=M') as unknown as [{ pixs: number[]; pixx: number }]
  return { dark: symbol.pixs.map((pixel) => pixel !== 0), size: symbol.pixx }
}

/** Draws a QR code. @param size of the whole with its quiet zone, points */
export function drawQr(page: Page, text: string, x: number, y: number, size: number): void {
  const code = qrModules(text)
  const cell = size / (code.size + 2 * qrQuiet)
  for (const [index, dark] of code.dark.entries()) {
    if (!dark) continue
    const column = index % code.size
    const row = Math.floor(index / code.size)
    page.rect(x + (column + qrQuiet) * cell, y + (row + qrQuiet) * cell, cell, cell)
  }
  page.fill('black')
}
