import fc from 'fast-check'
import { expect, it } from 'vitest'
import { countNumber, wholeNumber } from './form-fields.ts'

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
