import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nameAndDate } from './name-and-date.ts'
import type { ReadQuestionnaire } from './questionnaire.ts'
import { isSure } from './questionnaire.ts'
import { readQuestionnaires } from './read.ts'
import { csvOf, type Rows } from './samples.fixtures.ts'

const today = '2026-11-24'
/** Values that are sure; what isn't shows its doubts. */
const plain = ({ fullName, email, birthDate, phone }: ReadQuestionnaire) =>
  [fullName, email, birthDate, phone].map((field) => (isSure(field) ? field.value : field.doubts))
const file = (content: Uint8Array) => ({ name: 'x.csv', contentType: 'text/csv', content })

describe('a name and a date in one place', () => {
  it.each([
    ['Иванова Анна Петровна, 05.03.2009', 'Иванова Анна Петровна', '05.03.2009'],
    ['Иванова Анна Петровна 5.3.2009 г.р.', 'Иванова Анна Петровна', '5.3.2009 г.р.'],
    ['Иванова А.П. 5 марта 2009 г.р.', 'Иванова А.П.', '5 марта 2009 г.р.'],
    ['Иванова А. П., 2009-03-05', 'Иванова А. П.', '2009-03-05'],
    ['Иванова Анна (05.03.2009)', 'Иванова Анна', '05.03.2009'],
    ['Иванова Анна (5 марта 2009 г.р.).', 'Иванова Анна', '5 марта 2009 г.р.'],
    ['Петрова-Водкина Анна — 05.03.2009', 'Петрова-Водкина Анна', '05.03.2009'],
    ['Иванова Анна, д.р. 05.03.2009', 'Иванова Анна', '05.03.2009'],
    ['Иванова Анна, дата рождения: 05.03.2009', 'Иванова Анна', '05.03.2009'],
    ['Иванова Анна родилась 05.03.2009', 'Иванова Анна', '05.03.2009'],
    ['Иванова Анна «05» марта 2009 г.', 'Иванова Анна', '«05» марта 2009 г.'],
    ['Иванова Анна 2009 г.р.', 'Иванова Анна', '2009 г.р.'],
  ])('%s', (raw, name, date) => {
    expect(nameAndDate(raw, false)).toEqual([name, date])
  })

  it.each([
    'Иванова Анна Петровна',
    'Иванова Анна, 8 910 123-45-67',
    'Иванова Анна 12',
    'Иванова Анна, 31.02.2009',
    'Иванова Анна 05.03.2009, 4 класс',
    'Иванова Анна, 05.03.2009 и Иванов Пётр, 06.04.2011',
    'a1@mail.ru 05.03.2009',
    'ул. Ленина, 5',
    '05.03.2009',
    '',
  ])('isn’t: %s', (raw) => {
    expect(nameAndDate(raw, true)).toBeUndefined()
  })

  it('is one where the label speaks of a date, even if it is a mere year', () => {
    expect(nameAndDate('Иванова Анна, 2009', true)).toEqual(['Иванова Анна', '2009'])
    expect(nameAndDate('Иванова Анна, 2009', false)).toBeUndefined()
  })

  it('is told from any other text, however long, by what it says alone', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.stringMatching(/^([а-яё]{1,9}[ ,.(]){0,9}\d{0,9}$/),
    )
    fc.assert(
      fc.property(text, (raw) => {
        const both = nameAndDate(raw, true)
        if (both) for (const part of both) expect(raw.replace(/\s+/gu, ' ')).toContain(part)
      }),
    )
    expect(nameAndDate(`${'а, '.repeat(200_000)}1`, true)).toBeUndefined()
  })
})

describe('a row with a name and a date in one place', () => {
  const rows = (head: string, ...values: string[]): Rows => [
    [head, 'Телефон'],
    ...values.map((value): Rows[number] => [value, '8 910 123-45-67']),
  ]
  const inFile = async (table: Rows) => {
    const part = file(Buffer.from(csvOf(table)))
    return (await readQuestionnaires({ text: '', parts: [part] }, today)).questionnaires.map(plain)
  }

  it('are two values where the label speaks of both', async () => {
    const values = ['Кузнецова Ольга Петровна, 05.03.2009', 'Цой Лю (5 марта 2009 г.р.)', 'Ким Ян']
    expect(await inFile(rows('ФИО, дата рождения', ...values))).toEqual([
      ['Кузнецова Ольга Петровна', ['missing'], '2009-03-05', '+79101234567'],
      ['Цой Лю', ['missing'], '2009-03-05', '+79101234567'],
      ['Ким Ян', ['missing'], ['missing'], '+79101234567'],
    ])
  })

  it('leave the date doubtful where the label speaks of a name', async () => {
    expect(await inFile(rows('ФИО', 'Кузнецова Ольга Петровна 05.03.2009'))).toEqual([
      ['Кузнецова Ольга Петровна', ['missing'], ['unlabelled'], '+79101234567'],
    ])
  })

  it('leave the date doubtful where it is a mere year', async () => {
    expect(await inFile(rows('ФИО и год рождения', 'Кузнецова Ольга, 2009'))).toEqual([
      ['Кузнецова Ольга', ['missing'], ['malformed'], '+79101234567'],
    ])
  })
})
