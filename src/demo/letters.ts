import type { App } from '../app.ts'
import { parseMail } from '#core/intake/mail.ts'
import { createLetterHandler } from '#core/letters/receiving.ts'
import { inTransaction } from '#core/shared/db.ts'
import { readQuestionnaires } from '#protocols/questionnaire/read.ts'

const server = 'mx.demo.test'
const bui = 'library009@demo.test'

const form = (rows: [fullName: string, birthDate: string, email: string, phone: string]) =>
  `<table>${['ФИО', 'Дата рождения', 'Электронная почта', 'Контактный телефон']
    .map((name, index) => `<tr><td>${name}</td><td>${rows[index]}</td></tr>`)
    .join('')}<tr><td>Номер читательского билета</td><td></td></tr><tr><td>Пароль</td><td></td></tr></table>`

const mail = (from: string, proof: string, html: string) =>
  Buffer.from(
    [
      proof,
      `From: ${from}`,
      'To: books@demo.test',
      `Subject: =?UTF-8?B?${Buffer.from('Анкеты читателей').toString('base64')}?=`,
      `Message-ID: <letter-of-${from}>`,
      'MIME-Version: 1.0',
      'Content-Type: text/html; charset=utf-8',
      'Content-Transfer-Encoding: base64',
      '',
      ...(Buffer.from(html)
        .toString('base64')
        .match(/.{1,76}/g) ?? []),
    ].join('\r\n'),
  )

/** A letter of Буй's with questionnaires, one of them doubtful, and a letter of which nobody knows whose it is. */
export async function receiveLetters(app: App): Promise<void> {
  const handler = createLetterHandler({
    db: app.db,
    clock: app.clock,
    audit: app.audit,
    read: readQuestionnaires,
    authservIds: [server],
    ownAddress: 'books@demo.test',
  })
  const year = Number((await app.today()).slice(0, 4))
  const letters = [
    mail(
      bui,
      `Authentication-Results: ${server}; dmarc=pass header.from=demo.test`,
      '<p>Добрый день! Высылаем анкеты новых читателей.</p>' +
        form(['Ветрова Полина Олеговна', '14.06.1988', '', '8 900 000-00-21']) +
        form(['Ветров Тимофей Ильич', `02.09.${year - 9}`, '', '8 900 000-00-21']) +
        form(['Журавлёв Сергей', '11.03.59', '', '8 900 000-00-2']),
    ),
    mail(
      'school@demo.test',
      `Authentication-Results: ${server}; dmarc=pass header.from=demo.test`,
      '<p>Здравствуйте! Запишите, пожалуйста, нашего учителя.</p>' +
        form(['Лугова Анна Сергеевна', '23.01.1979', '', '8 900 000-00-22']),
    ),
  ]
  for (const raw of letters) {
    const letter = await parseMail({ bytes: raw, headOnly: false })
    const prepared = await handler.prepare?.(letter)
    await inTransaction(app.db, (tx) => handler.handle(tx, letter, prepared))
  }
}
