import { actionText, rolesText } from '../audit/actions.ts'
import type { TrailEntry } from '../audit/trail.ts'
import { dateIn } from '../shared/calendar.ts'
import { destroyedCategories, reasonText, subjectText } from './destruction-act.ts'
import type { EventLogPaper } from './destruction-papers.ts'
import type { Page } from './page.ts'
import {
  contentWidth,
  drawFact,
  drawHeading,
  drawPages,
  drawParagraph,
  drawTitle,
  margin,
  mm,
  numberPages,
  russianMoment,
} from './page.ts'

/** Time, who, action, and no value: all that the log ever had. */
export const renderEventLog = (paper: EventLogPaper): Promise<Buffer> => {
  const { facts, operator, system, zone, trail } = paper
  return drawPages('Выгрузка из журнала регистрации событий', dateIn(zone, facts.doneAt), (page) => {
    drawTitle(page, 'Выгрузка из журнала регистрации событий в информационной системе персональных данных')
    drawFact(page, 'Оператор', [operator.name, operator.address].filter(Boolean).join(', '))
    drawFact(page, 'Субъект персональных данных', subjectText(paper))
    drawFact(page, 'Уничтоженные категории', destroyedCategories(facts.destroyed).join('; '))
    drawFact(page, 'Информационная система', system)
    drawFact(page, 'Причина', reasonText(paper))
    drawFact(page, 'Дата уничтожения', russianMoment(facts.doneAt, zone))
    drawHeading(page, `События: ${trail.length}`)
    for (const entry of trail) drawEntry(page, entry, zone)
    page.moveDown(0.6)
    drawParagraph(
      page,
      'Журнал ведётся цепочкой: каждая запись подтверждает предыдущие ключом, который хранится вне базы данных. Значений персональных данных в нём нет.',
      8,
    )
    numberPages(page, `Акт ${facts.id}`)
  })
}

const columns = { seq: mm(16), at: mm(34) }

/** One line: number, time, what and who. */
export function drawEntry(page: Page, entry: TrailEntry, zone: string): void {
  const left = margin + columns.seq + columns.at
  const width = contentWidth(page) - columns.seq - columns.at
  const text = `${actionText(entry.action)} — ${whoOf(entry)}`
  page.font('regular').fontSize(9)
  if (page.y + page.heightOfString(text, { width }) > page.page.height - margin) page.addPage()
  const { y } = page
  page.text(`№ ${entry.seq}`, margin, y, { lineBreak: false })
  page.text(russianMoment(entry.at, zone), margin + columns.seq, y, { lineBreak: false })
  page.text(text, left, y, { width })
}

function whoOf({ actorKind, actorName, roles }: TrailEntry): string {
  if (actorKind === 'reader') return 'читатель'
  if (actorKind === 'system') return 'система'
  return `${actorName ?? 'сотрудник'}, ${rolesText(roles)}`
}
