import { writeDocx } from './docx-form.ts'
import { writeOdt } from './odt-form.ts'

/** Whose form it is, and where it goes when it is filled in. */
export interface FormFacts {
  library: { code: string; name: string }
  /** E-mail address of the central library. */
  address: string
  /** One reader to a form, or a table with so many empty rows. */
  readers: 'one' | number
}

export const formFormats = ['docx', 'odt'] as const
export type FormFormat = (typeof formFormats)[number]

export const formMediaTypes: Readonly<Record<FormFormat, string>> = {
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  odt: 'application/vnd.oasis.opendocument.text',
}

/** The form as a document, the same bytes for the same facts. `readQuestionnaires` reads it when it is filled in. */
export const writeForm = (format: FormFormat, facts: FormFacts): Promise<Buffer> =>
  format === 'docx' ? writeDocx(formPage(facts)) : writeOdt(formPage(facts))

/** What both formats show. */
export interface FormPage {
  title: string
  libraryCode: string
  /** Paragraphs above the table. */
  above: string[]
  /** Cells of each row. */
  rows: string[][]
  /** Widths of the columns, of 100. */
  widths: number[]
  /** The first row is a header, repeated on each page; else the first column has the labels. */
  header: boolean
  landscape: boolean
  below: string[]
}

const labels = ['ФИО', 'Электронная почта', 'Дата рождения', 'Контактный телефон']
/** The central library's own rows. */
const ownLabels = ['Номер читательского билета', 'Пароль']

function formPage({ library, address, readers }: FormFacts): FormPage {
  const many = readers !== 'one'
  const common = {
    title: many ? 'Анкеты для регистрации читателей' : 'Анкета для регистрации читателей',
    libraryCode: library.code,
    landscape: many,
    header: many,
  }
  const whose = [`Библиотека: ${library.name}`, `Код библиотеки: ${library.code}`]
  const how = 'Год рождения пишите четырьмя цифрами: 05.03.2009. Телефон пишите с кодом: 8 910 000-00-00.'
  const send = `Заполненный файл отправьте на адрес ${address}. Согласие читателя на бумаге остаётся в библиотеке.`
  if (!many)
    return {
      ...common,
      above: [...whose, `Заполните четыре верхние строки. ${how}`],
      rows: [...labels, ...ownLabels].map((label) => [label, '']),
      widths: [36, 64],
      below: ['Две последние строки заполняет центральная библиотека.', send],
    }
  return {
    ...common,
    above: [...whose, `Один читатель — одна строка. ${how}`],
    rows: [
      ['№', ...labels],
      ...Array.from({ length: readers }, (_, index) => [String(index + 1), ...labels.map(() => '')]),
    ],
    widths: [5, 35, 26, 14, 20],
    below: [send],
  }
}
