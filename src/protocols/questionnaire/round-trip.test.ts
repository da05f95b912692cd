import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dottedDate } from '../person/birth-dates.ts'
import { openZip } from '../zip/zip.ts'
import { zipBytes } from '../zip/write-zip.ts'
import { writeForm, formFormats, type FormFormat } from './forms/form.ts'
import { isSure, type ReadQuestionnaire } from './questionnaire.ts'
import { readQuestionnaires } from './read.ts'
import {
  csvOf,
  docxOf,
  docxTable,
  htmlOf,
  odtOf,
  pdfOf,
  rtfOf,
  xlsxOf,
  type Rows,
} from './samples.fixtures.ts'

const today = '2026-11-24'

interface Person {
  fullName: string
  email: string
  birthDate: string
  phone: string
}
const keys = ['fullName', 'email', 'birthDate', 'phone'] as const

const pick = (words: string) => fc.constantFrom(...words.split(' '))
const person: fc.Arbitrary<Person> = fc.record({
  fullName: fc
    .tuple(
      pick('Иванова Петренко Щукин-Рыбаков Ёлкина Цой Мамедова Дельвиг Оболенская'),
      pick('Анна Пётр Юлия-Мария Яков Ия Юрий'),
      pick('Ивановна Ильич Юрьевна Яковлевич'),
    )
    .map((parts) => parts.join(' ')),
  email: fc
    .tuple(
      fc.stringMatching(/^[a-z][a-z0-9]{2,8}([._][a-z0-9]{2,6})?$/),
      pick('mail.ru yandex.ru gmail.com kbibl.ru bk.ru'),
    )
    .map((parts) => parts.join('@')),
  birthDate: fc
    .date({ min: new Date('1930-01-01'), max: new Date('2022-01-01'), noInvalidDate: true })
    .map((moment) => moment.toISOString().slice(0, 10)),
  phone: fc.stringMatching(/^9[0-9]{9}$/).map((digits) => `+7${digits}`),
})

const months = 'января февраля марта апреля мая июня июля августа сентября октября ноября декабря'.split(' ')
const spellings = {
  fullName: [
    (name: string) => name,
    (name: string) => name.toUpperCase(),
    (name: string) => ` ${name.replace(/ /gu, '  ')} `,
  ],
  email: [(email: string) => email, (email: string) => email.toUpperCase(), (email: string) => `${email} `],
  birthDate: [
    (date: string) => date,
    dottedDate,
    (date: string) =>
      `${Number(date.slice(8))} ${months[Number(date.slice(5, 7)) - 1]} ${date.slice(0, 4)} г.`,
    (date: string) => dottedDate(date).replaceAll('.', '/'),
    // Two digits of a year: the sure reading of them would be a guess.
    (date: string) => dottedDate(date).replace(/\d\d(\d\d)$/u, '$1'),
  ],
  phone: [
    (phone: string) => phone,
    (phone: string) => phone.replace('+7', '8'),
    (phone: string) => phone.replace(/\+7(...)(...)(..)(..)/u, '8 ($1) $2-$3-$4'),
    (phone: string) => phone.replace(/\+7(...)(...)(..)(..)/u, '+7 $1 $2 $3 $4'),
    // A digit lost.
    (phone: string) => phone.slice(0, -1),
  ],
}
const labels = {
  fullName: [
    'ФИО',
    'Ф.И.О.',
    'Фамилия, имя, отчество',
    'ФИО читателя (полностью)',
    '1. Фамилия Имя Отчество:',
  ],
  email: ['Электронная почта', 'E-mail', 'эл. почта', 'Адрес электронной почты', 'ПОЧТА'],
  birthDate: [
    'Дата рождения',
    'дата рожд.',
    'Дата рождения (дд.мм.гггг)',
    'Число, месяц, год рождения',
    'Д.р.',
  ],
  phone: ['Контактный телефон', 'тел.', 'Мобильный телефон', 'Телефон:', 'Номер телефона'],
}

const formats: Record<string, (rows: Rows) => Uint8Array | Promise<Uint8Array>> = {
  'a.docx': (rows) => docxOf(docxTable(rows)),
  'a.odt': odtOf,
  'a.rtf': rtfOf,
  'a.xlsx': xlsxOf,
  'a.pdf': pdfOf,
  'a.html': (rows) => Buffer.from(htmlOf(rows)),
  'a.csv': (rows) => Buffer.from(csvOf(rows)),
  'a.txt': (rows) => Buffer.from(rows.map((row) => `${row.join(': ').replace('::', ':')}`).join('\n')),
}

/** One way to write a questionnaire: labels, spellings, order of rows, seeds of which choose. */
const style = fc.record({
  order: fc.shuffledSubarray([...keys], { minLength: 4 }),
  label: fc.tuple(fc.nat(4), fc.nat(4), fc.nat(4), fc.nat(4)),
  spelling: fc.tuple(fc.nat(), fc.nat(), fc.nat(), fc.nat()),
  format: fc.constantFrom(...Object.keys(formats)),
  header: fc.boolean(),
})

