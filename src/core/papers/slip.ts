import { around, cardFront, within } from '#protocols/card/front.ts'
import { spacedCardNumber } from '../cards/cards.ts'
import { printDpi } from '../cards/mark-picture.ts'
import type { Mark } from '../cards/marks.ts'
import { barcodeOf, drawBarcode, drawQr } from './codes.ts'
import { drawPicture } from './mark.ts'
import type { Page } from './page.ts'
import { contentWidth, drawPages, margin, mm, russianDate } from './page.ts'

/** All that stands on the slip that a reader takes home. */
export interface SlipFacts {
  origin: string
  regionName: string
  library: { name: string; address: string; phone: string }
  /** The library's own mark; stands on A4 only. */
  mark?: Mark | undefined
  readerName: string
  cardNumber: string
  /** Undefined once the readable copy is gone. */
  password: string | undefined
  provider:
    | {
        name: string
        address: string
        /** Where its app is had, a line each. */
        apps: readonly string[]
        instructions: string
        number: string
        password: string | undefined
      }
    | undefined
  /** Books are read here, too; else the provider's number and password are all that there is. */
  ownFund: boolean
  /** Calendar date. */
  printedOn: string
}

/** The address that the QR code opens: the number in the fragment, which no server ever sees in its logs. */
export const signInAddress = (origin: string, cardNumber: string): string =>
  `${origin}/sign-in#card=${cardNumber}`

export const goneText = 'Пароль уже показан; новый даст ваша библиотека'
export const askText = 'спросите у библиотекаря'

/** Type sizes to try, from the largest: long names shrink the words around them rather than spill over. */
const scales = [1.05, 1, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7] as const

/** One A4 page, black on white, large enough for a grandmother. The same facts give the same bytes. */
export const renderSlip = (slip: SlipFacts): Promise<Buffer> => renderSlips([slip])

/** Several slips in one document, each on a page of its own. */
export async function renderSlips(slips: readonly SlipFacts[]): Promise<Buffer> {
  const [first] = slips
  if (!first) throw new RangeError('no slip')
  const fitting: number[] = []
  for (const slip of slips) fitting.push(await fittingScale(slip))
  return drawPages('Памятка читателя', first.printedOn, (page) => {
    for (const [index, slip] of slips.entries()) {
      if (index > 0) page.addPage()
      drawSlip({ page, slip, scale: fitting[index] ?? 1 })
      if (slip.mark) drawMark(page, slip.mark)
    }
  })
}

/** The largest type sizes with which a slip stays on its page. */
async function fittingScale(slip: SlipFacts): Promise<number> {
  for (const scale of scales) {
    let pages = 0
    await drawPages('', slip.printedOn, (page) => {
      drawSlip({ page, slip, scale })
      pages = page.bufferedPageRange().count
    })
    if (pages === 1) return scale
  }
  return scales.at(-1) ?? 1
}

interface Sheet {
  page: Page
  slip: SlipFacts
  /** Factor of type sizes and of the space between blocks; the codes keep their size. */
  scale: number
}

type Face = 'regular' | 'medium' | 'bold'

const face = ({ page, scale }: Sheet, name: Face, points: number): Page =>
  page.font(name).fontSize(points * scale)

function drawSlip(sheet: Sheet): void {
  const { provider, ownFund } = sheet.slip
  drawHead(sheet)
  if (provider && !ownFund) {
    drawOnlyAccess(sheet, provider)
    drawSteps(sheet, providerSteps(provider))
  } else {
    drawAccess(sheet)
    drawSteps(sheet, ownSteps(sheet.slip))
    if (provider) drawProvider(sheet, provider)
  }
  drawContacts(sheet)
}

function drawHead(sheet: Sheet): void {
  const { page, slip, scale } = sheet
  const width = contentWidth(page) - (slip.mark ? markRoom.width + mm(5) : 0)
  const place = [slip.regionName, slip.library.name].filter(Boolean).join(' · ')
  face(sheet, 'regular', 11).text(place, margin, margin, { width })
  face(sheet, 'bold', 30).text('Памятка читателя', margin, page.y + mm(1) * scale, { width })
  face(sheet, 'medium', 19).text(slip.readerName, margin, page.y + mm(2) * scale, { width })
}

