import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Person } from './likeness.ts'
import { compareNames, edits, likeness, nearDates } from './likeness.ts'

const surnames = ['Орлов', 'Кузнецова', 'Ким', 'Салтыков-Щедрин', 'Д’Артаньян', 'Ёлкина', 'Smith']
const firstNames = ['Глеб', 'Борис', 'Мария', 'Марина', 'Анна', 'Яна', 'Иван', 'Лев', 'Алёна', 'Anna']
const patronymics = ['Ильич', 'Петровна', 'Павловна', 'Олегович', 'Юрьевна']

const date = fc
  .date({ min: new Date('1930-01-01'), max: new Date('2025-12-31'), noInvalidDate: true })
  .map((moment) => moment.toISOString().slice(0, 10))
const name = fc
  .tuple(fc.constantFrom(...surnames), fc.constantFrom(...firstNames), fc.constantFrom('', ...patronymics))
  .map((words) => words.filter(Boolean).join(' '))
const contact = (...values: string[]) => fc.option(fc.constantFrom(...values), { nil: null })
const person: fc.Arbitrary<Person> = fc.record({
  fullName: name,
  birthDate: date,
  email: contact('one@reader.test', 'two@reader.test'),
  phone: contact('+79100000001', '+79100000002'),
})
const someone = (change: Partial<Person> = {}): Person => ({
  fullName: 'Громова Алёна Игоревна',
  birthDate: '1988-04-12',
  email: null,
  phone: null,
  ...change,
})
const signs = (a: Partial<Person>, b: Partial<Person>) => likeness(someone(a), someone(b))?.signs ?? []

describe('likeness', () => {
  it('is the same seen from either side', () => {
    fc.assert(
      fc.property(person, person, (a, b) => {
        expect(likeness(a, b)).toEqual(likeness(b, a))
      }),
    )
  })

  it('is certain between a person and the same person spelled anew, whatever the contacts', () => {
    fc.assert(
      fc.property(person, person, fc.nat(5), (a, b, turn) => {
        const words = a.fullName.split(/[ -]/)
        const shift = turn % words.length
        const fullName = [...words.slice(shift), ...words.slice(0, shift)]
          .join('  ')
          .toUpperCase()
          .replaceAll('Ё', 'Е')
          .replaceAll('’', "'")
        expect(likeness(a, { ...b, fullName, birthDate: a.birthDate })?.certain).toBe(true)
      }),
    )
  })

  it('is never certain between different words or different dates', () => {
    fc.assert(
      fc.property(person, person, (a, b) => {
        const same = compareNames(a.fullName, b.fullName) === 'same' && a.birthDate === b.birthDate
        expect(likeness(a, b)?.certain ?? false).toBe(same)
      }),
    )
  })

  it('of siblings born the same day is a hint at most', () => {
    fc.assert(
      fc.property(
        person,
        fc.constantFrom(...surnames),
        fc.constantFrom(...patronymics),
        fc.constantFrom(...firstNames),
        fc.constantFrom(...firstNames),
        (one, surname, patronymic, first, second) => {
          fc.pre(first !== second)
          const sibling = (called: string) => ({ ...one, fullName: `${surname} ${called} ${patronymic}` })
          expect(likeness(sibling(first), sibling(second))?.certain ?? false).toBe(false)
        },
      ),
    )
  })

  it('grows with each further sign', () => {
    const contacts = { phone: '+79100000001', email: 'one@reader.test' }
    const weight = (change: Partial<Person>) => likeness(someone(contacts), someone(change))?.weight ?? 0
    const order = [
      weight({ fullName: 'Громов Матвей', birthDate: '2017-09-01', phone: contacts.phone }),
      weight({ fullName: 'Громов Матвей', phone: contacts.phone }),
      weight({ birthDate: '1988-04-13' }),
      weight({ fullName: 'Громова Алина Игоревна' }),
      weight({ fullName: 'Громова Алёна' }),
      weight({ fullName: 'Громова Алёна', ...contacts }),
      weight({}),
      weight(contacts),
    ]
    expect(order).toEqual(order.toSorted((a, b) => a - b))
    expect(new Set(order).size).toBe(order.length)
  })
})

