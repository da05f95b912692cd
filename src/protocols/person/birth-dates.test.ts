import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  ageOn,
  birthDateBeyond,
  birthDateDoubtful,
  dottedDate,
  isCalendarDate,
  readBirthDate,
} from './birth-dates.ts'

const date = fc
  .date({ min: new Date('1890-01-01'), max: new Date('2100-01-01'), noInvalidDate: true })
  .map((moment) => moment.toISOString().slice(0, 10))
const inWords = [
  'января',
  'февраля',
  'марта',
  'апреля',
  'мая',
  'июня',
  'июля',
  'августа',
  'сентября',
  'октября',
  'ноября',
  'декабря',
]

describe('a birth date', () => {
  it('is read in every spelling, and shown as it is typed', () => {
    fc.assert(
      fc.property(date, (birth) => {
        const [year = '', month = '', day = ''] = birth.split('-')
        const [d, m] = [Number(day), Number(month)]
        for (const typed of [
          birth,
          dottedDate(birth),
          `${d}.${m}.${year}`,
          `${d}/${m}/${year} г.`,
          `${day} ${month} ${year}`,
          ` ${day}, ${month}, ${year} `,
          `${day}${month}${year}`,
          `${d} ${inWords[m - 1]} ${year} года`,
          `«${day}» ${inWords[m - 1]} ${year} г. р.`,
          `${d}.${inWords[m - 1]}.${year}`,
          `${year}.${m}.${d}`,
          `${birth} 00:00:00`,
        ])
          expect(readBirthDate(typed)).toBe(birth)
        expect(dottedDate(birth)).toMatch(/^\d\d\.\d\d\.\d{4}$/)
      }),
    )
  })

  it('has a month that is that month, or its beginning of three letters and more', () => {
    for (const month of ['мар', 'март', 'марта', 'марта.'])
      expect(readBirthDate(`5 ${month} 2014`)).toBe('2014-03-05')
    for (const month of ['май', 'мая']) expect(readBirthDate(`5 ${month} 2014`)).toBe('2014-05-05')
    for (const month of ['мартабря', 'ма', 'м', 'июнь!', 'мартт', 'юля'])
      expect(readBirthDate(`5 ${month} 2014`)).toEqual({ fault: 'birth_date_unreadable' })
  })

  it('whatever is typed, is a day of the calendar or a fault', () => {
    const anything = fc.oneof(fc.string(), fc.stringMatching(/^[0-9./ -]{0,12}$/))
    fc.assert(
      fc.property(anything, (typed) => {
        const read = readBirthDate(typed)
        if (typeof read === 'string') expect(isCalendarDate(read)).toBe(true)
        else expect(read.fault).toMatch(/^birth_date_(missing|unreadable|year)$/)
      }),
    )
  })

  it.each([
    ['', 'birth_date_missing'],
    ['30.02.2001', 'birth_date_unreadable'],
    ['29.02.1900', 'birth_date_unreadable'],
    ['31.12', 'birth_date_unreadable'],
    ['вчера', 'birth_date_unreadable'],
    ['05.03.09', 'birth_date_year'],
    ['050309', 'birth_date_year'],
  ])('%j is %s', (typed, fault) => {
    expect(readBirthDate(typed)).toEqual({ fault })
  })

  it('lies neither in the future nor more than 120 years back', () => {
    const today = '2026-11-24'
    expect(birthDateBeyond('2026-11-25', today)).toBe('future')
    expect(birthDateBeyond(today, today)).toBeUndefined()
    expect(birthDateBeyond('1905-11-25', today)).toBeUndefined()
    expect(birthDateBeyond('1905-11-24', today)).toBe('old')
  })

  it('of a baby or of somebody over a hundred is asked about', () => {
    const doubtful = (birth: string) => birthDateDoubtful(birth, '2026-11-24')
    expect(['2023-11-25', '1925-11-24'].map(doubtful)).toEqual([true, true])
    expect(['2023-11-24', '1925-11-25', '1990-01-01'].map(doubtful)).toEqual([false, false, false])
  })

  it('makes nobody older before the day', () => {
    fc.assert(
      fc.property(date, date, (birth, day) => {
        fc.pre(birth <= day)
        const age = ageOn(birth, day)
        expect(age).toBeGreaterThanOrEqual(0)
        const whole = Number(day.slice(0, 4)) - Number(birth.slice(0, 4))
        expect([whole, whole - 1]).toContain(age)
      }),
    )
  })
})
