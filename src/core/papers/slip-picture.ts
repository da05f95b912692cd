import sharp from 'sharp'
import { barcodeOf, qrModules } from './codes.ts'
import { fontFiles } from './page.ts'
import type { Block } from './slip-blocks.ts'
import { slipBlocks } from './slip-blocks.ts'
import type { SlipFacts } from './slip.ts'
import { signInAddress } from './slip.ts'

/** Of the picture: as wide as phones show sharply. */
const width = 720
const side = 40
const inner = width - 2 * side
/** Pixels of a point of the receipt. */
const scale = 3
const barHeight = 130
const qrQuiet = 4
const gapHeight = 24

interface Piece {
  input: Buffer
  height: number
  left: number
}

/** The slip as a picture, for a library that sends it by means of its own. PNG, black on white. */
export async function renderSlipPicture(slip: SlipFacts): Promise<Buffer> {
  const placed: { input: Buffer; top: number; left: number }[] = []
  let top = side
  for (const block of slipBlocks(slip)) {
    if (block.kind === 'gap') {
      top += gapHeight
      continue
    }
    const { input, height, left } = await draw(slip, block)
    placed.push({ input, top, left })
    top += height + 14
  }
  const background = '#fff'
  return sharp({ create: { width, height: top + side, channels: 3, background } })
    .composite(placed)
    .png({ compressionLevel: 9, palette: true, colours: 16 })
    .toBuffer()
}

function draw(slip: SlipFacts, block: Exclude<Block, { kind: 'gap' }>): Promise<Piece> {
  if (block.kind === 'text') return drawText(block)
  return block.kind === 'barcode' ? drawBarcode(slip.cardNumber) : drawQr(slip)
}

/** Words with the house's own font, whatever fonts the machine has. */
async function drawText(block: Extract<Block, { kind: 'text' }>): Promise<Piece> {
  const letters = (points: number) =>
    sharp({
      text: {
        text: `<span foreground="black" size="${Math.round(points * scale * 1024)}">${escaped(block.text)}</span>`,
        fontfile: fontFiles[block.face],
        font: { regular: 'Golos Text', medium: 'Golos Text Medium', bold: 'Golos Text Bold' }[block.face],
        // What is typed off stays in one line.
        ...(block.centred ? {} : { width: inner, wrap: 'word-char' as const }),
        dpi: 72,
        rgba: true,
      },
    })
      .png()
      .toBuffer({ resolveWithObject: true })
  let { data, info } = await letters(block.points)
  if (info.width > inner) ({ data, info } = await letters((block.points * inner) / info.width - 0.5))
  const left = block.centred ? Math.round((width - info.width) / 2) : side
  return { input: data, height: info.height, left }
}

async function drawBarcode(number: string): Promise<Piece> {
  const { bars, modules, quiet } = barcodeOf(number)
  const whole = quiet.before + modules + quiet.after
  const module = Math.floor(width / whole)
  let x = quiet.before * module
  const rects = bars.map((bar, index) => {
    const rect = index % 2 === 0 ? `<rect x="${x}" width="${bar * module}" height="${barHeight}"/>` : ''
    x += bar * module
    return rect
  })
  return {
    ...(await picture(whole * module, barHeight, rects.join(''))),
    left: Math.floor((width - whole * module) / 2),
  }
}

async function drawQr(slip: SlipFacts): Promise<Piece> {
  const { dark, size } = qrModules(signInAddress(slip.origin, slip.cardNumber))
  const whole = size + 2 * qrQuiet
  const cell = Math.floor(420 / whole)
  const rects = dark.map((isDark, index) => {
    const [column, row] = [(index % size) + qrQuiet, Math.floor(index / size) + qrQuiet]
    return isDark ? `<rect x="${column * cell}" y="${row * cell}" width="${cell}" height="${cell}"/>` : ''
  })
  return {
    ...(await picture(whole * cell, whole * cell, rects.join(''))),
    left: Math.floor((width - whole * cell) / 2),
  }
}

async function picture(wide: number, height: number, inside: string) {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${wide}" height="${height}" shape-rendering="crispEdges"><rect width="100%" height="100%" fill="#fff"/>${inside}</svg>`
  return { input: await sharp(Buffer.from(svg)).png().toBuffer(), height }
}

const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
