import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestApp, TestNetwork } from '../../../tests/support/app.ts'
import { createTestApp, createTestNetwork } from '../../../tests/support/app.ts'
import { codesIn, codesOn, linesOf, pageCount, pageSize, textOf } from '../../../tests/support/pdf.ts'
import { registeredReader } from '../../../tests/support/registered-reader.ts'
import { cardNumber } from '../cards/cards.ts'
import { authorise } from '../staff/actors.ts'
import { renderReceipts } from './receipt.ts'
import { renderSlipPicture } from './slip-picture.ts'
import { renderSlip } from './slip.ts'
import type { SlipFacts } from './slip.ts'
import { renderSlips } from './slip.ts'

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
const codesOf = (number: string) => [
  { format: 'EAN13', text: number },
  { format: 'QRCode', text: `https://books.example/sign-in#card=${number}` },
]
const byFormat = (codes: { format: string; text: string }[]) =>
  codes.toSorted((a, b) => a.format.localeCompare(b.format))

describe('a receipt', () => {
  it('is 80 mm wide and as long as it needs to be, with room for nothing else', async () => {
    const pdf = await renderReceipts([slip, { ...slip, provider: undefined }])
    expect(pageCount(pdf)).toBe(2)
    expect(pageSize(pdf, 0).w).toBeCloseTo(80, 1)
    expect(pageSize(pdf, 1).h).toBeLessThan(pageSize(pdf, 0).h)
    for (const page of [0, 1]) {
      const lowest = Math.max(...linesOf(pdf, page).map(({ box }) => ((box.y + box.h) * 25.4) / 72))
      const left = pageSize(pdf, page).h - lowest
      expect(left).toBeGreaterThan(3)
      expect(left).toBeLessThan(10)
    }
  })

  it('has number, password and provider in words, and codes that are read', async () => {
    const pdf = await renderReceipts([slip])
    for (const part of ['Смирнова Анна Петровна', '8kpx963m', '9001', 'Qq-1', '+7 494 000-00-02'])
      expect(textOf(pdf)).toContain(part)
    expect(byFormat(await codesOn(pdf))).toEqual(codesOf(slip.cardNumber))
  })

  it('keeps number and password in one line each and every word on the roll', async () => {
    const long = {
      ...slip,
      readerName: 'Константинопольская-Преображенская '.repeat(5),
      cardNumber: '99998888777766665555',
      password: 'mwmwmwmw',
    }
    const pdf = await renderReceipts([long])
    expect(pageCount(pdf)).toBe(1)
    const lines = linesOf(pdf)
    expect(lines.map(({ text }) => text.trim())).toContain('9999 8888 7777 6666 5555')
    expect(lines.map(({ text }) => text.trim())).toContain('mwmwmwmw')
    for (const { box, text } of lines) expect(((box.x + box.w) * 25.4) / 72, text).toBeLessThanOrEqual(80)
    expect((await codesOn(pdf)).map(({ text }) => text)).toContain('99998888777766665555')
  })
})

describe.each(['KO00200000123J', 'KOSTROMA000000123456'])('the number %s with its letters', (cardNumber) => {
  it('is read off every form of the slip', async () => {
    const lettered = { ...slip, cardNumber }
    const read = [
      await codesOn(await renderSlip(lettered)),
      await codesOn(await renderReceipts([lettered])),
      await codesIn(await renderSlipPicture(lettered)),
    ]
    for (const codes of read) expect(codes).toContainEqual({ format: 'Code128', text: cardNumber })
  })
})

describe('a slip as a picture', () => {
  it('is a PNG whose codes are read, with the words of the house’s font', async () => {
    const png = await renderSlipPicture(slip)
    const { format, width = 0, height = 0 } = await sharp(png).metadata()
    expect([format, width]).toEqual(['png', 720])
    expect(height).toBeGreaterThan(width)
    expect(byFormat(await codesIn(png))).toEqual(codesOf(slip.cardNumber))
    // Another name is another picture: the letters are drawn, not boxes of a missing font.
    const other = await renderSlipPicture({ ...slip, readerName: 'Смирнова Анна Ивановна' })
    expect(other.equals(png)).toBe(false)
  })

  it('never has the password in a code, and takes signs of any name', async () => {
    const png = await renderSlipPicture({ ...slip, readerName: 'О’Нил <b>&amp; Ко' })
    for (const { text } of await codesIn(png)) expect(text).not.toContain('8kpx963m')
  })
})

describe('slips of a class', () => {
  let app: TestApp
  let network: TestNetwork
  beforeAll(async () => {
    app = await createTestApp()
    network = await createTestNetwork(app)
  })
  afterAll(() => app.dispose())
  const opener = () => authorise(network.librarian, 'slips.open')
  const openings = async () =>
    (
      await app.db.selectFrom('audit_log').select('subject_id').where('action', '=', 'slips.open').execute()
    ).map(({ subject_id }) => subject_id)

  it('are one document, a page each, with each one’s own codes', async () => {
    const slips = [1, 2, 3].map((serial) => ({ ...slip, cardNumber: cardNumber('002', serial) }))
    const [a4, receipts] = [await renderSlips(slips), await renderReceipts(slips)]
    for (const pdf of [a4, receipts]) {
      expect(pageCount(pdf)).toBe(3)
      for (const [page, { cardNumber: number }] of slips.entries())
        expect(byFormat(await codesOn(pdf, page))).toEqual(codesOf(number))
    }
  })

  it('are those chosen, each opening in the log under its reader', async () => {
    const readers = [await registeredReader(app, network), await registeredReader(app, network)]
    await registeredReader(app, network)
    const ids = readers.map(({ applicationId }) => applicationId)
    const { pdf } = await app.slips.openMany(opener(), { ids }, 'a4')
    expect(pageCount(pdf)).toBe(2)
    for (const { card, password } of readers) {
      expect(textOf(pdf)).toContain(card)
      expect(textOf(pdf)).toContain(password)
    }
    expect((await openings()).toSorted()).toEqual(readers.map(({ actor }) => actor.readerId).toSorted())
  })

  it('of today are those registered on this day, of the own library', async () => {
    app.setTime('2026-12-03T10:00:00Z')
    const reader = await registeredReader(app, network)
    const before = (await openings()).length
    const { pdf } = await app.slips.openMany(opener(), 'today', 'receipt')
    expect(pageCount(pdf)).toBe(1)
    expect(textOf(pdf)).toContain(reader.actor.fullName)
    expect(await openings()).toHaveLength(before + 1)
    const other = authorise(network.otherLibrarian, 'slips.open')
    await expect(app.slips.openMany(other, 'today', 'a4')).rejects.toThrow('slips.none')
    await expect(app.slips.openMany(other, { ids: [reader.applicationId] }, 'a4')).rejects.toThrow(
      'slips.none',
    )
    await expect(app.slips.openMany(opener(), { ids: [] }, 'a4')).rejects.toThrow('slips.none')
  })

  it('end the time in which a registration can be taken back: the password is known', async () => {
    const reader = await registeredReader(app, network)
    await app.slips.openMany(opener(), { ids: [reader.applicationId] }, 'a4')
    const undo = app.applications.undo(
      authorise(network.operator, 'applications.decide'),
      reader.applicationId,
      {
        revision: 2,
      },
    )
    await expect(undo).rejects.toThrow('applications.undo_seen')
  })
})
