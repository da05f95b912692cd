import type { Page } from './page.ts'
import { contentWidth, drawPages, margin, mm, penLine, russianDate } from './page.ts'

/** The consent document: what is known is filled in, the rest are lines for the pen. */
export interface ConsentPaper {
  /** Paragraphs between blank lines; `# ` begins the title, `- ` a list item. */
  body: string
  version: number
  fullName: string | undefined
  /** Calendar date. */
  birthDate: string | undefined
  /** Whether a legal representative signs; unknown prints the lines for both. */
  guardian: 'yes' | 'no' | 'unknown'
  guardianName?: string
  guardianRelation?: string
  printedOn: string
}

export const renderConsent = (paper: ConsentPaper): Promise<Buffer> =>
  drawPages('Согласие на обработку персональных данных', paper.printedOn, (page) => {
    drawBody(page, paper.body)
    drawPerson(page, paper)
    if (paper.guardian !== 'no') drawGuardian(page, paper)
    drawSignature(page)
    numberPages(page, paper.version)
  })

function drawBody(page: Page, body: string): void {
  for (const block of body.split(/\n\s*\n/)) {
    const lines = block.trim().split('\n')
    if (lines[0]?.startsWith('# ')) {
      page.font('bold').fontSize(15).text(lines[0].slice(2)).moveDown(0.5)
      continue
    }
    page.font('regular').fontSize(10)
    for (const line of lines) {
      if (line.startsWith('- ')) page.text(`–  ${line.slice(2)}`, { indent: mm(4) })
      else page.text(line, { align: 'left' })
    }
    page.moveDown(0.5)
  }
}

function drawHeading(page: Page, text: string): void {
  // A heading alone at the foot of a page would leave its lines on the next.
  if (page.y + mm(40) > page.page.height - margin) page.addPage()
  page.moveDown(0.4).font('bold').fontSize(11).text(text, margin, page.y)
}

/** Address and identity document are lines on paper and never anything else. */
function drawPerson(page: Page, { fullName, birthDate }: ConsentPaper): void {
  drawHeading(page, 'Чьи данные')
  penLine(page, 'фамилия, имя, отчество', fullName)
  penLine(page, 'дата рождения', birthDate && russianDate(birthDate))
  penLine(page, 'адрес')
  penLine(page, 'документ: вид, серия, номер, кем и когда выдан')
}

function drawGuardian(page: Page, paper: ConsentPaper): void {
  drawHeading(page, 'Законный представитель (если читателю нет 14 лет)')
  penLine(page, 'фамилия, имя, отчество представителя', paper.guardianName)
  penLine(page, 'кем приходится; документ, подтверждающий полномочия', paper.guardianRelation)
  penLine(page, 'адрес')
  penLine(page, 'документ: вид, серия, номер, кем и когда выдан')
}

function drawSignature(page: Page): void {
  if (page.y + mm(22) > page.page.height - margin) page.addPage()
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

function numberPages(page: Page, version: number): void {
  const { count } = page.bufferedPageRange()
  for (let index = 0; index < count; index += 1) {
    page.switchToPage(index)
    // Below the margin, where running text would start a new page.
    page.page.margins.bottom = 0
    page
      .font('regular')
      .fontSize(8)
      .text(`Версия текста ${version}  ·  ${index + 1} из ${count}`, margin, page.page.height - mm(12), {
        width: contentWidth(page),
        align: 'right',
        lineBreak: false,
      })
  }
}
