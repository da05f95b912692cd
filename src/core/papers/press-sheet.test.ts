import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { block, drawn, fileOf } from '../../../tests/support/marks.ts'
import type { Shape } from '../../../tests/support/pdf.ts'
import {
  codesOn,
  greyAt,
  imagesOn,
  linesOf,
  pageCount,
  pageSize,
  shapesOn,
  textOf,
} from '../../../tests/support/pdf.ts'
import { cardNumber } from '../cards/cards.ts'
import { readMark } from '../cards/mark-picture.ts'
import type { PressFacts } from './press-sheet.ts'
import { renderPressSheet } from './press-sheet.ts'

const facts: PressFacts = {
  origin: 'https://books.example',
  regionName: 'Костромская область',
  library: { name: 'Буйская районная библиотека', phone: '+7 494 000-00-02' },
  numbers: Array.from({ length: 13 }, (_, index) => cardNumber('002', index + 1)),
  printedOn: '2026-11-24',
}
const card = { w: 85.6, h: 53.98 }
const margin = { x: (210 - 2 * card.w) / 2, y: (297 - 5 * card.h) / 2 }
/** Nominal quiet zones of EAN-13: 11 modules of 0.33 mm before, 7 after. */
const quiet = { before: 3.63, after: 2.31 }

/** The bars on a page, by the card they stand on. */
const barsOf = (shapes: Shape[], at: { x: number; y: number }) =>
  shapes.filter(
    ({ kind, dark, x, y, w, h }) =>
      kind === 'filled' &&
      dark &&
      h > 10 &&
      w < 5 &&
      x >= at.x &&
      x < at.x + card.w &&
      y >= at.y &&
      y < at.y + card.h,
  )
const place = (index: number) => ({
  x: margin.x + (index % 2) * card.w,
  y: margin.y + Math.floor(index / 2) * card.h,
})
const span = (shapes: Shape[]) => {
  const left = Math.min(...shapes.map(({ x }) => x))
  return { left, right: Math.max(...shapes.map(({ x, w }) => x + w)) }
}

