import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  checkDigit,
  checkKinds,
  checksOut,
  luhnCheckDigit,
  mod10CheckDigit,
  mod37CheckCharacter,
} from './check-digits.ts'
import type { CardScheme } from './scheme.ts'
import {
  ean13Scheme,
  isCardNumber,
  longestNumber,
  looksMistyped,
  numberLength,
  numberOf,
  numberRange,
} from './scheme.ts'

const code = fc.integer({ min: 0, max: 999 }).map((value) => String(value).padStart(3, '0'))
const digits = (most: number) => fc.stringMatching(new RegExp(`^\\d{0,${most}}$`))
const parts = { libraryCode: fc.boolean(), serialDigits: fc.integer({ min: 4, max: 8 }) }
const scheme: fc.Arbitrary<CardScheme> = fc.oneof(
  fc.record({ ...parts, prefix: digits(4), check: fc.constantFrom(...checkKinds) }),
  fc.record({
    ...parts,
    prefix: fc.stringMatching(/^[0-9A-Z]{0,4}$/),
    check: fc.constantFrom('mod37' as const, 'none' as const),
  }),
)

describe('check digits', () => {
  it('are those of published GS1 numbers of every length', () => {
    // EAN-13, EAN-8, UPC-A, GTIN-14 and SSCC as GS1 and manufacturers publish them.
    for (const number of [
      '4006381333931',
      '96385074',
      '036000291452',
      '00012345600012',
      '106141411234567897',
    ])
      expect(mod10CheckDigit(number.slice(0, -1)), number).toBe(number.at(-1))
  })

  it('are those of published Luhn numbers', () => {
    // ISO/IEC 7812's example, test numbers of payment systems, an IMEI from its own specification.
    for (const number of ['79927398713', '4111111111111111', '5555555555554444', '490154203237518'])
      expect(luhnCheckDigit(number.slice(0, -1)), number).toBe(number.at(-1))
  })

  it('are those of published ISO 7064 MOD 37,36 numbers, letters and all', () => {
    // IFPI's GRid standard, and both check characters of a film's ISAN (its root, then the whole).
    for (const number of ['A12425GABC1234002M', '00000000D07A0090Q', '00000000D07A009000000000X'])
      expect(mod37CheckCharacter(number.slice(0, -1)), number).toBe(number.at(-1))
  })

  it('show any single mistyped sign where letters are checked', () => {
    const signs = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ'
    const payload = fc.stringMatching(/^[0-9A-Z]{3,15}$/)
    fc.assert(
      fc.property(payload, fc.nat(), fc.integer({ min: 1, max: 35 }), (text, at, shift) => {
        const typed = [...(text + mod37CheckCharacter(text))]
        const place = at % typed.length
        typed[place] = signs[(signs.indexOf(typed[place] ?? '') + shift) % 36] ?? ''
        expect(checksOut('mod37', typed.join(''))).toBe(false)
      }),
    )
  })

  it('of digits alone fit no number with a letter in it', () => {
    for (const kind of ['ean13', 'mod10', 'luhn'] as const)
      expect(checksOut(kind, 'KO1234567891')).toBe(false)
  })

  it('show any single mistyped digit', () => {
    const number = fc.stringMatching(/^\d{3,15}$/)
    const kind = fc.constantFrom('mod10' as const, 'luhn' as const)
    fc.assert(
      fc.property(number, kind, fc.nat(), fc.integer({ min: 1, max: 9 }), (payload, check, at, shift) => {
        const signs = [...(payload + checkDigit(check, payload))]
        const place = at % signs.length
        signs[place] = String((Number(signs[place]) + shift) % 10)
        expect(checksOut(check, signs.join(''))).toBe(false)
      }),
    )
  })
})

describe('a numbering scheme', () => {
  it('gives numbers of one length that check out', () => {
    fc.assert(
      fc.property(scheme, code, fc.integer({ min: 1, max: 9999 }), (each, library, serial) => {
        const number = numberOf(each, library, serial) ?? ''
        expect(number).toHaveLength(numberLength(each))
        expect(checksOut(each.check, number)).toBe(true)
        expect(looksMistyped(each, number)).toBe(false)
        expect(isCardNumber(number)).toBe(number.length <= longestNumber)
      }),
    )
  })

  it('gives two serials two numbers, of whatever libraries they are', () => {
    fc.assert(
      fc.property(
        scheme,
        code,
        code,
        fc.uniqueArray(fc.integer({ min: 1, max: 9999 }), { minLength: 2, maxLength: 2 }),
        (each, a, b, [first = 0, second = 0]) => {
          expect(numberOf(each, a, first)).not.toBe(numberOf(each, b, second))
        },
      ),
    )
  })

  it('ends with the serial that has one digit more', () => {
    const short: CardScheme = { prefix: '', libraryCode: false, serialDigits: 4, check: 'none' }
    expect(numberOf(short, '001', 9999)).toBe('9999')
    expect(numberOf(short, '001', 10_000)).toBeUndefined()
  })

  it('knows a misread number of its own from one of another kind', () => {
    const number = numberOf(ean13Scheme, '002', 17) ?? ''
    const misread = number.replace(/.$/, (last) => String((Number(last) + 1) % 10))
    expect(looksMistyped(ean13Scheme, misread)).toBe(true)
    expect(looksMistyped(ean13Scheme, '123456')).toBe(false)
  })
})

describe('a range of numbers', () => {
  it('begins with the first, ends with the last, and each one checks out', () => {
    const kind = fc.oneof(
      fc.record({ check: fc.constantFrom(...checkKinds), head: fc.constant('') }),
      fc.record({
        check: fc.constantFrom('mod37' as const, 'none' as const),
        head: fc.stringMatching(/^[0-9A-Z]{0,6}$/),
      }),
    )
    fc.assert(
      fc.property(
        kind,
        fc.integer({ min: 0, max: 90_000 }),
        fc.integer({ min: 1, max: 50 }),
        ({ check, head }, from, size) => {
          const at = (value: number) => {
            const payload = head + String(value).padStart(12, '0')
            return payload + checkDigit(check, payload)
          }
          const range = numberRange(at(from), at(from + size - 1), check, 100) ?? []
          expect(range).toHaveLength(size)
          expect(range[0]).toBe(at(from))
          expect(range.at(-1)).toBe(at(from + size - 1))
          expect(range.every((number) => checksOut(check, number))).toBe(true)
        },
      ),
    )
  })

  it('is none when lengths, order, check digits or the size are wrong', () => {
    expect(numberRange('0010', '011', 'none', 100)).toBeUndefined()
    expect(numberRange('0020', '0010', 'none', 100)).toBeUndefined()
    expect(numberRange('0010', '0020', 'luhn', 100)).toBeUndefined()
    expect(numberRange('0010', '0110', 'none', 100)).toBeUndefined()
  })

  it('is none when letters differ, or nothing can be counted', () => {
    expect(numberRange('KO0010', 'KP0020', 'none', 100)).toBeUndefined()
    expect(numberRange('0010A', '0020A', 'none', 100)).toBeUndefined()
    expect(numberRange('A0010', 'A0012', 'none', 100)).toEqual(['A0010', 'A0011', 'A0012'])
  })
})