/** At the right of the head, opposite the name. */
const markRoom = { width: mm(45), height: mm(18) }

/** No larger than its pixels print sharply. A light one stands on a dark field, as on the cards. */
function drawMark(page: Page, mark: Mark): void {
  const sharp = 72 / printDpi
  const size = within(mark, {
    width: Math.min(markRoom.width, mark.width * sharp),
    height: Math.min(markRoom.height, mark.height * sharp),
  })
  const frame = { ...size, x: margin + contentWidth(page) - size.width, y: margin }
  if (mark.ground === 'dark') {
    const field = around(frame, mm(2))
    page.roundedRect(field.x, field.y, field.width, field.height, mm(1)).fill(cardFront.band.colour)
    page.fillColor('black')
  }
  drawPicture(page, mark, frame)
}

const padding = mm(6)
const qrSize = mm(56)

/** Number, barcode and password at the left; the QR code at the right. */
function drawAccess(sheet: Sheet): void {
  const { page, slip, scale } = sheet
  const top = page.y + mm(5) * scale
  const left = margin + padding
  const qrLeft = margin + contentWidth(page) - padding - qrSize
  const width = qrLeft - left - mm(4)

  face(sheet, 'regular', 13).text('Номер читательского билета', left, top + padding, { width })
  drawNumber(sheet, spacedCardNumber(slip.cardNumber), left, width)
  drawBarcode(page, barcodeOf(slip.cardNumber), { x: left, y: page.y + mm(3), height: mm(16) })
  face(sheet, 'regular', 13).text('Пароль', left, page.y + mm(6), { width })
  if (slip.password === undefined) face(sheet, 'medium', 15).text(goneText, left, page.y, { width })
  else drawPassword(sheet, slip.password, left, width)
  face(sheet, 'regular', 12).text('Никому не показывайте пароль', left, page.y + mm(1) * scale, { width })
  const textBottom = page.y

  drawQr(page, signInAddress(slip.origin, slip.cardNumber), { x: qrLeft, y: top + mm(3), size: qrSize })
  face(sheet, 'regular', 12).text(
    'Наведите камеру телефона: откроется вход, номер уже вписан',
    qrLeft,
    top + mm(3) + qrSize,
    { width: qrSize, align: 'center' },
  )
  const bottom = Math.max(textBottom, page.y) + padding
  page
    .roundedRect(margin, top, contentWidth(page), bottom - top, mm(3))
    .lineWidth(1)
    .stroke()
  page.y = bottom
}

/** In one line, as the password is. */
function drawNumber({ page, scale }: Sheet, number: string, left: number, width: number): void {
  const ems = page.font('bold').fontSize(1).widthOfString(number)
  page.fontSize(Math.min(27 * scale, width / ems)).text(number, left, page.y, { lineBreak: false })
  page.y += page.currentLineHeight(true)
}

/** In spaced letters and always in one line: a break in a password would be typed as a sign of it. */
function drawPassword({ page, scale }: Sheet, password: string, left: number, width: number): void {
  const spacing = 1 / 8
  const ems = page.font('bold').fontSize(1).widthOfString(password) + password.length * spacing
  const points = Math.min(32 * scale, width / ems)
  page.fontSize(points).text(password, left, page.y, { characterSpacing: points * spacing, lineBreak: false })
  page.y += page.currentLineHeight(true)
}

/** The provider's number and password, the only ones that the reader needs. */
function drawOnlyAccess(sheet: Sheet, provider: NonNullable<SlipFacts['provider']>): void {
  const { page, scale } = sheet
  const top = page.y + mm(5) * scale
  const left = margin + padding
  const width = contentWidth(page) - 2 * padding
  face(sheet, 'medium', 15).text(provider.name, left, top + padding, { width })
  face(sheet, 'regular', 13).text('Номер читательского билета', left, page.y + mm(3) * scale, { width })
  drawPassword(sheet, provider.number, left, width)
  face(sheet, 'regular', 13).text('Пароль', left, page.y + mm(3) * scale, { width })
  if (provider.password === undefined) face(sheet, 'medium', 15).text(askText, left, page.y, { width })
  else drawPassword(sheet, provider.password, left, width)
  face(sheet, 'regular', 12).text('Никому не показывайте пароль', left, page.y + mm(1) * scale, { width })
  const bottom = page.y + padding
  page
    .roundedRect(margin, top, contentWidth(page), bottom - top, mm(3))
    .lineWidth(1)
    .stroke()
  page.y = bottom
}

