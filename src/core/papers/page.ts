import { createRequire } from 'node:module'
import { buffer } from 'node:stream/consumers'
import type { Font } from 'fontkit'

export type Page = PDFKit.PDFDocument

const fontFolder = '@expo-google-fonts/golos-text'
const { resolve } = createRequire(import.meta.url)
export const fontFiles = {
  regular: resolve(`${fontFolder}/400Regular/GolosText_400Regular.ttf`),
  medium: resolve(`${fontFolder}/500Medium/GolosText_500Medium.ttf`),
  bold: resolve(`${fontFolder}/700Bold/GolosText_700Bold.ttf`),
} as const

/** PDF's unit is the point, 1/72 inch. */
export const mm = (millimetres: number): number => (millimetres * 72) / 25.4

export const margin = mm(18)

/** A sheet's size in points, where it isn't A4. */
export type Size = readonly [width: number, height: number]

/**
 * Draws a document, on A4 unless a size is given, in black with the house's typeface embedded. The same content gives the same bytes.
 * @param date calendar date that the document carries
 */
export async function drawPages(
  title: string,
  date: string,
  draw: (page: Page) => void,
  { size, edge = margin }: { size?: Size; edge?: number } = {},
): Promise<Buffer> {
  // Loading it takes a tenth of the system's start, which waits for no paper.
  const { default: Pdf } = await import('pdfkit')
  const typefaces = await parsedFonts()
  const doc = new Pdf({
    size: size ? [...size] : 'A4',
    margin: edge,
    lang: 'ru',
    bufferPages: true,
    info: { Title: title, Creator: 'Смарт-библиотека', CreationDate: new Date(`${date}T00:00:00Z`) },
  })
  for (const [name, font] of typefaces) doc.registerFont(name, withoutGlyphs(font))
  doc.font('regular').fontSize(11)
  draw(doc)
  doc.end()
  return buffer(doc)
}

/** Parsed once for all documents: parsing them anew was three quarters of what a slip cost. */
async function parsedFonts(): Promise<[name: string, Font][]> {
  const { openSync } = await import('fontkit')
  fonts ??= Object.entries(fontFiles).map(([name, path]) => [name, layingOutAnything(openSync(path))])
  return fonts
}
let fonts: [name: string, Font][] | undefined

/** A mark that the typeface can't put onto its letter («М̨») is drawn beside it; fontkit would refuse the whole text. */
function layingOutAnything(font: Font): Font {
  const layout = font.layout.bind(font)
  font.layout = (text, features) => {
    try {
      return layout(text, features)
    } catch {
      return layout(text, { ...features, mark: false, mkmk: false })
    }
  }
  return font
}

/**
 * With a glyph fontkit keeps the letters that it was first asked for, or none where it was a part of another: kept
 * for the next document, «p» could be copied out of it as nothing.
 */
const withoutGlyphs = (font: Font): Font => Object.assign(font, { _glyphs: {} })

export const contentWidth = (page: Page): number => page.page.width - 2 * margin

/** A ruled line for the pen with its label under it, or what is known written on it. */
export function penLine(page: Page, label: string, value = ''): void {
  const width = contentWidth(page)
  if (page.y + mm(14) > page.page.height - margin) page.addPage()
  const top = page.y + mm(2)
  page
    .font('medium')
    .fontSize(11)
    .text(value || ' ', margin, top, { width })
  const line = Math.max(page.y, top + mm(5))
  page
    .moveTo(margin, line)
    .lineTo(margin + width, line)
    .lineWidth(0.5)
    .stroke()
  page
    .font('regular')
    .fontSize(8)
    .text(label, margin, line + 2, { width })
  page.y += mm(1)
}

export const russianDate = (date: string): string => date.split('-').toReversed().join('.')

/** A moment in a time zone: 24.11.2026, 12:05. */
export const russianMoment = (moment: Date, timeZone: string): string =>
  new Intl.DateTimeFormat('ru-RU', {
    timeZone,
    day: '2-digit',
    month: '2-digit',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
  }).format(moment)

export function drawTitle(page: Page, text: string): void {
  page
    .font('bold')
    .fontSize(15)
    .text(text, margin, page.y, { width: contentWidth(page) })
    .moveDown(0.4)
}

/** A section's heading, with room under it for at least two lines. */
export function drawHeading(page: Page, text: string): void {
  if (page.y + mm(22) > page.page.height - margin) page.addPage()
  page
    .moveDown(0.6)
    .font('bold')
    .fontSize(11)
    .text(text, margin, page.y, { width: contentWidth(page) })
    .moveDown(0.2)
}

export function drawParagraph(page: Page, text: string, size = 10): void {
  page
    .font('regular')
    .fontSize(size)
    .text(text, margin, page.y, { width: contentWidth(page) })
}

/** «label: value», the label in bold. */
export function drawFact(page: Page, label: string, value: string, size = 10): void {
  page
    .font('medium')
    .fontSize(size)
    .text(`${label}: `, margin, page.y, { width: contentWidth(page), continued: true })
    .font('regular')
    .text(value || '—')
}

/** «note · 1 из 3» at the foot of every page. */
export function numberPages(page: Page, note: string): void {
  const { count } = page.bufferedPageRange()
  for (let index = 0; index < count; index += 1) {
    page.switchToPage(index)
    // Below the margin, where running text would start a new page.
    page.page.margins.bottom = 0
    page
      .font('regular')
      .fontSize(8)
      .text(`${note}  ·  ${index + 1} из ${count}`, margin, page.page.height - mm(12), {
        width: contentWidth(page),
        align: 'right',
        lineBreak: false,
      })
  }
}
