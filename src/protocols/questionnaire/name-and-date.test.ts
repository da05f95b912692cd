import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nameAndDate } from './name-and-date.ts'

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
