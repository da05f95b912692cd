import { actionText } from '../audit/actions.ts'
import type { PersonFile } from '../person-file/person-file.ts'
import { dateIn } from '../shared/calendar.ts'
import type { Page } from './page.ts'
import {
  drawFact,
  drawHeading,
  drawPages,
  drawParagraph,
  drawTitle,
  numberPages,
  russianDate,
  russianMoment,
} from './page.ts'

const consentKinds: Readonly<Record<string, string>> = {
  processing: 'на обработку',
  handover: 'на передачу третьим лицам',
}
const channels: Readonly<Record<string, string>> = {
  paper: 'на бумаге',
  app: 'в приложении',
  sms: 'СМС',
  email: 'письмо',
}
const messageStates: Readonly<Record<string, string>> = {
  queued: 'в очереди',
  sending: 'отправляется',
  sent: 'отправлено',
  delivered: 'доставлено',
  undelivered: 'не доставлено',
  failed: 'не отправлено',
  uncertain: 'неизвестно, дошло ли',
}
const applicationStates: Readonly<Record<string, string>> = {
  sent: 'ждёт решения',
  returned: 'возвращена на доработку',
  registered: 'читатель зарегистрирован',
  refused: 'отказано',
  withdrawn: 'отозвана',
}
const cardStates: Readonly<Record<string, string>> = {
  issued: 'действует',
  blocked: 'заблокирован',
  lost: 'утерян',
  damaged: 'испорчен',
  replaced: 'заменён',
  annulled: 'аннулирован',
}
const fields: Readonly<Record<string, string>> = {
  full_name: 'имя',
  birth_date: 'дата рождения',
  email: 'электронная почта',
  phone: 'телефон',
  library_id: 'библиотека',
}

/** Everything about a reader, for people to read; the same as the JSON. */
export const renderPersonFile = (file: PersonFile, zone: string): Promise<Buffer> =>
  drawPages('Мои данные в Смарт-библиотеке', dateIn(zone, file.madeAt), (page) => {
    const at = (moment: Date | null) => (moment ? russianMoment(moment, zone) : '—')
    const { reader } = file
    drawTitle(page, 'Мои данные в Смарт-библиотеке')
    drawParagraph(page, `Всё, что система знает о вас на ${at(file.madeAt)}.`)
    drawHeading(page, 'Запись читателя')
    drawFact(page, 'ФИО', reader.fullName)
    drawFact(page, 'Дата рождения', russianDate(reader.birthDate))
    drawFact(page, 'Электронная почта', reader.email ?? '')
    drawFact(page, 'Контактный телефон', reader.phone ?? '')
    drawFact(page, 'Язык сообщений', reader.language === 'en' ? 'английский' : 'русский')
    drawFact(page, 'Библиотека', reader.library)
    drawFact(page, 'Записан(а)', at(reader.registeredAt))
    drawFact(page, 'Запись продлена', at(reader.renewedAt))
    drawFact(page, 'Первый вход', at(reader.firstSignedInAt))
    section(
      page,
      'Читательские билеты',
      file.cards.map(
        (card) =>
          `${card.number}: ${cardStates[card.state] ?? card.state}, выдан ${at(card.issuedAt)}` +
          (card.validUntil ? `, до ${russianDate(card.validUntil)}` : ''),
      ),
    )
    section(page, 'Учётные записи у поставщика', [
      ...file.providerAccounts.map(
        ({ provider, number, createdAt }) => `${provider}: ${number}, с ${at(createdAt)}`,
      ),
      ...file.providerRegistrations.map(
        ({ provider, state, askedAt }) =>
          `${provider}: регистрация запрошена ${at(askedAt)}` + (state === 'sent' ? ', данные переданы' : ''),
      ),
      ...file.providerClosings.map(
        ({ provider, number, askedAt, closedAt }) =>
          `${provider}: ${number}, согласие на передачу отозвано ${at(askedAt)}, ` +
          (closedAt ? `закрыта ${at(closedAt)}` : 'ещё не закрыта'),
      ),
    ])
    section(
      page,
      'Анкеты',
      file.applications.map(
        (each) =>
          `${at(each.sentAt)}, ${each.library}: ${each.fullName}, ${russianDate(each.birthDate)}, ` +
          `${each.email ?? 'без почты'}, ${each.phone ?? 'без телефона'}; ${applicationStates[each.state] ?? each.state}`,
      ),
    )
    section(
      page,
      'Согласия',
      file.consents.map(
        (each) =>
          `${at(each.takenAt)}: ${consentKinds[each.kind] ?? each.kind}, редакция ${each.version}, ${channels[each.channel] ?? each.channel}` +
          (each.guardianName ? `, представитель: ${each.guardianName} (${each.guardianRelation})` : '') +
          (each.revokedAt ? `; отозвано ${at(each.revokedAt)}` : ''),
      ),
    )
    section(
      page,
      'Выдачи',
      file.loans.map(
        (each) =>
          `${at(each.borrowedAt)} — ${at(each.endedAt ?? each.dueAt)}: ${[each.title, each.authors.join(', ')].filter(Boolean).join(', ')}`,
      ),
    )
    section(
      page,
      'Места чтения',
      file.positions.map(
        (each) => `${each.title}: ${Math.round(each.fraction * 100)} %, ${at(each.savedAt)}`,
      ),
    )
    section(
      page,
      'Сообщения вам',
      file.messages.map(
        (each) =>
          `${at(each.createdAt)}: ${channels[each.channel] ?? each.channel} на ${each.recipient}, ${messageStates[each.state] ?? each.state}`,
      ),
    )
    section(
      page,
      'Просьбы исправить данные',
      file.corrections.map(
        (each) => `${at(each.askedAt)}: ${each.text}${each.answer ? ` — ответ: ${each.answer}` : ''}`,
      ),
    )
    section(
      page,
      'Исправления записи',
      file.changes.map(
        (each) =>
          `${at(each.at)}: ${each.fields.map((field) => fields[field] ?? field).join(', ')}; ${each.reason}`,
      ),
    )
    section(
      page,
      'Устройства, на которых вы вошли',
      file.devices.map(
        (each) => `${each.userAgent || 'неизвестное устройство'}, последний раз ${at(each.seenAt)}`,
      ),
    )
    section(
      page,
      'Кто и когда обращался к вашим данным',
      file.log.map(
        (each) => `${at(each.at)}: ${actionText(each.action)} — ${[each.by, ...each.libraries].join(', ')}`,
      ),
    )
    numberPages(page, 'Смарт-библиотека')
  })

function section(page: Page, title: string, lines: string[]): void {
  drawHeading(page, title)
  if (lines.length === 0) drawParagraph(page, 'Нет.')
  for (const line of lines) drawParagraph(page, line, 9)
}
