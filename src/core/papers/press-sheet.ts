import { cardFront, markOnFront } from '#protocols/card/front.ts'
import { spacedCardNumber } from '../cards/cards.ts'
import type { Mark } from '../cards/marks.ts'
import { barcodeOf, barcodeWidth, drawBars, drawQr, moduleWithin } from './codes.ts'
import { frontNames } from './front-names.ts'
import { drawPicture } from './mark.ts'
import type { Page, Size } from './page.ts'
import { drawPages, mm } from './page.ts'
import { signInAddress } from './slip.ts'
import type { Stamp } from './stamp.ts'
import { makeStamp } from './stamp.ts'

const cardWidth = mm(cardFront.width)
const cardHeight = mm(cardFront.height)
const bleed = mm(3)

const columns = 2
const rows = 5
const perSheet = columns * rows
const a4: Size = [mm(210), mm(297)]
const left = (a4[0] - columns * cardWidth) / 2
const top = (a4[1] - rows * cardHeight) / 2
/** Cut marks stand off the cards, so that nothing of them is left on an edge cut askew. */
const cutMark = { gap: mm(2), length: mm(5) }

const inset = mm(cardFront.inset)
/** A cut that went askew takes nothing of the bars and their quiet zones. */
const edge = mm(1)

export interface PressFacts {
  origin: string
  regionName: string
  library: { name: string; phone: string }
  /** The library's mark; the built-in one without. */
  mark?: Mark | undefined
  numbers: readonly string[]
  /** Calendar date. */
  printedOn: string
}

/** `a4`: ten on a sheet with cut marks; `single`: a card a page at its own size, with bleed. */
export const pressLayouts = ['a4', 'single'] as const
export type PressLayout = (typeof pressLayouts)[number]

const title = 'Читательские билеты'

/** Fronts and backs by turns, for printing on both sides. The same facts give the same bytes. */
export const renderPressSheet = (facts: PressFacts, layout: PressLayout): Promise<Buffer> =>
  layout === 'a4'
    ? drawPages(title, facts.printedOn, (page) => drawSheets(page, facts), { edge: 0 })
    : drawPages(title, facts.printedOn, (page) => drawSingles(page, facts), {
        size: [cardWidth + 2 * bleed, cardHeight + 2 * bleed],
        edge: 0,
      })

function drawSheets(page: Page, facts: PressFacts): void {
  const stamps = makeStamps(page, facts, 0)
  for (let from = 0; from < facts.numbers.length; from += perSheet) {
    const numbers = facts.numbers.slice(from, from + perSheet)
    if (from > 0) page.addPage()
    drawCutMarks(page)
    for (const [place, number] of numbers.entries()) drawFront(page, stamps, number, placeOf(place))
    page.addPage()
    drawCutMarks(page)
    for (const [place, number] of numbers.entries())
      drawBack(page, stamps, signInAddress(facts.origin, number), placeOf(place, true))
  }
}

/** Turned over along its long edge, a sheet has its left column on the right. */
function placeOf(place: number, back = false): Place {
  const column = back ? columns - 1 - (place % columns) : place % columns
  return { x: left + column * cardWidth, y: top + Math.floor(place / columns) * cardHeight }
}

function drawSingles(page: Page, facts: PressFacts): void {
  const stamps = makeStamps(page, facts, bleed)
  const place = { x: bleed, y: bleed }
  for (const [index, number] of facts.numbers.entries()) {
    if (index > 0) page.addPage()
    noteTrim(page)
    drawFront(page, stamps, number, place)
    page.addPage()
    noteTrim(page)
    drawBack(page, stamps, signInAddress(facts.origin, number), place)
  }
}

/** What every card of a batch has, front and back. */
interface Stamps {
  front: Stamp
  back: Stamp
}

/** @param over how far a front goes beyond the card's edge, points */
function makeStamps(page: Page, facts: PressFacts, over: number): Stamps {
  const box = [-over, -over, cardWidth + over, cardHeight + over] as const
  return {
    front: makeStamp(page, 'Front', box, () => drawEveryFront(page, facts, over)),
    back: makeStamp(page, 'Back', box, () => drawEveryBack(page, facts)),
  }
}

/** Tells the press where the card is cut (ISO 32000-1, 14.11.2). */
function noteTrim(page: Page): void {
  const { data } = page.page.dictionary as unknown as { data: Record<string, number[]> }
  data['TrimBox'] = [bleed, bleed, bleed + cardWidth, bleed + cardHeight]
  data['BleedBox'] = [0, 0, cardWidth + 2 * bleed, cardHeight + 2 * bleed]
}

