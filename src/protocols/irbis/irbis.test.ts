import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { writeIso2709 } from '../iso2709/iso2709.ts'
import { encodeWindows1251 } from '../sheet/text-encoding.ts'
import { irbisFormat, readReaderBase } from './readers.ts'
import { readIrbisText, writeIrbisText } from './text-form.ts'

const field = fc.record({
  tag: fc.integer({ min: 1, max: 9999 }).map(String),
  value: fc
    .string({ unit: 'grapheme', maxLength: 40 })
    .map((text) => text.replace(/[\r\n\u2028\u2029\u0085\uFEFF]/g, '')),
})
const records = fc.array(fc.array(field, { minLength: 1, maxLength: 6 }), { maxLength: 6 })

describe('the text form of ИРБИС', () => {
  it('gives back every record that was written', () => {
    fc.assert(
      fc.property(records, (written) => {
        const read = [...readIrbisText(written.map(writeIrbisText).join(''))]
        expect(read.map(({ fields }) => fields)).toEqual(written)
        expect(read.every(({ fault }) => fault === undefined)).toBe(true)
      }),
    )
  })

  it('is free in spaces, leading zeros and line ends', () => {
    for (const line of ['#10: Иванов', '# 10: Иванов', '#010:Иванов'])
      expect([...readIrbisText(`\uFEFF${line}\n*****\n`)][0]?.fields).toEqual([
        { tag: '10', value: 'Иванов' },
      ])
  })

  it('names a broken record by its place and line, and goes on', () => {
    const read = [...readIrbisText('#10: А\n*****\nчепуха\n#10: Б\n*****\n#10: В\n*****\n#10: Г')]
    expect(read.map(({ place, line, fault }) => [place, line, fault])).toEqual([
      [1, 1, undefined],
      [2, 3, 'line'],
      [3, 6, undefined],
      [4, 8, 'cut_off'],
    ])
  })
})

describe('a base of readers out of ИРБИС', () => {
  const text = [
    '#10: ^AИванова',
    '#11: Анна',
    '#17: ',
    '#17: ^A+79101234567^Bдом',
    '#30: 77',
    '#40: ^Aкнига',
    '*****',
  ].join('\r\n')

  it('is a table with a column per field that was asked for, and nothing else', () => {
    for (const [bytes, encoding] of [
      [new TextEncoder().encode(text), undefined],
      [encodeWindows1251(text), 'windows-1251'],
    ] as const)
      expect(readReaderBase(bytes, undefined, encoding)).toEqual({
        format: 'irbis_text',
        header: ['10', '11', '12', '21', '17', '32', '30'],
        rows: [{ number: 1, cells: ['Иванова', 'Анна', '', '', '+79101234567', '', '77'] }],
        broken: [],
        sure: true,
      })
  })

  it('is in doubt where its text may as well be in another encoding, until somebody names one', () => {
    const bytes = encodeWindows1251(
      text.replace('Анна', 'АННА').replace('Иванова', 'ИВАНОВА').replaceAll(/[а-я]/g, ''),
    )
    expect(readReaderBase(bytes).sure).toBe(false)
    expect(readReaderBase(bytes, undefined, 'windows-1251')).toMatchObject({
      rows: [{ cells: ['ИВАНОВА', 'АННА', '', '', '+79101234567', '', '77'] }],
      sure: true,
    })
  })

  it('that tells its encoding by itself is read in that, whatever was named for an earlier one', () => {
    for (const encoding of ['windows-1251', 'koi8-r'] as const)
      expect(readReaderBase(Buffer.from(text), undefined, encoding)).toEqual(
        readReaderBase(Buffer.from(text)),
      )
  })

  it('is the same out of ISO 2709, in either encoding', () => {
    const record = {
      fields: [
        { tag: '010', value: '\u001fAИванова' },
        { tag: '017', value: '\u001fA+79101234567\u001fBдом' },
        { tag: '030', value: '77' },
      ],
    }
    for (const encode of [encodeWindows1251, (each: string) => new TextEncoder().encode(each)]) {
      const bytes = writeIso2709(record, encode)
      expect(irbisFormat(bytes)).toBe('iso2709')
      expect(readReaderBase(bytes, ['10', '17^B', '30']).rows).toEqual([
        { number: 1, cells: ['Иванова', 'дом', '77'] },
      ])
    }
  })

  it('isn’t seen in a table', () => {
    expect(irbisFormat(new TextEncoder().encode('ФИО;Дата\nИванов;1'))).toBeUndefined()
    expect(irbisFormat(new TextEncoder().encode('12345;67\n'))).toBeUndefined()
  })
})
