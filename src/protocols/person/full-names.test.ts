import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { familySurnames, fullNameFault, mixedWord, properCase, tidyFullName } from './full-names.ts'

const cyrillic = fc.constantFrom(...'абвгдеёжзийклмнопрстуфхцчшщъыьэюя')
const latin = fc.constantFrom(...'abcdefghijklmnopqrstuvwxyzéšğ')
const word = (letter: fc.Arbitrary<string>) =>
  fc
    .array(letter, { minLength: 2, maxLength: 12 })
    .map(([first = '', ...rest]) => first.toUpperCase() + rest.join(''))
const joined = (letter: fc.Arbitrary<string>) =>
  fc
    .tuple(word(letter), fc.option(fc.tuple(fc.constantFrom('-', "'"), word(letter)), { nil: undefined }))
    .map(([head, tail]) => (tail ? head + tail.join('') : head))
const name = fc
  .constantFrom(cyrillic, latin)
  .chain((letter) => fc.array(joined(letter), { minLength: 1, maxLength: 6 }))
  .map((words) => words.join(' '))

describe('a full name', () => {
  it('of one to six words in one alphabet, with hyphens and apostrophes, stands as it was typed', () => {
    fc.assert(
      fc.property(name, (typed) => {
        expect(tidyFullName(typed)).toBe(typed)
        expect(fullNameFault(typed)).toBeUndefined()
        expect(mixedWord(typed)).toBeUndefined()
      }),
    )
  })

  it('is tidied once for all: spaces, dashes, apostrophes and invisible signs', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (typed) => {
        const once = tidyFullName(typed)
        expect(tidyFullName(once)).toBe(once)
      }),
    )
    expect(tidyFullName('  Петрова – Водкина\u00a0 Анна\u200b ')).toBe('Петрова-Водкина Анна')
    expect(tidyFullName('О’Коннор Дж.')).toBe("О'Коннор Дж.")
  })

  it('gets its own alphabet back where a letter of the other only looks right', () => {
    const swap: Record<string, string> = { а: 'a', с: 'c', е: 'e', о: 'o', р: 'p', х: 'x', у: 'y' }
    fc.assert(
      fc.property(word(cyrillic), fc.infiniteStream(fc.boolean()), (typed, coins) => {
        // Some letter must tell that the word is Russian.
        const russian = `${typed}ж`
        const spoilt = [...russian].map((sign) => (coins.next().value ? (swap[sign] ?? sign) : sign)).join('')
        expect(tidyFullName(spoilt)).toBe(russian)
      }),
    )
    expect(tidyFullName('Сoкoлова Oльга')).toBe('Соколова Ольга')
    expect(tidyFullName('Smіth John')).toBe('Smіth John')
    expect(tidyFullName('Jоhn Smith')).toBe('John Smith')
    expect(tidyFullName('Смирнова-Smith')).toBe('Смирнова-Smith')
  })

  it('whose word mixes alphabets beyond mending is pointed out, and not refused', () => {
    expect(mixedWord('Иваnова Анна')).toBe('Иваnова')
    expect(fullNameFault('Иваnова Анна')).toBeUndefined()
    expect(mixedWord('Смирнова-Smith')).toBeUndefined()
  })

  it.each([
    ['', 'full_name_missing'],
    ['Иванов 2', 'full_name_signs'],
    ['ivan@mail.ru', 'full_name_signs'],
    ['- -', 'full_name_words'],
    ['А Б В Г Д Е Ж', 'full_name_words'],
    ['Я'.repeat(201), 'full_name_long'],
  ])('%j is %s', (typed, fault) => {
    expect(fullNameFault(tidyFullName(typed))).toBe(fault)
  })

  it('in capitals or small letters is offered in proper case, and in proper case nothing is offered', () => {
    fc.assert(
      fc.property(name, fc.boolean(), (typed, loud) => {
        const offer = properCase(loud ? typed.toUpperCase() : typed.toLowerCase())
        if (offer !== undefined) expect(properCase(offer)).toBeUndefined()
      }),
    )
    expect(properCase('ИВАНОВА МАРИЯ ПЕТРОВНА')).toBe('Иванова Мария Петровна')
    expect(properCase('петрова-водкина анна')).toBe('Петрова-Водкина Анна')
    expect(properCase('АЛИЕВ ВАГИФ ГУСЕЙН ОГЛЫ')).toBe('Алиев Вагиф Гусейн оглы')
    expect(properCase("О'КОННОР ЛУК'ЯНЕНКО")).toBe("О'Коннор Лук'яненко")
    expect(properCase('Иванова мария')).toBe('Иванова Мария')
    expect(properCase('Алиев Вагиф Гусейн оглы')).toBeUndefined()
    expect(properCase('Иванов И.И.')).toBeUndefined()
    expect(properCase('Ли Ю')).toBeUndefined()
  })
})

describe('a family’s surname', () => {
  it.each([
    ['Иванова Мария', ['Иванова', 'Иванов']],
    ['Пушкин Лев', ['Пушкин', 'Пушкина']],
    ['Вяземская Анна', ['Вяземская', 'Вяземский']],
    ['Семёнов-Белый Пётр', ['Семёнов-Белый', 'Семёнова-Белый']],
    ['Шевченко Олег', ['Шевченко']],
    ['', []],
  ])('of %j may be written %j', (fullName, surnames) => {
    expect(familySurnames(fullName)).toEqual(surnames)
  })
})
