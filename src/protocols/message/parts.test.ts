import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { smsParts } from './parts.ts'

describe('the parts of an SMS', () => {
  it.each([
    ['', 1],
    ['п'.repeat(70), 1],
    ['п'.repeat(71), 2],
    ['п'.repeat(134), 2],
    ['п'.repeat(135), 3],
    ['a'.repeat(160), 1],
    ['a'.repeat(161), 2],
    ['a'.repeat(306), 2],
    ['a'.repeat(307), 3],
    // One letter beyond the GSM alphabet makes the whole text UCS-2.
    [`${'a'.repeat(70)}ё`, 2],
    // A sign of the extension table takes two septets, and isn't cut in two.
    ['€'.repeat(80), 1],
    ['€'.repeat(81), 2],
    [`${'a'.repeat(152)}€${'a'.repeat(152)}`, 3],
    // Beyond the BMP: two units of UCS-2, of which a part of several holds 33.
    ['😀'.repeat(35), 1],
    ['😀'.repeat(66), 2],
    ['😀'.repeat(67), 3],
  ])('%j takes %i', (text, parts) => {
    expect(smsParts(text)).toBe(parts)
  })

  it('are never fewer for a longer text, and never more than one for each sign', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 400 }), fc.string({ maxLength: 50 }), (a, b) => {
        expect(smsParts(a + b)).toBeGreaterThanOrEqual(smsParts(a))
        expect(smsParts(a)).toBeLessThanOrEqual(Math.max(1, a.length))
      }),
    )
  })
})
