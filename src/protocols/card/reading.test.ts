import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readingsOf, typedCardNumber } from './reading.ts'

const number = fc.stringMatching(/^[0-9A-Z]{4,20}$/)
const latin = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'
/** What the same keys give under the Russian layout. */
const onTheKeys = 'ФИСВУАПРШОЛДЬТЩЗЙКЫЕГМЦЧНЯ'
/** Letters that Russian ones look like, or none. */
const lookAlike: Record<string, string> = {
  A: 'А',
  B: 'В',
  C: 'С',
  E: 'Е',
  H: 'Н',
  K: 'К',
  M: 'М',
  O: 'О',
  P: 'Р',
  T: 'Т',
  X: 'Х',
  Y: 'У',
}
const typedUnderRussian = (text: string) =>
  text.replace(/[A-Z]/g, (sign) => onTheKeys[latin.indexOf(sign)] ?? '')

describe('a typed card number', () => {
  it('is the same in either case, with whatever stands between its groups', () => {
    const between = fc.constantFrom(' ', '-', '–', ' - ', '/', '.', '')
    fc.assert(
      fc.property(number, fc.nat(), between, fc.boolean(), (each, at, sign, lower) => {
        const place = at % each.length
        const typed = each.slice(0, place) + sign + each.slice(place)
        expect(typedCardNumber(lower ? typed.toLowerCase() : typed)).toBe(each)
      }),
    )
    expect(typedCardNumber('№ ko-000 123')).toBe('KO000123')
  })

  it('that was typed or scanned under the Russian layout is among its readings', () => {
    fc.assert(
      fc.property(number, fc.boolean(), (each, lower) => {
        const typed = typedUnderRussian(each)
        expect(readingsOf(lower ? typed.toLowerCase() : typed)).toContain(each)
      }),
    )
  })

  it('that was typed in Russian letters for their look is among its readings, some of them Latin or all Russian', () => {
    const looking = fc.stringMatching(/^[0-9ABCEHKMOPTXY]{4,20}$/)
    fc.assert(
      fc.property(looking, fc.array(fc.boolean(), { minLength: 20, maxLength: 20 }), (each, russian) => {
        const typed = [...each]
          .map((sign, place) => (russian[place] ? (lookAlike[sign] ?? sign) : sign))
          .join('')
        expect(readingsOf(typed)).toContain(each)
      }),
    )
  })

  it('has two readings at most, and is left as it is where they differ or there is none', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[0-9A-ZА-Я]{1,20}$/), (typed) => {
        const readings = readingsOf(typed)
        expect(readings.length).toBeLessThanOrEqual(2)
        expect(typedCardNumber(typed)).toBe(readings.length === 1 ? readings[0] : typed)
      }),
    )
    expect(readingsOf('КО000123')).toEqual(['KO000123', 'RJ000123'])
    expect(typedCardNumber('ЛЩ000123')).toBe('KO000123')
    expect(typedCardNumber('ко-000123')).toBe('КО000123')
    expect(readingsOf('Ё123')).toEqual([])
  })
})
