import { docxBytes, linked, paragraph, picture, run } from '#protocols/docx/package.ts'
import type { LetterBlock } from '#protocols/letter/blocks.ts'
import { letterBlocks } from '#protocols/letter/blocks.ts'
import { drawQr, qrPng } from './codes.ts'
import type { Page } from './page.ts'
import { contentWidth, drawPages, margin, mm } from './page.ts'

/** The letter with which a library is invited, its text written out. */
export interface InvitationLetter {
  title: string
  body: string
  link: string
  /** In words. */
  until: string
  language: 'ru' | 'en'
  /** Calendar date. */
  printedOn: string
}

/** What stands at the link, whatever a region's own text says. */
const words = {
  ru: {
    heading: 'Ваша ссылка для входа',
    how: 'Наведите на код камеру телефона или наберите адрес:',
    until: (day: string) => `Действует до ${day} и только один раз. Не показывайте её другим.`,
    code: 'QR-код ссылки для входа',
  },
  en: {
    heading: 'Your link to sign in',
    how: 'Point a phone’s camera at the code, or type the address:',
    until: (day: string) => `Works until ${day}, and once. Don’t show it to others.`,
    code: 'QR code of the link to sign in',
  },
} as const

const qrSide = 42

/** The letter on A4. The same letter gives the same bytes. */
export const renderInvitationPdf = (letter: InvitationLetter): Promise<Buffer> =>
  drawPages(letter.title, letter.printedOn, (page) => {
    const width = contentWidth(page)
    page.font('bold').fontSize(17).text(letter.title, margin, page.y, { width }).moveDown(0.5)
    for (const block of letterBlocks(letter.body)) drawBlock(page, block)
    drawWayIn(page, letter)
  })

function drawBlock(page: Page, { kind, text, mark }: LetterBlock): void {
  const width = contentWidth(page)
  if (kind === 'heading') {
    // Not at the foot of a page, without the words under it.
    if (page.y + mm(22) > page.page.height - margin) page.addPage()
    page.moveDown(0.3).font('bold').fontSize(12).text(text, margin, page.y, { width }).moveDown(0.2)
    return
  }
  page.font('regular').fontSize(10.5)
  if (!mark) {
    page.text(text, margin, page.y, { width }).moveDown(0.5)
    return
  }
  const indent = mm(7)
  if (page.y + page.currentLineHeight(true) > page.page.height - margin) page.addPage()
  const { y } = page
  page.text(mark, margin, y, { lineBreak: false })
  page.text(text, margin + indent, y, { width: width - indent }).moveDown(0.3)
  page.x = margin
}

/** The code at the left, the address beside it, in one frame and on one page. */
function drawWayIn(page: Page, { link, until, language }: InvitationLetter): void {
  const say = words[language]
  const height = mm(qrSide + 4)
  if (page.y + mm(3) + height > page.page.height - margin) page.addPage()
  const top = page.y + mm(3)
  page.roundedRect(margin, top, contentWidth(page), height, mm(3)).lineWidth(0.8).stroke()
  drawQr(page, link, { x: margin + mm(2), y: top + mm(2), size: mm(qrSide) })
  const left = margin + mm(qrSide + 7)
  const width = contentWidth(page) - mm(qrSide + 12)
  page
    .font('bold')
    .fontSize(12)
    .text(say.heading, left, top + mm(6), { width })
  page.moveDown(0.3).font('regular').fontSize(10).text(say.how, left, page.y, { width })
  page.moveDown(0.2).font('medium').fontSize(10).text(link, left, page.y, { width, link })
  page.moveDown(0.3).font('regular').fontSize(9).text(say.until(until), left, page.y, { width })
}

/** The same for an office program, so that it can be changed before it is printed. */
export async function writeInvitationDocx(letter: InvitationLetter): Promise<Buffer> {
  const say = words[letter.language]
  return docxBytes({
    pictures: { qr: await qrPng(letter.link) },
    links: { way: letter.link },
    body: [
      paragraph(letter.title, { large: true }),
      ...letterBlocks(letter.body).map(blockParagraph),
      paragraph(say.heading, { bold: true, withNext: true }),
      paragraph([picture('qr', qrSide, say.code)], { withNext: true }),
      paragraph(say.how, { withNext: true }),
      paragraph([linked('way', letter.link)], { withNext: true }),
      paragraph(say.until(letter.until)),
    ],
  })
}

function blockParagraph({ kind, text, mark }: LetterBlock) {
  if (kind === 'heading') return paragraph(text, { bold: true, withNext: true })
  return mark ? paragraph([run(`${mark} ${text}`)], { indent: 340 }) : paragraph([run(text)])
}
