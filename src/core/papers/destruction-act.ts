import { rolesText } from '../audit/actions.ts'
import type { Destroyed, DestroyedCount } from '../destructions/destructions.ts'
import { dateIn } from '../shared/calendar.ts'
import type { DestructionPaper } from './destruction-papers.ts'
import {
  drawFact,
  drawPages,
  drawParagraph,
  drawTitle,
  numberPages,
  penLine,
  russianDate,
  russianMoment,
} from './page.ts'

const countTexts: Record<DestroyedCount, string> = {
  emails: 'адрес электронной почты',
  phones: 'номер контактного телефона',
  providerAccounts: 'номер учётной записи у поставщика электронных книг',
  applications: 'анкеты',
  drafts: 'черновики анкет',
  consents: 'записи о согласиях, с данными представителя',
  messages: 'сведения о сообщениях',
  loans: 'связь с выдачами',
  positions: 'места чтения',
  corrections: 'просьбы исправить данные',
  changes: 'записи об исправлениях',
}

/** The categories of data that were destroyed, with counts where they are more than one thing. */
export function destroyedCategories({ counts }: Destroyed): string[] {
  const found = Object.entries(countTexts) as [DestroyedCount, string][]
  return [
    'фамилия, имя, отчество',
    'дата рождения',
    'связь номера читательского билета с человеком, пароль (в виде хеша)',
    ...found
      .filter(([key]) => counts[key] > 0)
      .map(([key, text]) => (counts[key] > 1 ? `${text}: ${counts[key]}` : text)),
  ]
}

export const reasonText = ({ facts, zone }: DestructionPaper): string =>
  `отзыв согласия на обработку персональных данных ${russianDate(dateIn(zone, facts.askedAt))} ` +
  `(${facts.byReader ? 'подан читателем в приложении' : 'подан на бумаге'}); часть 5 статьи 21 ` +
  'Федерального закона от 27.07.2006 № 152-ФЗ'

/** The subject as far as he may still be named: the pen writes the name, the system has forgotten it. */
export const subjectText = ({ facts }: DestructionPaper): string =>
  `читатель с номером билета ${facts.cardNumbers.join(', ') || '—'}, ${facts.libraryName}`

export const renderDestructionAct = (paper: DestructionPaper): Promise<Buffer> => {
  const { facts, operator, system, zone } = paper
  return drawPages('Акт об уничтожении персональных данных', dateIn(zone, facts.doneAt), (page) => {
    drawTitle(page, 'Акт об уничтожении персональных данных')
    drawParagraph(
      page,
      'Составлен по Требованиям к подтверждению уничтожения персональных данных (приказ Роскомнадзора от 28.10.2022 № 179).',
      9,
    )
    page.moveDown(0.6)
    const fact = (label: string, value: string) => {
      drawFact(page, label, value)
      page.moveDown(0.25)
    }
    fact('Оператор', [operator.name, operator.address].filter(Boolean).join(', '))
    fact('Обработка по поручению оператора', 'не велась')
    fact('Субъект персональных данных', subjectText(paper))
    fact('Уничтоженные категории', destroyedCategories(facts.destroyed).join('; '))
    fact('Информационная система', system)
    fact('Материальные носители', 'носителей на бумаге система не ведёт; записи удалены из базы данных')
    fact(
      'Способ',
      'удаление записей из базы данных программными средствами, без возможности восстановления средствами системы; выдачи книг оставлены для статистики без указания на человека',
    )
    fact('Причина', reasonText(paper))
    fact('Дата уничтожения', russianMoment(facts.doneAt, zone))
    fact(
      'Уничтожил(а)',
      facts.doneBy
        ? `${facts.doneBy.fullName}, ${rolesText(facts.doneBy.roles)}`
        : 'система, автоматически по наступлении срока; ответственный вписывается ниже',
    )
    if (facts.destroyed.counts.providerAccounts > 0)
      fact('У поставщика электронных книг', 'учётная запись закрывается отдельно, отметка об этом ниже')
    page.moveDown(0.4)
    penLine(page, 'фамилия, имя, отчество субъекта (по заявлению; в системе их больше нет)')
    penLine(page, 'уничтожены бумажные документы: какие, сколько листов, как')
    if (facts.destroyed.counts.providerAccounts > 0)
      penLine(page, 'учётная запись у поставщика закрыта: когда, кем')
    penLine(page, 'фамилия, имя, отчество и должность лица, уничтожившего данные')
    penLine(page, 'подпись, дата')
    numberPages(page, `Акт ${facts.id}`)
  })
}
