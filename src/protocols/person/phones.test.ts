import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { phoneE164 } from '../../core/readers/contacts.ts'
import { glanceAtPhone, tidyPhone } from './phones.ts'

const digits = (count: number) =>
  fc.array(fc.integer({ min: 0, max: 9 }), { minLength: count, maxLength: count })
/** A Russian mobile number without its country. */
const mobile = digits(9).map((rest) => `9${rest.join('')}`)
const groups = (number: string) =>
  [number.slice(0, 3), number.slice(3, 6), number.slice(6, 8), number.slice(8)] as const

describe('a phone', () => {
  it('in every spelling becomes one number, the same at a glance as by the tables', () => {
    fc.assert(
      fc.property(mobile, (number) => {
        const [code, a, b, c] = groups(number)
        for (const typed of [
          number,
          `8${number}`,
          `7${number}`,
          `+7${number}`,
          `+8${number}`,
          `8 (${code}) ${a}-${b}-${c}`,
          `+7 ${code} ${a} ${b} ${c}`,
          `8-${code}-${a}-${b}-${c}`,
          `8.${code}.${a}.${b}.${c}`,
          `+7(${code})${a}–${b}–${c}`,
          `тел. 8 ${code} ${a}-${b}-${c} (мама)`,
          `8 ${code} ${a} ${b} ${c} доб. 123`,
          ` ${number}\u00a0`,
        ]) {
          expect(phoneE164(typed), typed).toBe(`+7${number}`)
          expect(glanceAtPhone(typed), typed).toEqual({ e164: `+7${number}` })
        }
      }),
    )
  })

  it('that the tables take is never refused at a glance', () => {
    const country = fc.constantFrom(
      '7',
      '7',
      '375',
      '380',
      '998',
      '996',
      '992',
      '374',
      '995',
      '49',
      '1',
      '86',
      '972',
    )
    const typed = fc.oneof(
      fc.string(),
      fc.stringMatching(/^[+0-9() -]{0,20}$/),
      fc
        .tuple(country, fc.integer({ min: 6, max: 12 }).chain(digits))
        .map(([code, rest]) => `+${code} ${rest.join('')}`),
      fc.tuple(fc.constantFrom('', '7', '8', '+7'), digits(10)).map(([code, rest]) => code + rest.join('')),
    )
    fc.assert(
      fc.property(typed, (text) => {
        const number = phoneE164(text)
        if (number === undefined) return
        const glance = glanceAtPhone(text)
        if (glance !== 'perhaps') expect(glance).toEqual({ e164: number })
        expect(phoneE164(number)).toBe(number)
      }),
      { numRuns: 2000 },
    )
  })

  it('of another country is taken with its plus', () => {
    expect(phoneE164('+375 29 123-45-67')).toBe('+375291234567')
    expect(phoneE164('+998 90 123 45 67')).toBe('+998901234567')
    expect(phoneE164('00 7 910 123-45-67')).toBe('+79101234567')
    expect(glanceAtPhone('+375 29 123-45-67')).toBe('perhaps')
  })

  it.each([
    ['12', 'phone_short'],
    ['2-34-56', 'phone_short'],
    ['8 910 123-45-6', 'phone_short'],
    ['нет телефона', 'phone_unreadable'],
    ['8 910 123-45-678', 'phone_unreadable'],
    ['8 910 123-45-67, 8 920 123-45-67', 'phone_several'],
    ['4-96-12 4-96-15', 'phone_several'],
    ['9-50-12\n9-50-13', 'phone_several'],
    ['+7 4-96-12, 4-96-15', 'phone_several'],
  ])('%s is %s', (typed, fault) => {
    expect(glanceAtPhone(typed)).toEqual({ fault })
    expect(phoneE164(typed)).toBeUndefined()
  })

  it('with the letter О for zero is read', () => {
    expect(tidyPhone('8 91О 123-О5-67')).toBe('89101230567')
  })
})
