import { spacedCardNumber } from '../cards/cards.ts'
import { drawEan13, drawQr } from './codes.ts'
import type { Page } from './page.ts'
import { contentWidth, drawPages, margin, mm, russianDate } from './page.ts'

/** All that stands on the slip that a reader takes home. */
export interface SlipFacts {
  origin: string
  regionName: string
  library: { name: string; address: string; phone: string }
  readerName: string
  cardNumber: string
  /** Undefined once the readable copy is gone. */
  password: string | undefined
  provider: { name: string; address: string; number: string; password: string | undefined } | undefined
  /** Calendar date. */
  printedOn: string
}

/** The address that the QR code opens: the number in the fragment, which no server ever sees in its logs. */
export const signInAddress = (origin: string, cardNumber: string): string =>
  `${origin}/sign-in#card=${cardNumber}`

const gone = 'Пароль уже показан. Новый даст ваша библиотека.'

/** One A4 page, black on white, large enough for a grandmother. The same facts give the same bytes. */
export const renderSlip = (slip: SlipFacts): Promise<Buffer> =>
  drawPages('Памятка читателя', slip.printedOn, (page) => {
    drawHead(page, slip)
    drawAccess(page, slip)
    drawSteps(page, slip)
    if (slip.provider) drawProvider(page, slip.provider)
    drawContacts(page, slip)
  })

function drawHead(page: Page, slip: SlipFacts): void {
  page.font('regular').fontSize(10).text(slip.regionName, margin, margin)
  page.font('bold').fontSize(24).text('Памятка читателя')
  page.moveDown(0.2).font('medium').fontSize(15).text(slip.readerName)
}

/** Number, barcode and password at the left; the QR code at the right. */
function drawAccess(page: Page, slip: SlipFacts): void {
  const top = page.y + mm(5)
  const qrSize = mm(46)
  const qrLeft = page.page.width - margin - mm(6) - qrSize
  const textWidth = qrLeft - margin - mm(12)
  const left = margin + mm(6)

  page
    .font('regular')
    .fontSize(11)
    .text('Номер читательского билета', left, top + mm(5), { width: textWidth })
  page.font('bold').fontSize(20).text(spacedCardNumber(slip.cardNumber), { width: textWidth })
  drawEan13(page, slip.cardNumber, left - mm(3), page.y + mm(3), mm(14))
  page.y += mm(6)
  page.font('regular').fontSize(11).text('Пароль', left, page.y, { width: textWidth })
  if (slip.password)
    page.font('bold').fontSize(24).text(slip.password, { width: textWidth, characterSpacing: 2 })
  else page.font('medium').fontSize(12).text(gone, { width: textWidth })

  const bottomLeft = page.y
  drawQr(page, signInAddress(slip.origin, slip.cardNumber), qrLeft, top + mm(5), qrSize)
  page
    .font('regular')
    .fontSize(10)
    .text('Наведите камеру телефона: откроется вход, номер уже вписан', qrLeft, top + mm(5) + qrSize + 2, {
      width: qrSize,
      align: 'center',
    })
  const bottom = Math.max(bottomLeft, page.y) + mm(5)
  page
    .roundedRect(margin, top, contentWidth(page), bottom - top, 8)
    .lineWidth(1)
    .stroke()
  page.x = margin
  page.y = bottom + mm(6)
}

function drawSteps(page: Page, slip: SlipFacts): void {
  page.font('bold').fontSize(14).text('Как начать читать')
  page.moveDown(0.3)
  const steps = [
    `Наведите камеру на код. Или откройте в браузере телефона адрес\n${slip.origin}`,
    'Нажмите «Войти с читательским билетом», введите номер и пароль.',
    'Выберите книгу и нажмите «Взять», потом «Читать». Это бесплатно.',
    'Чтобы открывать библиотеку одним касанием, выберите в меню браузера «Добавить на главный экран».',
  ]
  for (const [index, step] of steps.entries()) {
    const { y } = page
    page
      .font('bold')
      .fontSize(12)
      .text(`${index + 1}.`, margin, y)
    page.font('regular').text(step, margin + mm(7), y, { width: contentWidth(page) - mm(7) })
    page.y += 3
  }
  page.x = margin
}

function drawProvider(page: Page, provider: NonNullable<SlipFacts['provider']>): void {
  page.y += mm(4)
  page
    .font('bold')
    .fontSize(14)
    .text(provider.name, margin, page.y, { width: contentWidth(page) })
  page.font('regular').fontSize(11)
  if (provider.address) page.text(provider.address)
  page.text(`Номер: ${provider.number}`)
  page.text(`Пароль: ${provider.password ?? 'спросите у библиотекаря'}`)
}

function drawContacts(page: Page, { library, printedOn }: SlipFacts): void {
  page.y += mm(5)
  page.font('bold').fontSize(12).text('Никому не показывайте пароль.', margin, page.y)
  page.y += mm(3)
  page.font('regular').fontSize(11)
  page.text(['Если что-то не получается, обратитесь в библиотеку:', library.name].join(' '))
  for (const line of [library.address, library.phone]) if (line) page.text(line)
  page
    .moveDown(0.5)
    .fontSize(9)
    .text(`Напечатано ${russianDate(printedOn)}`)
}
