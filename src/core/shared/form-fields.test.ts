import fc from 'fast-check'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { countNumber, wholeField, wholeNumber } from './form-fields.ts'

it('a number out of a form is one that the database’s integers can hold, or is refused', () => {
  const typed = fc.oneof(fc.integer(), fc.double(), fc.maxSafeInteger(), fc.bigInt(), fc.string()).map(String)
  const fits = (number: number, least: number) =>
    Number.isInteger(number) && number >= least && number <= 2 ** 31 - 1
  fc.assert(
    fc.property(typed, (text) => {
      for (const [field, least] of [
        [wholeNumber, 1],
        [countNumber, 0],
      ] as const) {
        const { data } = field.safeParse(text)
        expect(data === undefined || fits(data, least)).toBe(true)
      }
    }),
    { examples: [['2147483648'], ['1e300'], ['-1'], ['0.5']] },
  )
  expect([wholeNumber.parse('2147483647'), countNumber.parse('0')]).toEqual([2_147_483_647, 0])
})

it('only digits, with spaces between them, are a whole number; anything else gets the field’s own sentence', () => {
  const field = wholeField(0, 5000, 'card_count')
  expect(['7', ' 1 000 ', '1\u00a0000', '0012'].map((typed) => field.parse(typed))).toEqual([
    7, 1000, 1000, 12,
  ])
  for (const typed of ['1e3', '0x10', '+5', '-1', '1.0', '1,5', '٣', 'Infinity', '', ' ', '5001']) {
    const { error } = field.safeParse(typed)
    expect([typed, error?.issues[0]?.message]).toEqual([typed, 'card_count'])
  }
  expect(wholeNumber.safeParse('1e3').error?.issues[0]?.message).toBe('whole_number')
})

it('a whole number that may be left out is undefined without one', () => {
  const form = z.object({ version: wholeNumber.optional() })
  expect([form.parse({}), form.parse({ version: undefined }), form.parse({ version: '3' })]).toEqual([
    {},
    { version: undefined },
    { version: 3 },
  ])
})
