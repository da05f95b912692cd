import { randomUUID } from 'node:crypto'

/** Under which the mailbox's server writes its findings in tests. */
export const authservId = 'mx.library.test'

export interface FormRows {
  fullName?: string
  email?: string
  birthDate?: string
  phone?: string
}

/** The six-row form as text: one questionnaire. */
export const formText = ({
  fullName = 'Соколова Мария Ивановна',
  email = 'm.sokolova@mail.ru',
  birthDate = '05.03.1990',
  phone = '8 910 123-45-67',
}: FormRows = {}) => `Анкета для регистрации в «Смарт-библиотеке»
ФИО: ${fullName}
Электронная почта: ${email}
Дата рождения: ${birthDate}
Контактный телефон: ${phone}
Номер читательского билета:
Пароль:
`

/** The same as the table of the original letter, one questionnaire in each, as mail programs write it. */
export const formTable = (rows: FormRows[]) =>
  rows
    .map(
      ({ fullName = '', email = '', birthDate = '', phone = '' }) => `<table>
<tr><td>ФИО</td><td>${fullName}</td></tr>
<tr><td>Электронная почта</td><td>${email}</td></tr>
<tr><td>Дата рождения</td><td>${birthDate}</td></tr>
<tr><td>Контактный телефон</td><td>${phone}</td></tr>
<tr><td>Номер читательского билета</td><td></td></tr>
<tr><td>Пароль</td><td></td></tr>
</table>`,
    )
    .join('\n<p> </p>\n')

export interface MailOptions {
  from: string
  text?: string
  /** Instead of the text. */
  html?: string
  subject?: string
  messageId?: string
  /** Lines that the mailbox's server has put on top. */
  trusted?: string
  /** Further lines of the header. */
  head?: string
  files?: { name: string; contentType?: string; content: Buffer }[]
}

const domainOf = (address: string) => address.slice(address.lastIndexOf('@') + 1)

/** What the mailbox's server writes above a mail that comes from where it says. */
export const proven = (from: string) =>
  `Authentication-Results: ${authservId};\n\tdkim=pass (2048-bit key) header.d=${domainOf(from)};\n\tspf=pass smtp.mailfrom=${from};\n\tdmarc=pass (p=NONE) header.from=${domainOf(from)}`

/** A mail as it lies in the mailbox. */
export function rawMail({
  from,
  text = formText(),
  html,
  subject = 'Анкета',
  messageId = `<${randomUUID()}@mail.test>`,
  trusted = proven(from),
  head = '',
  files = [],
}: MailOptions): string {
  const body =
    html === undefined
      ? `Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n${wrapped(Buffer.from(text))}`
      : `Content-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: base64\n\n${wrapped(Buffer.from(html))}`
  const lines = [
    'Return-Path: <x@mail.test>',
    trusted,
    `From: =?UTF-8?B?${Buffer.from('Библиотека').toString('base64')}?= <${from}>`,
    'To: books@library.test',
    `Subject: =?UTF-8?B?${Buffer.from(subject).toString('base64')}?=`,
    `Message-ID: ${messageId}`,
    head,
    'MIME-Version: 1.0',
  ].filter(Boolean)
  if (files.length === 0) return `${lines.join('\n')}\n${body}\n`
  const parts = files.map(
    ({ name, contentType = 'application/octet-stream', content }) =>
      `Content-Type: ${contentType}\nContent-Transfer-Encoding: base64\nContent-Disposition: attachment;\n filename*=UTF-8''${encodeURIComponent(name)}\n\n${wrapped(content)}`,
  )
  return `${lines.join('\n')}\nContent-Type: multipart/mixed; boundary="b0"\n\n${[body, ...parts].map((part) => `--b0\n${part}\n`).join('')}--b0--\n`
}

const wrapped = (bytes: Buffer) => (bytes.toString('base64').match(/.{1,76}/g) ?? []).join('\n')
