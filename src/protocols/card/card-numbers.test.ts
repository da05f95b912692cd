import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkDigit, checkKinds, checksOut, luhnCheckDigit, mod10CheckDigit } from './check-digits.ts'
import type { CardScheme } from './scheme.ts'
import { ean13Scheme, looksMistyped, numberLength, numberOf, numberRange } from './scheme.ts'

const code = fc.integer({ min: 0, max: 999 }).map((value) => String(value).padStart(3, '0'))
const digits = (most: number) => fc.stringMatching(new RegExp(`^\\d{0,${most}}$`))
const scheme: fc.Arbitrary<CardScheme> = fc.record({
  prefix: digits(4),
  libraryCode: fc.boolean(),
  serialDigits: fc.integer({ min: 4, max: 8 }),
  check: fc.constantFrom('mod10', 'luhn', 'none'),
})

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
    const kind = fc.constantFrom(...checkKinds)
    fc.assert(
      fc.property(
        kind,
        fc.integer({ min: 0, max: 90_000 }),
        fc.integer({ min: 1, max: 50 }),
        (check, from, size) => {
          const at = (value: number) => {
            const payload = String(value).padStart(12, '0')
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
})
