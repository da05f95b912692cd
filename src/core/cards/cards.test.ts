import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { typedCardNumber } from '#protocols/card/reading.ts'
import { cardNumber, ean13CheckDigit, isEan13, spacedCardNumber, symbologyOf } from './cards.ts'

const libraryCode = fc.integer({ min: 0, max: 999 }).map((code) => String(code).padStart(3, '0'))
const serial = fc.integer({ min: 1, max: 99_999_999 })

describe('a card number', () => {
  it('has the check digit of published EAN-13 examples', () => {
    // GS1 General Specifications, and two books from a shelf.
    for (const number of ['4006381333931', '9785170800117', '9783161484100', '5901234123457']) {
      expect(ean13CheckDigit(number.slice(0, 12))).toBe(number[12])
    }
  })

  it('is 13 digits that begin with 2 and check out', () => {
    fc.assert(
      fc.property(libraryCode, serial, (code, count) => {
        const number = cardNumber(code, count)
        expect(number).toMatch(/^2\d{12}$/)
        expect(isEan13(number)).toBe(true)
      }),
    )
  })

  it('differs for different serials', () => {
    fc.assert(
      fc.property(libraryCode, libraryCode, serial, serial, (codeA, codeB, a, b) => {
        fc.pre(a !== b)
        expect(cardNumber(codeA, a)).not.toBe(cardNumber(codeB, b))
      }),
    )
  })

  it('shows any single mistyped digit and most swaps of neighbours', () => {
    fc.assert(
      fc.property(
        libraryCode,
        serial,
        fc.nat(12),
        fc.integer({ min: 1, max: 9 }),
        (code, count, place, shift) => {
          const digits = [...cardNumber(code, count)]
          digits[place] = String((Number(digits[place]) + shift) % 10)
          expect(isEan13(digits.join(''))).toBe(false)
        },
      ),
    )
  })

  it('is the same however its groups were spaced', () => {
    fc.assert(
      fc.property(libraryCode, serial, (code, count) => {
        const number = cardNumber(code, count)
        expect(typedCardNumber(` ${spacedCardNumber(number)} `)).toBe(number)
        expect(typedCardNumber(number.replace(/(\d{4})/g, '$1-'))).toBe(number)
      }),
    )
  })
})

describe('what a number is printed as', () => {
  it('is EAN-13 where it is one that scanners give back whole, else Code 128', () => {
    expect(symbologyOf('2001000000123')).toBe('code128')
    expect(symbologyOf(cardNumber('001', 12))).toBe('ean13')
    expect(symbologyOf('0036000291452')).toBe('code128')
    expect(symbologyOf('12345678')).toBe('code128')
    expect(symbologyOf('KO00000000123')).toBe('code128')
  })

  it('stands in groups of four where the region numbers in its own way', () => {
    expect(spacedCardNumber('440010001236')).toBe('4400 1000 1236')
    expect(spacedCardNumber('12345')).toBe('12345')
    expect(spacedCardNumber('KO000123')).toBe('KO 0001 23')
    expect(spacedCardNumber('2001ABC')).toBe('2001ABC')
  })
})