function drawCutMarks(page: Page): void {
  const { gap, length } = cutMark
  const [right, bottom] = [left + columns * cardWidth, top + rows * cardHeight]
  for (let column = 0; column <= columns; column += 1) {
    const x = left + column * cardWidth
    page.moveTo(x, top - gap - length).lineTo(x, top - gap)
    page.moveTo(x, bottom + gap).lineTo(x, bottom + gap + length)
  }
  for (let row = 0; row <= rows; row += 1) {
    const y = top + row * cardHeight
    page.moveTo(left - gap - length, y).lineTo(left - gap, y)
    page.moveTo(right + gap, y).lineTo(right + gap + length, y)
  }
  page.lineWidth(0.25).stroke('black')
}

interface Place {
  x: number
  y: number
}

function drawFront(page: Page, stamps: Stamps, number: string, { x, y }: Place): void {
  const { bars: at } = cardFront
  stamps.front({ x, y })
  const barcode = barcodeOf(number)
  const module = moduleWithin(barcode, cardWidth - 2 * edge)
  const bars = x + (cardWidth - barcodeWidth(barcode, module)) / 2 + barcode.quiet.before * module
  drawBars(page, barcode, { x: bars, y: y + mm(at.top), height: mm(at.height), module })
  page
    .font('bold')
    .fontSize(13)
    .text(spacedCardNumber(number), x + inset, y + mm(38.5), across)
}

const across = { width: cardWidth - 2 * inset, align: 'center', lineBreak: false } as const

/** All but the number, at the origin. */
function drawEveryFront(page: Page, facts: PressFacts, over: number): void {
  const { band } = cardFront
  page.rect(-over, -over, cardWidth + 2 * over, mm(band.height) + over).fill(band.colour)
  if (facts.mark) drawMarkOnFront(page, facts.mark)
  else drawBook(page)
  page.fillColor('white')
  const names = { regionName: facts.regionName, libraryName: facts.library.name }
  for (const { text, face, x, y, size } of frontNames(page, names, facts.mark))
    page.font(face).fontSize(mm(size)).text(text, mm(x), mm(y), { lineBreak: false, baseline: 'alphabetic' })
  page.fillColor('black')
  page.font('regular').fontSize(8).text('Читательский билет', inset, mm(45.5), across)
}

function drawMarkOnFront(page: Page, mark: Mark): void {
  const { mark: frame, field } = markOnFront(mark)
  const size = { width: mm(frame.width), height: mm(frame.height) }
  if (field)
    page.roundedRect(mm(field.x), mm(field.y), mm(field.width), mm(field.height), mm(1)).fill('white')
  drawPicture(page, mark, { ...size, x: mm(frame.x), y: mm(frame.y) })
}

/** An open book. */
function drawBook(page: Page): void {
  const { book, bookAt } = cardFront
  page.save().translate(mm(bookAt.x), mm(bookAt.y)).scale(mm(1)).path(book).fill('white').restore()
}

/** With its quiet zone. */
const qrSize = mm(29)
const steps = [
  'Наведите камеру телефона на код.',
  'Введите пароль с памятки и нажмите «Войти с читательским билетом».',
  'Выберите книгу, нажмите «Взять», потом «Читать».',
]

function drawBack(page: Page, stamps: Stamps, address: string, { x, y }: Place): void {
  stamps.back({ x, y })
  drawQr(page, address, { x: x + mm(3), y: y + mm(9), size: qrSize })
}

/** All but the QR code, at the origin. */
function drawEveryBack(page: Page, facts: PressFacts): void {
  const whole = { width: cardWidth - 2 * inset, lineBreak: false, ellipsis: true, height: 12 }
  page.font('bold').fontSize(10).text('Читайте на телефоне бесплатно', inset, mm(4), whole)
  const textLeft = mm(3) + qrSize + mm(1)
  const width = cardWidth - inset - textLeft
  page.y = mm(10.5)
  for (const [index, step] of steps.entries()) {
    const line = page.y + (index > 0 ? mm(0.8) : 0)
    page
      .font('bold')
      .fontSize(8)
      .text(`${index + 1}.`, textLeft, line, { lineBreak: false })
    page.font('regular').text(step, textLeft + mm(4), line, { width: width - mm(4) })
  }
  const foot = { width: cardWidth - 2 * inset, height: 22, ellipsis: true }
  page.font('medium').fontSize(8).text(footOf(facts), inset, mm(40), foot)
  page.font('regular').text(facts.origin.replace(/^https?:\/\//, ''), inset, mm(47.5), whole)
}

const footOf = ({ library: { name, phone } }: PressFacts) =>
  phone ? `Вопросы и утеря карты: ${phone}, ${name}` : `Вопросы и утеря карты: ${name}`