describe('a press sheet', () => {
  it('has ten cards to a sheet, and every barcode of it is read as its number', async () => {
    const pdf = await renderPressSheet(facts, 'a4')
    expect(pageCount(pdf)).toBe(4)
    const read = [await codesOn(pdf, 0), await codesOn(pdf, 2)].flat()
    expect(read.map(({ format }) => format)).toEqual(facts.numbers.map(() => 'EAN13'))
    expect(read.map(({ text }) => text).toSorted()).toEqual(facts.numbers.toSorted())
  })

  it('has on the backs each card’s QR code, which opens the sign-in page with the number', async () => {
    const pdf = await renderPressSheet(facts, 'a4')
    const read = [await codesOn(pdf, 1), await codesOn(pdf, 3)].flat()
    expect(read.map(({ text }) => text).toSorted()).toEqual(
      facts.numbers.map((number) => `https://books.example/sign-in#card=${number}`).toSorted(),
    )
  })

  it('has each back behind its own front when the paper is turned over its long edge', async () => {
    // One card alone: at the left in front, so at the right behind.
    const pdf = await renderPressSheet({ ...facts, numbers: facts.numbers.slice(0, 1) }, 'a4')
    const [front] = barsOf(shapesOn(pdf, 0), place(0))
    expect(front).toBeDefined()
    const back = shapesOn(pdf, 1).filter(({ kind }) => kind === 'filled')
    const { left, right } = span(back)
    // Seen from the front, what is at x lies at 210 - x.
    expect(210 - right).toBeGreaterThan(margin.x)
    expect(210 - left).toBeLessThan(margin.x + card.w)
  })

  it('cuts to CR80: marks stand at 85.60 and 53.98 mm, off the cards', async () => {
    const marks = shapesOn(await renderPressSheet(facts, 'a4')).filter(({ kind }) => kind === 'line')
    const upright = [...new Set(marks.filter(({ w }) => w < 0.01).map(({ x }) => x.toFixed(2)))].map(Number)
    const level = [...new Set(marks.filter(({ h }) => h < 0.01).map(({ y }) => y.toFixed(2)))].map(Number)
    expect(upright).toHaveLength(3)
    expect(level).toHaveLength(6)
    const steps = (of: number[]) =>
      of
        .toSorted((a, b) => a - b)
        .slice(1)
        .map((each, i) => each - (of.toSorted((a, b) => a - b)[i] ?? 0))
    for (const step of steps(upright)) expect(step).toBeCloseTo(card.w, 1)
    for (const step of steps(level)) expect(step).toBeCloseTo(card.h, 1)
    const area = { left: margin.x, right: 210 - margin.x, top: margin.y, bottom: 297 - margin.y }
    for (const { x, y, w, h } of marks) {
      const off =
        x + w <= area.left - 1 || x >= area.right + 1 || y + h <= area.top - 1 || y >= area.bottom + 1
      expect(off).toBe(true)
    }
  })

  it('leaves each barcode its whole quiet zone on the card, and nothing else is in it', async () => {
    const pdf = await renderPressSheet(facts, 'a4')
    const shapes = shapesOn(pdf)
    for (let index = 0; index < 10; index += 1) {
      const at = place(index)
      const bars = barsOf(shapes, at)
      // EAN-13 has 30 bars.
      expect(bars).toHaveLength(30)
      const { left, right } = span(bars)
      expect(right - left).toBeCloseTo(95 * 0.33, 1)
      expect(left - at.x).toBeGreaterThan(quiet.before)
      expect(at.x + card.w - right).toBeGreaterThan(quiet.after)
      const [first] = bars
      const beside = linesOf(pdf).filter(({ box }) => {
        const [y, h] = [(box.y * 25.4) / 72, (box.h * 25.4) / 72]
        const x = (box.x * 25.4) / 72
        return (
          x > at.x &&
          x < at.x + card.w &&
          y < (first?.y ?? 0) + (first?.h ?? 0) - 0.1 &&
          y + h > (first?.y ?? 0)
        )
      })
      expect(beside).toEqual([])
    }
  })

  it('has a card a page for a card printer: CR80 with 3 mm of bleed and a trim box', async () => {
    const pdf = await renderPressSheet(facts, 'single')
    expect(pageCount(pdf)).toBe(26)
    const { w, h } = pageSize(pdf)
    expect(w).toBeCloseTo(91.6, 1)
    expect(h).toBeCloseTo(59.98, 1)
    // The band goes on to the paper's edge.
    const band = shapesOn(pdf).find((shape) => shape.w > 80)
    expect(band?.x).toBeCloseTo(0, 1)
    expect(band?.y).toBeCloseTo(0, 1)
    expect(pdf.toString('latin1')).toMatch(/\/TrimBox \[8\.50\d* 8\.50/)
    expect(await codesOn(pdf, 24)).toEqual([{ format: 'EAN13', text: facts.numbers[12] }])
    expect((await codesOn(pdf, 25))[0]?.text).toContain(`#card=${facts.numbers[12]}`)
  })

  it('prints a number of another scheme as Code 128', async () => {
    const numbers = ['440010001236', '12345', '99998888777766665555']
    const codes = await codesOn(await renderPressSheet({ ...facts, numbers }, 'a4'))
    expect(codes.map(({ format }) => format)).toEqual(['Code128', 'Code128', 'Code128'])
    expect(codes.map(({ text }) => text).toSorted()).toEqual(numbers.toSorted())
  })

  it('prints numbers with letters, the longest 1 mm or more off the card’s edges with its quiet zones', async () => {
    const numbers = ['KO000123', 'A12425GABC1234002M', 'KOSTROMA000000123456', 'ABCDEFGHJKLMNPQRST1X']
    const pdf = await renderPressSheet({ ...facts, numbers }, 'a4')
    const codes = await codesOn(pdf)
    expect(codes.map(({ format }) => format)).toEqual(numbers.map(() => 'Code128'))
    expect(codes.map(({ text }) => text).toSorted()).toEqual(numbers.toSorted())
    const backs = (await codesOn(pdf, 1)).map(({ text }) => text)
    expect(backs).toContain('https://books.example/sign-in#card=KO000123')
    for (const index of numbers.keys()) {
      const bars = barsOf(shapesOn(pdf), place(index))
      const { left, right } = span(bars)
      // Code 128's quiet zone is ten of its narrowest bars.
      const zone = 10 * Math.min(...bars.map(({ w }) => w))
      expect(left - zone - place(index).x).toBeGreaterThanOrEqual(0.99)
      expect(place(index).x + card.w - right - zone).toBeGreaterThanOrEqual(0.99)
    }
  })

  it('has no lines over each other and nothing off the card, however long its names are', async () => {
    const long = {
      ...facts,
      origin: `https://${'very-long-name.'.repeat(6)}example`,
      regionName: 'Область имени '.repeat(10),
      library: { name: 'Библиотека имени '.repeat(10), phone: '+7 494 000-00-02, добавочный 1234' },
    }
    const pdf = await renderPressSheet({ ...long, numbers: facts.numbers.slice(0, 1) }, 'single')
    for (const page of [0, 1]) {
      const lines = linesOf(pdf, page)
      for (const { box, text } of lines) {
        expect((box.x * 25.4) / 72, text).toBeGreaterThan(4)
        expect(((box.x + box.w) * 25.4) / 72, text).toBeLessThan(card.w + 3)
      }
      for (const [index, { box: a, text }] of lines.entries())
        for (const { box: b, text: other } of lines.slice(index + 1)) {
          const across = Math.min(a.x + a.w, b.x + b.w) - Math.max(a.x, b.x)
          const along = Math.min(a.y + a.h, b.y + b.h) - Math.max(a.y, b.y)
          expect(across > 1 && along > a.h / 2, `«${text}» over «${other}»`).toBe(false)
        }
    }
  })

  it('has official names whole, in the band and no smaller than 6 points', async () => {
    const regionName = 'Костромская областная библиотека для детей и молодёжи имени А. Гайдара'
    const name = 'МБУК «Межпоселенческая библиотека Буйского муниципального района имени Н. А. Некрасова»'
    const long = { ...facts, regionName, library: { ...facts.library, name } }
    const pdf = await renderPressSheet({ ...long, numbers: facts.numbers.slice(0, 1) }, 'a4')
    expect(textOf(pdf)).toContain(`${regionName} ${name}`)
    const millimetres = (points: number) => (points * 25.4) / 72
    for (const { box } of linesOf(pdf).filter(({ box }) => millimetres(box.y) < margin.y + 15)) {
      expect(millimetres(box.y)).toBeGreaterThan(margin.y + 1)
      expect(millimetres(box.y + box.h)).toBeLessThan(margin.y + 14.5)
      expect(box.h).toBeGreaterThan(6)
    }
  })

  describe('with a library’s own mark', () => {
    const pictures = {
      wide: { inside: block('#135', 1200, 240), width: 1200, height: 240 },
      tall: { inside: block('#135', 240, 900), width: 240, height: 900 },
      light: { inside: block('#fff'), width: 600, height: 240 },
    }
    const markOf = async ({ inside, width, height }: (typeof pictures)['wide']) => {
      const folder = await mkdtemp(join(tmpdir(), 'smart-press-'))
      const bytes = await drawn(inside, width, height).png().toBuffer()
      const mark = { id: randomUUID(), ...(await readMark(await fileOf(folder, bytes))) }
      await rm(folder, { recursive: true, force: true })
      return mark
    }

    it.each(Object.entries(pictures))(
      'stands in the band, %s ones too, at 300 dpi or more, off the edges, the names and the bars’ quiet zones',
      async (_shape, picture) => {
        const mark = await markOf(picture)
        const pdf = await renderPressSheet({ ...facts, mark, numbers: facts.numbers.slice(0, 2) }, 'a4')
        const images = imagesOn(pdf)
        expect(images).toHaveLength(2)
        for (const [index, image] of images.entries()) {
          const at = place(index)
          const bars = barsOf(shapesOn(pdf), at)
          expect(image.pixels.width / (image.w / 25.4)).toBeGreaterThanOrEqual(300)
          // Cut askew by a millimetre, the field around it is whole.
          expect(image.x - at.x).toBeGreaterThanOrEqual(3)
          expect(image.y - at.y).toBeGreaterThanOrEqual(2)
          expect(image.y + image.h).toBeLessThanOrEqual(at.y + 15 - 2)
          expect(Math.min(...bars.map(({ y }) => y)) - (image.y + image.h)).toBeGreaterThan(5)
          const names = linesOf(pdf).map(({ box }) => ({ x: (box.x * 25.4) / 72, y: (box.y * 25.4) / 72 }))
          const beside = names.filter(({ x, y }) => x > at.x && x < at.x + card.w && y < at.y + 15)
          expect(beside).toHaveLength(2)
          for (const { x } of beside) expect(x - (image.x + image.w)).toBeGreaterThan(2)
        }
        const read = await codesOn(pdf)
        expect(read.map(({ text }) => text).toSorted()).toEqual(facts.numbers.slice(0, 2).toSorted())
      },
    )

    it('is told from the ground behind it, on the card and on a black-and-white printer', async () => {
      for (const { picture, background } of [
        { picture: pictures.wide, background: 'light' },
        { picture: pictures.light, background: 'dark' },
      ]) {
        const mark = await markOf(picture)
        const pdf = await renderPressSheet({ ...facts, mark, numbers: facts.numbers.slice(0, 1) }, 'single')
        const [image] = imagesOn(pdf)
        if (!image) throw new Error('no mark is drawn')
        const grey = (x: number, y: number) => greyAt(pdf, x, y)
        const [inside, outside] = [
          grey(image.x + image.w / 2, image.y + image.h / 2),
          grey(image.x - 0.5, image.y + image.h / 2),
        ]
        expect(Math.abs(inside - outside)).toBeGreaterThan(100)
        expect(outside > 128 ? 'light' : 'dark').toBe(background)
      }
    })

    it('is in the file once, however many cards have it', async () => {
      const mark = await markOf(pictures.wide)
      const numbers = Array.from({ length: 60 }, (_, index) => cardNumber('002', index + 1))
      const pdf = await renderPressSheet({ ...facts, mark, numbers }, 'a4')
      // Its colours and its transparency.
      expect(pdf.toString('latin1').match(/\/Subtype \/Image/g)).toHaveLength(2)
    })
  })

  it('has what all cards of a batch share in the file once, a front and a back, and shows it on each', async () => {
    for (const layout of ['a4', 'single'] as const) {
      const pdf = await renderPressSheet(facts, layout)
      expect(pdf.toString('latin1').match(/\/Subtype \/Form/g)).toHaveLength(2)
      const shown = (words: string) => textOf(pdf).split(words).length - 1
      for (const words of [facts.regionName, 'Читательский билет', 'Наведите камеру', facts.library.phone])
        expect(shown(words), words).toBe(facts.numbers.length)
    }
  })

  it('says whom to ask, and has the same bytes for the same facts', async () => {
    const pdf = await renderPressSheet(facts, 'a4')
    expect(textOf(pdf)).toContain(facts.library.phone)
    expect((await renderPressSheet(facts, 'a4')).equals(pdf)).toBe(true)
  })
})
