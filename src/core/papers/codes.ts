import bwip from 'bwip-js/node'
import type { Page } from './page.ts'
import { mm } from './page.ts'

/** Width of the narrowest bar: 0.33 mm, EAN's nominal size (GS1 General Specifications, 5.2.3). */
const module = mm(0.33)
/** Quiet zones in modules: 11 before and 7 after. */
const quiet = { before: 11, after: 7 } as const

export const ean13Width = (95 + quiet.before + quiet.after) * module

/** Widths of bars and spaces in modules, beginning with a bar. */
function ean13Bars(number: string): number[] {
  const [symbol] = bwip.raw('ean13', number, '') as unknown as [{ sbs: number[] }]
  return [...symbol.sbs]
}

/** Draws an EAN-13 with its quiet zones; the digits stand under it. @param height of the bars, points */
export function drawEan13(page: Page, number: string, x: number, y: number, height: number): void {
  let left = x + quiet.before * module
  for (const [index, width] of ean13Bars(number).entries()) {
    if (index % 2 === 0) page.rect(left, y, width * module, height)
    left += width * module
  }
  page.fill('black')
  page
    .font('regular')
    .fontSize(9)
    .text(number, x, y + height + 2, {
      width: ean13Width,
      align: 'center',
      characterSpacing: 0.6,
      lineBreak: false,
    })
}

/** Modules of a quiet zone around a QR code (ISO/IEC 18004, 9.1). */
const qrQuiet = 4

/** Draws a QR code with medium error correction. @param size of the whole with its quiet zone, points */
export function drawQr(page: Page, text: string, x: number, y: number, size: number): void {
  const [symbol] = bwip.raw('qrcode', text, 'eclevel=M') as unknown as [
    { pixs: number[]; pixx: number; pixy: number },
  ]
  const cell = size / (symbol.pixx + 2 * qrQuiet)
  for (const [index, dark] of symbol.pixs.entries()) {
    if (!dark) continue
    const column = index % symbol.pixx
    const row = Math.floor(index / symbol.pixx)
    page.rect(x + (column + qrQuiet) * cell, y + (row + qrQuiet) * cell, cell, cell)
  }
  page.fill('black')
}