const spelt = (who: Person, key: (typeof keys)[number], seed: number) => {
  const ways = spellings[key]
  return (ways[seed % ways.length] as (value: string) => string)(who[key])
}

/** Nothing sure may be wrong. @returns how many of the fields are sure */
function compare(found: ReadQuestionnaire | undefined, who: Person): number {
  for (const key of keys) {
    const field = found?.[key]
    if (field && isSure(field)) expect([key, field.value]).toEqual([key, who[key]])
  }
  return keys.filter((key) => found && isSure(found[key])).length
}

describe('a questionnaire of any wording, order, spelling and format', () => {
  it('is read as it was meant, or doubtfully; never as something else', async () => {
    let [all, sure] = [0, 0]
    await fc.assert(
      fc.asyncProperty(fc.array(person, { minLength: 1, maxLength: 4 }), style, async (people, how) => {
        const { order, format, header } = how
        const label = (key: (typeof keys)[number]) => labels[key][how.label[keys.indexOf(key)] ?? 0] ?? ''
        const value = (who: Person, key: (typeof keys)[number]) =>
          spelt(who, key, how.spelling[keys.indexOf(key)] ?? 0)
        const asList = header && format !== 'a.txt'
        const rows = asList
          ? [order.map(label), ...people.map((who) => order.map((key) => value(who, key)))]
          : people.flatMap((who) => order.map((key) => [label(key), value(who, key)]))
        const content = await (formats[format] as (typeof formats)[string])(rows)
        const read = await readQuestionnaires(
          { text: '', parts: [{ name: format, contentType: '', content }] },
          today,
        )
        for (const [index, who] of people.entries()) {
          const found = read.questionnaires.length === people.length ? read.questionnaires[index] : undefined
          all += 4
          sure += compare(found, who)
        }
        // The same reader twice is one; else each is found.
        if (new Set(people.map((who) => JSON.stringify(who))).size === people.length)
          expect(read.questionnaires).toHaveLength(people.length)
      }),
      { numRuns: 250 },
    )
    // A fifth of dates and of phones can't be read by anybody.
    expect(sure / all).toBeGreaterThan(0.8)
  }, 120_000)
})

const facts = {
  library: { code: '002', name: 'Буйская «районная» библиотека & <друзья>' },
  address: 'anketa@lib.test',
}

/** Puts values into the empty cells of a form that we have written, in their order. */
async function filledIn(format: FormFormat, form: Buffer, values: readonly string[]): Promise<Buffer> {
  const archive = await openZip(form)
  const rest = [...values]
  const put = (xml: string) =>
    format === 'docx'
      ? xml.replace(
          /(<w:tc>(?:(?!<\/w:tc>).)*?<w:p>(?:<w:pPr>.*?<\/w:pPr>)?)(<\/w:p><\/w:tc>)/gu,
          (_, before: string, after: string) =>
            `${before}<w:r><w:t xml:space="preserve">${rest.shift() ?? ''}</w:t></w:r>${after}`,
        )
      : xml.replace(
          /(<table:table-cell[^>]*><text:p[^>]*>)(<\/text:p>)/gu,
          (_, before: string, after: string) => `${before}${rest.shift() ?? ''}${after}`,
        )
  const entries = await Promise.all(
    archive.entries.map(async ({ name }) => {
      const bytes = await archive.readEntry(name)
      const isText = name === 'word/document.xml' || name === 'content.xml'
      return { name, bytes: isText ? Buffer.from(put(bytes.toString())) : bytes, stored: name === 'mimetype' }
    }),
  )
  return zipBytes(entries)
}

describe.each(formFormats)('our own form as %s', (format) => {
  const read = (content: Uint8Array) =>
    readQuestionnaires({ text: '', parts: [{ name: `f.${format}`, contentType: '', content }] }, today)

  it('is the same bytes for the same facts, and blank until somebody fills it in', async () => {
    for (const readers of ['one', 15] as const) {
      const form = await writeForm(format, { ...facts, readers })
      expect(form.equals(await writeForm(format, { ...facts, readers }))).toBe(true)
      expect(await read(form)).toEqual({
        questionnaires: [],
        faults: [{ part: `f.${format}`, code: 'blank_form' }],
        libraryCode: '002',
      })
    }
  })

  it('filled in is read back exactly, with the library’s code', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(person, { minLength: 1, maxLength: 15, selector: ({ phone }) => phone }),
        async (people) => {
          const values = people.flatMap((who) => keys.map((key) => who[key]))
          for (const readers of ['one', 15] as const) {
            const form = await writeForm(format, { ...facts, readers })
            const { questionnaires, faults, libraryCode } = await read(
              await filledIn(format, form, readers === 'one' ? values.slice(0, 4) : values),
            )
            const expected = readers === 'one' ? people.slice(0, 1) : people
            expect(
              questionnaires.map((each) => keys.map((key) => [each[key].value, each[key].doubts])),
            ).toEqual(expected.map((who) => keys.map((key) => [who[key], []])))
            expect([faults, libraryCode]).toEqual([[], '002'])
          }
        },
      ),
      { numRuns: 25 },
    )
  })
})