type Step = { text: string; strong?: string }

const ownSteps = (slip: SlipFacts): readonly Step[] => [
  { text: 'Наведите камеру на код или откройте в браузере телефона адрес', strong: slip.origin },
  { text: 'Нажмите «Войти с читательским билетом», введите номер и пароль.' },
  { text: 'Выберите книгу и нажмите «Взять», потом «Читать». Это бесплатно.' },
  {
    text: 'Чтобы библиотека всегда была под рукой, выберите в меню браузера «Добавить на главный экран». На айфоне: «Поделиться», потом «На\u00a0экран\u00a0„Домой“».',
  },
]

/** As the letter of 2019 to the libraries has them. */
export const providerSteps = (provider: NonNullable<SlipFacts['provider']>): readonly Step[] => [
  {
    text: 'Скачайте на телефон или планшет приложение',
    strong: [...provider.apps, provider.address].filter(Boolean).join('\n') || provider.name,
  },
  { text: 'При входе выберите «Войти с читательским билетом», введите номер и пароль.' },
  { text: 'Читайте бесплатно книги, которые оплатила библиотека. Желаемую книгу можно попросить заявкой.' },
  ...(provider.instructions ? [{ text: provider.instructions }] : []),
]

function drawSteps(sheet: Sheet, steps: readonly Step[]): void {
  const { page, scale } = sheet
  drawTitle(sheet, 'Как начать читать')
  const left = margin + mm(8)
  const width = contentWidth(page) - mm(8)
  for (const [index, { text, strong }] of steps.entries()) {
    page.y += mm(1.5) * scale
    // Below the page's end the number and the words would open a page each.
    if (page.y + page.currentLineHeight(true) > page.page.height - margin) page.addPage()
    const { y } = page
    face(sheet, 'bold', 13).text(`${index + 1}.`, margin, y)
    face(sheet, 'regular', 13).text(text, left, y, { width })
    if (strong) face(sheet, 'bold', 13).text(strong, left, page.y, { width })
  }
}

function drawProvider(sheet: Sheet, provider: NonNullable<SlipFacts['provider']>): void {
  const { page } = sheet
  const width = contentWidth(page)
  drawTitle(sheet, provider.name)
  face(sheet, 'regular', 13)
  if (provider.address) page.text(provider.address, margin, page.y, { width })
  for (const app of provider.apps) page.text(app, margin, page.y, { width })
  page.text(`Номер: ${provider.number}`, margin, page.y, { width })
  page.text(`Пароль: ${provider.password ?? askText}`, margin, page.y, { width })
  page.text('Там тоже выберите «Войти с читательским билетом».', margin, page.y, { width })
}

function drawContacts(sheet: Sheet): void {
  const { page, slip, scale } = sheet
  const width = contentWidth(page)
  drawTitle(sheet, 'Если что-то не получается')
  face(sheet, 'regular', 13).text('Обратитесь в библиотеку:', margin, page.y, { width })
  const { name, address, phone } = slip.library
  for (const line of [name, address]) if (line) page.text(line, margin, page.y, { width })
  if (phone) face(sheet, 'medium', 13).text(phone, margin, page.y, { width })
  face(sheet, 'regular', 9).text(
    `Напечатано ${russianDate(slip.printedOn)}`,
    margin,
    page.y + mm(2.5) * scale,
    { width },
  )
}

function drawTitle(sheet: Sheet, text: string): void {
  const { page, scale } = sheet
  face(sheet, 'bold', 16).text(text, margin, page.y + mm(5) * scale, { width: contentWidth(page) })
}
