import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { block, drawn, fileOf } from '../../../tests/support/marks.ts'
import { codesOn, greyAt, imagesOn, linesOf, pageCount, textOf } from '../../../tests/support/pdf.ts'
import { cardNumber, spacedCardNumber } from '../cards/cards.ts'
import { readMark } from '../cards/mark-picture.ts'
import { barcodeOf, qrModules } from './codes.ts'
import type { SlipFacts } from './slip.ts'
import { renderSlip } from './slip.ts'

const slip: SlipFacts = {
  origin: 'https://books.example',
  regionName: 'Костромская область',
  library: { name: 'Буйская районная библиотека', address: 'г. Буй', phone: '+7 494 000-00-02' },
  readerName: 'Смирнова Анна Петровна',
  cardNumber: cardNumber('002', 17),
  password: '8kpx963m',
  provider: {
    name: 'Внешняя библиотека',
    address: 'https://b.example',
    apps: [],
    instructions: '',
    number: '9001',
    password: 'Qq-1',
  },
  ownFund: true,
  printedOn: '2026-11-24',
}

describe('the slip', () => {
  it('carries name, number, password, the provider account and whom to ask', async () => {
    const text = textOf(await renderSlip(slip))
    for (const part of [
      slip.readerName,
      slip.password,
      '9001',
      'Qq-1',
      slip.library.phone,
      slip.origin,
      slip.library.name,
    ])
      expect(text).toContain(part)
    expect(text).toContain(slip.cardNumber)
    expect(text).toContain(spacedCardNumber(slip.cardNumber))
    expect(text).toContain('Никому не показывайте пароль')
  })

  it('has a barcode that reads as the card number and a QR code that opens the sign-in page, whatever the number', async () => {
    const numbers = fc.tuple(fc.integer({ min: 1, max: 999 }), fc.integer({ min: 1, max: 99_999_999 }))
    await fc.assert(
      fc.asyncProperty(numbers, async ([library, serial]) => {
        const number = cardNumber(String(library).padStart(3, '0'), serial)
        const codes = await codesOn(await renderSlip({ ...slip, cardNumber: number }))
        expect(codes).toContainEqual({ format: 'EAN13', text: number })
        expect(codes).toContainEqual({
          format: 'QRCode',
          text: `https://books.example/sign-in#card=${number}`,
        })
      }),
      { numRuns: 5 },
    )
  })

  it('never has the password in a code', async () => {
    for (const { text } of await codesOn(await renderSlip(slip))) expect(text).not.toContain(slip.password)
  })

  it('says where a new password comes from once the readable copy is gone', async () => {
    const text = textOf(await renderSlip({ ...slip, password: undefined, provider: undefined }))
    expect(text).toContain('Пароль уже показан; новый даст ваша библиотека')
    expect(text).not.toContain('8kpx963m')
  })

  it('stays on one page without lines over each other, however long its names are', async () => {
    const pdf = await renderSlip({
      ...slip,
      readerName: 'Константинопольская-Преображенская '.repeat(6).slice(0, 200),
      library: {
        name: 'Библиотека имени '.repeat(8),
        address: 'улица Длинная '.repeat(10),
        phone: '1'.repeat(40),
      },
      provider: {
        name: 'Поставщик '.repeat(6),
        address: `https://${'long.'.repeat(15)}example`,
        apps: [],
        instructions: '',
        number: '1'.repeat(30),
        password: 'P'.repeat(40),
      },
    })
    expect(pageCount(pdf)).toBe(1)
    const lines = linesOf(pdf)
    for (const [index, { box: a, text }] of lines.entries()) {
      for (const { box: b, text: other } of lines.slice(index + 1)) {
        const across = Math.min(a.x + a.w, b.x + b.w) - Math.max(a.x, b.x)
        const along = Math.min(a.y + a.h, b.y + b.h) - Math.max(a.y, b.y)
        expect(across > 1 && along > a.h / 2, `«${text}» over «${other}»`).toBe(false)
      }
    }
  })

  it('has the library’s mark opposite the name, at 300 dpi or more and beside no words', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'smart-slip-'))
    for (const inside of [block('#135'), block('#fff')]) {
      const bytes = await drawn(inside, 330, 150).png().toBuffer()
      const mark = { id: randomUUID(), ...(await readMark(await fileOf(folder, bytes))) }
      const pdf = await renderSlip({
        ...slip,
        mark,
        library: { ...slip.library, name: 'Библиотека '.repeat(12) },
      })
      expect(pageCount(pdf)).toBe(1)
      const [image] = imagesOn(pdf)
      if (!image) throw new Error('no mark is drawn')
      expect(image.pixels.width / (image.w / 25.4)).toBeGreaterThan(299.9)
      expect(image.x + image.w).toBeLessThanOrEqual(210 - 17.9)
      const besides = linesOf(pdf).filter(({ box }) => (box.y * 25.4) / 72 < image.y + image.h)
      expect(besides.length).toBeGreaterThan(1)
      for (const { box } of besides) expect(((box.x + box.w) * 25.4) / 72).toBeLessThan(image.x)
      // A white one stands on a dark field, so that paper shows it.
      const [within, around] = [
        greyAt(pdf, image.x + image.w / 2, image.y + 3),
        greyAt(pdf, image.x - 1, image.y + 3),
      ]
      expect(Math.abs(within - around)).toBeGreaterThan(100)
    }
    await rm(folder, { recursive: true, force: true })
  })

  it('has the password in one line, even of the widest letters', async () => {
    const lines = linesOf(await renderSlip({ ...slip, password: 'mwmwmwmw' }))
    expect(lines.map(({ text }) => text.trim())).toContain('mwmwmwmw')
  })

  it('has the number in one line, the longest too', async () => {
    const lines = linesOf(await renderSlip({ ...slip, cardNumber: 'KOSTROMA000000123456' }))
    expect(lines.map(({ text }) => text.trim())).toContain('KOSTROMA 0000 0012 3456')
  })

  it('has the same bytes for the same facts', async () => {
    expect((await renderSlip(slip)).equals(await renderSlip(slip))).toBe(true)
  })

  it('is drawn with any letter under any mark that a name may have', async () => {
    const marks = ['\u0301', '\u0306', '\u0327', '\u0328', '\u0488']
    const letters = [...'АБЩыёѣӀAzß', ...slip.readerName]
    const readerName = letters.flatMap((letter) => marks.map((mark) => letter + mark)).join('')
    expect(pageCount(await renderSlip({ ...slip, readerName }))).toBe(1)
  })

  it('can be copied letter by letter, also after one whose letters were made of the same parts', async () => {
    const namesLine = async (readerName: string) =>
      linesOf(await renderSlip({ ...slip, readerName }))[2]?.text
    expect(await namesLine('Ŵolf Ŷork')).toBe('Ŵolf Ŷork')
    expect(await namesLine('Wolf York')).toBe('Wolf York')
  })
})

describe('the codes', () => {
  it('an EAN-13 is 95 modules wide, from a bar to a bar', () => {
    const { bars, modules } = barcodeOf(slip.cardNumber)
    expect(modules).toBe(95)
    expect(bars.length % 2).toBe(1)
  })

  it('a QR code is a square', () => {
    const { dark, size } = qrModules('https://books.example')
    expect(dark).toHaveLength(size * size)
  })
})