describe('a hint', () => {
  it('is a patronymic that one of them lacks, born the same day', () => {
    expect(signs({}, { fullName: 'Алена Громова' })).toEqual(['words_missing'])
    expect(signs({}, { fullName: 'Алена Громова', birthDate: '1988-04-13' })).toEqual([])
  })

  it('is a typo, a swap of letters, a missing space, born the same day', () => {
    for (const fullName of [
      'Громва Алёна Игоревна',
      'Гормова Алёна Игоревна',
      'Громова Алёна Игорвна',
      'Громова Алёна Егоровна',
      'Громова АлёнаИгоревна',
      'Кромова Алина Игоревна',
      'Громва Алёна',
    ])
      expect(signs({}, { fullName }), fullName).toEqual(['typo'])
    expect(signs({}, { fullName: 'Громва Алёна Игоревна', birthDate: '1990-01-01' })).toEqual([])
  })

  it('is not another first name: Глеб isn’t Борис, Ян isn’t Лев', () => {
    const differ = [
      ['Орлов Глеб Ильич', 'Орлов Борис Ильич'],
      ['Орлов Ян Ильич', 'Орлов Лев Ильич'],
      ['Орлова Ася Ильинична', 'Орлова Яна Ильинична'],
      ['Громова Алёна Игоревна', 'Громова Светлана Игоревна'],
    ] as const
    for (const [a, b] of differ) expect(signs({ fullName: a }, { fullName: b }), b).toEqual([])
  })

  it('is Мария beside Марина, Иван beside Ивана: alike, and yet other people', () => {
    for (const [a, b] of [
      ['Орлова Мария Ильинична', 'Орлова Марина Ильинична'],
      ['Орлов Иван Ильич', 'Орлов Ивана Ильич'],
    ] as const)
      expect(likeness(someone({ fullName: a }), someone({ fullName: b }))).toMatchObject({
        certain: false,
        signs: ['typo'],
      })
  })

  it('is the same name with one other digit in the date, or with day and month swapped', () => {
    for (const birthDate of ['1988-04-13', '1989-04-12', '1988-12-04'])
      expect(signs({}, { birthDate }), birthDate).toEqual(['date'])
    for (const birthDate of ['1989-04-13', '1988-05-21']) expect(signs({}, { birthDate })).toEqual([])
  })

  it('is a shared phone or e-mail, and a missing one is shared by nobody', () => {
    const child = { fullName: 'Громов Матвей Олегович', birthDate: '2017-09-01' }
    const contacts = { phone: '+79100000001', email: 'one@reader.test' }
    expect(signs(contacts, { ...child, phone: contacts.phone })).toEqual(['phone'])
    expect(signs(contacts, { ...child, email: contacts.email })).toEqual(['email'])
    expect(signs({}, child)).toEqual([])
  })

  it('is a new surname with the old phone, born the same day', () => {
    const contacts = { phone: '+79100000001' }
    expect(signs(contacts, { ...contacts, fullName: 'Одинцова Алёна Игоревна' })).toEqual([
      'birth_date',
      'phone',
    ])
  })
})

describe('the edits between two words', () => {
  const word = fc.stringMatching(/^[а-е]{0,6}$/)

  it('are none exactly between equal words, and as many either way', () => {
    fc.assert(
      fc.property(word, word, (a, b) => {
        expect(edits(a, b) === 0).toBe(a === b)
        expect(edits(a, b)).toBe(edits(b, a))
      }),
    )
  })

  it('are one for a letter more, less or other, and for two neighbours swapped', () => {
    fc.assert(
      fc.property(word, fc.nat(6), fc.constantFrom('я', 'ю'), (base, place, letter) => {
        const cut = place % (base.length + 1)
        const [head, tail] = [base.slice(0, cut), base.slice(cut)]
        expect(edits(base, head + letter + tail)).toBe(1)
        if (tail) expect(edits(base, head + letter + tail.slice(1))).toBe(1)
        expect(edits(`${head}ъь${tail}`, `${head}ьъ${tail}`)).toBe(1)
      }),
    )
  })
})

describe('near dates', () => {
  it('are near from either side, and no date is near itself', () => {
    fc.assert(
      fc.property(date, date, (a, b) => {
        expect(nearDates(a, b)).toBe(nearDates(b, a))
        expect(nearDates(a, a)).toBe(false)
      }),
    )
  })
})
