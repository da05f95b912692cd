import { barcodeOf, barcodeWidth, drawBars, drawQr, moduleWithin } from './codes.ts'
import type { Page } from './page.ts'
import { drawPages, mm } from './page.ts'
import type { Block } from './slip-blocks.ts'
import { slipBlocks } from './slip-blocks.ts'
import type { SlipFacts } from './slip.ts'
import { signInAddress } from './slip.ts'

/** Of the paper roll; its printers leave 4 mm at each side empty. */
const rollWidth = mm(80)
const side = mm(4)
const width = rollWidth - 2 * side
const barHeight = mm(14)
const qrSize = mm(42)
const gapHeight = mm(2.5)
/** What is torn off is torn above the first line and under the last. */
const end = mm(6)
/** Longer than any slip. */
const roll = mm(2000)

/**
 * Slips for an 80 mm receipt printer, one after the other: each page is as long as it needs to be. The same facts
 * give the same bytes.
 */
export async function renderReceipts(slips: readonly SlipFacts[]): Promise<Buffer> {
  const [first] = slips
  if (!first) throw new RangeError('no slip')
  const lengths: number[] = []
  // Once on a roll without end, to see how long each one is.
  await drawPages(
    'Памятка читателя',
    first.printedOn,
    (page) => {
      for (const slip of slips) lengths.push(drawReceipt(page, slip))
    },
    { size: [rollWidth, roll], edge: 0 },
  )
  const size = (index: number): [number, number] => [rollWidth, lengths[index] ?? roll]
  return drawPages(
    'Памятка читателя',
    first.printedOn,
    (page) => {
      for (const [index, slip] of slips.entries()) {
        if (index > 0) page.addPage({ size: size(index), margin: 0 })
        drawReceipt(page, slip)
      }
    },
    { size: size(0), edge: 0 },
  )
}

/** @returns the length that it takes, points */
function drawReceipt(page: Page, slip: SlipFacts): number {
  let y = end
  for (const block of slipBlocks(slip)) y = drawBlock(page, slip, block, y)
  return y + end
}

/** @returns where the next block begins */
function drawBlock(page: Page, slip: SlipFacts, block: Block, y: number): number {
  if (block.kind === 'gap') return y + gapHeight
  if (block.kind === 'barcode') {
    const barcode = barcodeOf(slip.cardNumber)
    const module = moduleWithin(barcode, width)
    const left = (rollWidth - barcodeWidth(barcode, module)) / 2 + barcode.quiet.before * module
    drawBars(page, barcode, { x: left, y: y + mm(1), height: barHeight, module })
    return y + barHeight + mm(2)
  }
  if (block.kind === 'qr') {
    const address = signInAddress(slip.origin, slip.cardNumber)
    drawQr(page, address, { x: (rollWidth - qrSize) / 2, y, size: qrSize })
    return y + qrSize
  }
  page.font(block.face).fontSize(block.points)
  // What is typed off must stand in one line: a break would be typed as a sign of it.
  const words = page.widthOfString(block.text)
  const points = block.centred && words > width ? (block.points * width) / words : block.points
  page.fontSize(points)
  const options = { width, align: block.centred ? ('center' as const) : ('left' as const), height: roll }
  const height = page.heightOfString(block.text, options)
  page.text(block.text, side, y, options)
  return y + height + mm(0.6)
}
