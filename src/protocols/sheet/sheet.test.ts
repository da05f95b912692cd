import { buffer } from 'node:stream/consumers'
import { CFB, utils, write } from '@e965/xlsx'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { zipBytes } from '../zip/write-zip.ts'
import { columnLetters, cellPlace, serialDay } from './cells.ts'
import { csvRow, readCsv } from './csv.ts'
import { readSheet } from './read-sheet.ts'
import { encodeWindows1251 } from './text-encoding.ts'
import { writeXlsx } from './xlsx-write.ts'

const utf8 = (text: string) => new TextEncoder().encode(text)
const rowsOf = async (bytes: Uint8Array) => (await readSheet(bytes)).rows.map(({ cells }) => cells)

/** Texts as cells hold them: trimmed, and not empty at a row's end. */
const text = fc
  .string({ unit: 'grapheme', maxLength: 30 })
  .map((each) => each.replaceAll('\r', '').trim())
  .filter((each) => each === each.trim())
const table = fc.array(
  fc.tuple(fc.array(text, { maxLength: 5 }), text.filter(Boolean)).map(([cells, last]) => [...cells, last]),
  { minLength: 1, maxLength: 10 },
)

describe('a table as CSV', () => {
  it('comes back as it was written, quotes, line ends and formulas among its texts', () => {
    fc.assert(
      fc.property(table, (rows) => {
        const read = readCsv(`\uFEFFsep=;\r\n${rows.map(csvRow).join('')}`)
        expect(read.map(({ cells }) => cells)).toEqual(rows)
      }),
    )
  })

  it('has no cell that a spreadsheet would take for a formula', () => {
    for (const evil of ['=1+1', '+7910', '-2', '@SUM(A1)', '\t=1', '\r=1'])
      expect(csvRow([evil])).toMatch(/^"?'/)
  })

  it('is taken apart by whatever sign its first lines have most', async () => {
    for (const sign of [';', ',', '\t', '|'])
      expect(await rowsOf(utf8(`ФИО${sign}Дата\nИванов${sign}"05.03${sign}x"\n`))).toEqual([
        ['ФИО', 'Дата'],
        ['Иванов', `05.03${sign}x`],
      ])
  })

  it('is read in windows-1251, UTF-8 and UTF-16', async () => {
    const plain = 'ФИО;Дата\nЁжиков;1\n'
    const utf16 = new Uint8Array(Buffer.from(`\uFEFF${plain}`, 'utf16le'))
    for (const bytes of [utf8(plain), utf8(`\uFEFF${plain}`), encodeWindows1251(plain), utf16])
      expect(await rowsOf(bytes)).toEqual([
        ['ФИО', 'Дата'],
        ['Ёжиков', '1'],
      ])
  })

  it('numbers its rows as people count lines, empty ones and those within a cell among them', () => {
    const rows = readCsv('а;б\n\n"в\nг";д\nе;ж')
    expect(rows.map(({ number }) => number)).toEqual([1, 3, 5])
  })

  it('with a quote that is never closed is refused', async () => {
    await expect(readSheet(utf8('а;б\n"в;г\nд;е'))).rejects.toMatchObject({ code: 'damaged' })
  })
})

describe('a workbook', () => {
  it('comes back as it was written', async () => {
    await fc.assert(
      fc.asyncProperty(table, async (rows) => {
        const plain = rows.map((cells) =>
          cells.map((each) => each.replace(/\p{Cc}|\p{Cs}|[\uFFFE\uFFFF]/gu, '').trim()),
        )
        const full = plain.filter((cells) => cells.at(-1) !== '')
        fc.pre(full.length > 0)
        expect(await rowsOf(await buffer(writeXlsx('Лист', full)))).toEqual(full)
      }),
      { numRuns: 40 },
    )
  })

  /** A workbook as spreadsheets write it: shared strings, styles, sparse cells. */
  const workbook = (sheet: string, more: Record<string, string> = {}) =>
    zipBytes(
      Object.entries({
        'xl/workbook.xml':
          '<workbook><sheets><sheet name="скрыт" state="hidden" r:id="r0"/><sheet name="a" r:id="r1"/></sheets></workbook>',
        'xl/_rels/workbook.xml.rels':
          '<Relationships><Relationship Id="r0" Target="worksheets/none.xml"/><Relationship Id="r1" Target="worksheets/sheet1.xml"/></Relationships>',
        'xl/sharedStrings.xml':
          '<sst><si><t>ФИО</t></si><si><r><t>Ива</t></r><r><t>нов</t></r><rPh><t>нет</t></rPh></si></sst>',
        'xl/styles.xml':
          '<styleSheet><numFmts><numFmt numFmtId="164" formatCode="dd\\.mm\\.yyyy"/></numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/></cellXfs></styleSheet>',
        'xl/worksheets/sheet1.xml': `<worksheet><sheetData>${sheet}</sheetData></worksheet>`,
        ...more,
      }).map(([name, xml]) => ({ name, bytes: utf8(xml) })),
    )

  it('gives what a person sees: shared texts, days, long numbers, cells in their columns', async () => {
    const bytes = await workbook(
      '<row r="2"><c r="A2" t="s"><v>0</v></c><c r="C2" t="inlineStr"><is><t>Дата</t></is></c></row>' +
        '<row r="5"><c r="A5" t="s"><v>1</v></c><c r="C5" s="1"><v>39877</v></c><c r="D5" s="2"><v>39877.5</v></c>' +
        '<c r="E5"><v>79101234567</v></c><c r="F5"><v>2.001E12</v></c><c r="G5" t="str"><f>1+1</f><v>итог</v></c></row>',
    )
    const { rows } = await readSheet(bytes)
    expect(rows).toEqual([
      { number: 2, cells: ['ФИО', '', 'Дата'] },
      {
        number: 5,
        cells: ['Иванов', '', '2009-03-05', '2009-03-05', '79101234567', '2001000000000', 'итог'],
      },
    ])
  })

  it('that is broken, a bomb, or no workbook at all is refused', async () => {
    const bomb = await zipBytes([{ name: 'xl/workbook.xml', bytes: new Uint8Array(30_000_000) }])
    const whole = await workbook('<row r="1"><c r="A1"><v>1</v></c></row>')
    const cases: [Uint8Array, string][] = [
      [bomb, 'bomb'],
      [whole.subarray(0, whole.length - 40), 'damaged'],
      [await zipBytes([{ name: 'word/document.xml', bytes: utf8('<w/>') }]), 'damaged'],
      [Uint8Array.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]), 'damaged'],
      [utf8('%PDF-1.7'), 'unknown_format'],
      [utf8('{\\rtf1 a'), 'unknown_format'],
      [utf8('<html><table>'), 'unknown_format'],
      [Uint8Array.from([1, 0, 2, 0]), 'unknown_format'],
      [new Uint8Array(0), 'empty'],
      [utf8('\n\n;;\n'), 'empty'],
      [new Uint8Array(17 * 1024 * 1024).fill(0x61), 'too_large'],
    ]
    for (const [bytes, code] of cases) await expect(readSheet(bytes), code).rejects.toMatchObject({ code })
  })

  it('of before 2007 is read as a newer one is; one behind a password or a letter of Word is refused', async () => {
    const sheet = utils.aoa_to_sheet([['ФИО', 'Дата', 'Телефон'], [], ['Ёжиков', 39_877, 79_101_234_567]])
    sheet['B3'] = { t: 'n', v: 39_877, z: 'dd.mm.yyyy' }
    const book = utils.book_new(sheet, 'Лист')
    const bytes = new Uint8Array(write(book, { type: 'array', bookType: 'biff8' }) as ArrayBuffer)
    expect(await readSheet(bytes)).toEqual({
      format: 'xls',
      rows: [
        { number: 1, cells: ['ФИО', 'Дата', 'Телефон'] },
        { number: 3, cells: ['Ёжиков', '2009-03-05', '79101234567'] },
      ],
      sure: true,
    })
    for (const [stream, code] of [
      ['EncryptedPackage', 'encrypted'],
      ['WordDocument', 'unknown_format'],
    ] as const) {
      const container = CFB.utils.cfb_new()
      CFB.utils.cfb_add(container, stream, Buffer.alloc(5000))
      const packed = new Uint8Array(CFB.write(container, { type: 'buffer' }) as Buffer)
      await expect(readSheet(packed), stream).rejects.toMatchObject({ code })
    }
  })

  it('has empty cells at a line’s end without number, and none beyond the last column', async () => {
    expect(await rowsOf(utf8(`a;b${';'.repeat(1_000_000)}\nв;г\n`))).toEqual([
      ['a', 'b'],
      ['в', 'г'],
    ])
    await expect(readSheet(utf8(`a;b${';'.repeat(1_000_000)}в\n`))).rejects.toMatchObject({
      code: 'too_large',
    })
  })

  it('of more rows or columns than a list may have is refused', async () => {
    await expect(readSheet(utf8('a;b\n'.repeat(20_002)))).rejects.toMatchObject({ code: 'too_large' })
    await expect(readSheet(utf8(`${'a;'.repeat(101)}b`))).rejects.toMatchObject({ code: 'too_large' })
  })
})

describe('places and days of a sheet', () => {
  it('columns have letters', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 16_000 }), (column) => {
        expect(cellPlace(`${columnLetters(column)}7`)).toEqual({ column, row: 6 })
      }),
    )
    expect(cellPlace('AA1')).toEqual({ column: 26, row: 0 })
  })

  it('day 1 is 1 January 1900, 61 is 1 March, and the other calendar begins in 1904', () => {
    expect([serialDay(1, false), serialDay(61, false), serialDay(39_877, false)]).toEqual([
      '1900-01-01',
      '1900-03-01',
      '2009-03-05',
    ])
    expect(serialDay(38_415, true)).toBe('2009-03-05')
  })
})
