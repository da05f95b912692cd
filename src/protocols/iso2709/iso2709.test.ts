import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeWindows1251 } from '../sheet/text-encoding.ts'
import type { Iso2709Record } from './iso2709.ts'
import { readIso2709, writeIso2709 } from './iso2709.ts'

/** Texts without the three marks of the format. */
const value = fc
  .string({ unit: 'grapheme', maxLength: 60 })
  .map((text) =>
    [...text].filter((sign) => !'\u001D\u001E\uFEFF'.includes(sign) && !/\p{Cs}/u.test(sign)).join(''),
  )
const tag = fc.stringMatching(/^\d{3}$/)
const record: fc.Arbitrary<Iso2709Record> = fc.record({
  fields: fc.array(fc.record({ tag, value }), { maxLength: 8 }),
})
const joined = (parts: readonly Uint8Array[]) => new Uint8Array(Buffer.concat(parts))

describe('ISO 2709', () => {
  it('gives back every record that was written', () => {
    fc.assert(
      fc.property(fc.array(record, { maxLength: 5 }), (records) => {
        const bytes = joined(records.map((each) => writeIso2709(each)))
        expect([...readIso2709(bytes, 'utf-8')].map((each) => each.record)).toEqual(records)
      }),
    )
  })

  it('reads windows-1251', () => {
    const fields = [{ tag: '010', value: 'Ёжикова' }]
    const bytes = writeIso2709({ fields }, encodeWindows1251)
    expect([...readIso2709(bytes, 'windows-1251')]).toEqual([{ place: 1, record: { fields } }])
  })

  it('names a broken record and goes on with the next', () => {
    const good = writeIso2709({ fields: [{ tag: '010', value: 'Иванов' }] })
    const length = good.with(4, (good[4] ?? 0) + 1)
    const directory = good.with(30, 0x78)
    const results = [...readIso2709(joined([good, length, directory, good, good.subarray(0, 30)]), 'utf-8')]
    expect(results.map(({ place, fault }) => [place, fault])).toEqual([
      [1, undefined],
      [2, 'leader'],
      [3, 'directory'],
      [4, undefined],
      [5, 'cut_off'],
    ])
  })

  it('passes over line ends between records, and inside them where lines were wrapped', () => {
    const fields = [{ tag: '010', value: 'Иванов'.repeat(20) }]
    const bytes = writeIso2709({ fields }, encodeWindows1251)
    const wrapped = joined(
      Array.from({ length: Math.ceil(bytes.length / 80) }, (_, line) =>
        joined([bytes.subarray(line * 80, line * 80 + 80), Uint8Array.of(13, 10)]),
      ),
    )
    const results = [...readIso2709(joined([wrapped, wrapped]), 'windows-1251')]
    expect(results.map((each) => each.record)).toEqual([{ fields }, { fields }])
  })

  it('never throws, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(() => [...readIso2709(bytes, 'utf-8')]).not.toThrow()
      }),
    )
  })
})
