import type { Page } from './page.ts'
import { contentWidth, drawPages, margin, mm, numberPages, penLine, russianDate } from './page.ts'

/** The consent document: what is known is filled in, the rest are lines for the pen. */
export interface ConsentPaper {
  /** Paragraphs between blank lines; `# ` begins the title, `- ` a list item. */
  body: string
  /** Undefined for a draft. */
  version: number | undefined
  fullName: string | undefined
  /** Calendar date. */
  birthDate: string | undefined
  /** Whether a legal representative signs, alone or with the reader; unknown prints the lines for either. */
  guardian: 'yes' | 'no' | 'both' | 'unknown'
  /** The age from which the reader signs alone. */
  aloneFrom: number
  guardianName?: string
  guardianRelation?: string
  printedOn: string
}

export const renderConsent = (paper: ConsentPaper): Promise<Buffer> =>
  drawPages(titleOf(paper.body), paper.printedOn, (page) => {
    drawBody(page, paper.body)
    // A signature alone on a page would be under nothing: it stays with the last block.
    const alone = paper.guardian === 'no'
    keepTogether(page, alone ? blockHeight + signatureHeight : blockHeight)
    drawPerson(page, paper)
    if (paper.guardian === 'both') drawSignature(page)
    if (!alone) {
      keepTogether(page, blockHeight + signatureHeight)
      drawGuardian(page, paper)
    }
    drawSignature(page)
    numberPages(page, paper.version ? `Версия текста ${paper.version}` : 'Черновик, ещё не действует')
  })

const titleOf = (body: string): string => /^# (.+)$/m.exec(body)?.[1]?.trim() ?? 'Согласие'

function drawBody(page: Page, body: string): void {
  for (const block of body.split(/\r?\n\s*\n/)) {
    for (const line of block.trim().split(/\r?\n/)) drawLine(page, line)
    page.moveDown(0.5)
  }
}

function drawLine(page: Page, line: string): void {
  const width = contentWidth(page)
  if (line.startsWith('# ')) {
    page.font('bold').fontSize(15).text(line.slice(2), margin, page.y, { width }).moveDown(0.3)
    return
  }
  page.font('regular').fontSize(10)
  if (!line.startsWith('- ')) {
    page.text(line, margin, page.y, { width })
    return
  }
  // The dash and its words begin at one height, so they go to the next page together.
  keepTogether(page, page.currentLineHeight(true))
  const { y } = page
  page.text('–', margin + mm(4), y, { lineBreak: false })
  page.text(line.slice(2), margin + mm(8), y, { width: width - mm(8) })
}

/** Begins a page when less than so many points are left on this one. */
function keepTogether(page: Page, height: number): void {
  if (page.y + height > page.page.height - margin) page.addPage()
}

/** A heading with four pen lines under it, and the place for the signature. */
const blockHeight = mm(57)
const signatureHeight = mm(22)

function drawHeading(page: Page, text: string): void {
  page
    .moveDown(0.4)
    .font('bold')
    .fontSize(11)
    .text(text, margin, page.y, { width: contentWidth(page) })
}

/** Address and identity document are lines on paper and never anything else. */
function drawPerson(page: Page, { fullName, birthDate, guardian }: ConsentPaper): void {
  // Below 14 the representative gives the consent, about the reader's data.
  drawHeading(page, guardian === 'no' || guardian === 'both' ? 'Кто даёт согласие' : 'Чьи данные')
  penLine(page, 'фамилия, имя, отчество', fullName)
  penLine(page, 'дата рождения', birthDate && russianDate(birthDate))
  penLine(page, 'адрес')
  penLine(page, 'документ: вид, серия, номер, кем и когда выдан')
}

function drawGuardian(page: Page, paper: ConsentPaper): void {
  drawHeading(page, `Законный представитель (если читателю нет ${paper.aloneFrom} лет)`)
  penLine(page, 'фамилия, имя, отчество представителя', paper.guardianName)
  penLine(page, 'кем приходится; документ, подтверждающий полномочия', paper.guardianRelation)
  penLine(page, 'адрес')
  penLine(page, 'документ: вид, серия, номер, кем и когда выдан')
}

function drawSignature(page: Page): void {
  keepTogether(page, signatureHeight)
  const line = page.y + mm(14)
  const half = contentWidth(page) / 2 - mm(5)
  for (const [label, left] of [
    ['подпись и расшифровка', margin],
    ['дата', margin + half + mm(10)],
  ] as const) {
    page
      .moveTo(left, line)
      .lineTo(left + half, line)
      .lineWidth(0.5)
      .stroke()
    page
      .font('regular')
      .fontSize(8)
      .text(label, left, line + 2, { width: half, lineBreak: false })
  }
}
