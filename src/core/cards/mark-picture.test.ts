import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cardFront, markOnFront } from '#protocols/card/front.ts'
import { block, drawn, fileOf } from '../../../tests/support/marks.ts'
import { readMark } from './mark-picture.ts'

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'smart-mark-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const read = async (bytes: Uint8Array) => readMark(await fileOf(folder, bytes))
const refused = (bytes: Uint8Array) =>
  read(bytes).then(
    () => 'taken',
    (error: { code?: string }) => error.code,
  )

describe('a mark', () => {
  it('is taken as PNG, JPEG and WebP, and is a PNG with nothing but its pixels afterwards', async () => {
    const picture = drawn(block('#0a5')).withExif({ IFD0: { Copyright: 'тайное имя' } })
    for (const bytes of [
      await picture.clone().png().toBuffer(),
      await picture.clone().flatten({ background: 'white' }).jpeg().toBuffer(),
      await picture.clone().webp().toBuffer(),
    ]) {
      const mark = await read(bytes)
      const { format, hasAlpha, exif, icc, width, height } = await sharp(mark.png).metadata()
      expect({ format, hasAlpha, exif, icc }).toEqual({ format: 'png', hasAlpha: true })
      expect([width, height]).toEqual([mark.width, mark.height])
      // Its empty edges are gone, 20 pixels at each side; a JPEG’s noise reaches a block of 8.
      expect(Math.abs(mark.width - 560)).toBeLessThan(10)
      expect(Math.abs(mark.height - 200)).toBeLessThan(10)
    }
  })

  it('keeps its ground where that is neither white nor clear', async () => {
    const onBlue = drawn(
      `<rect width="600" height="240" fill="#124"/><circle cx="300" cy="120" r="40" fill="#fff"/>`,
    )
    const { width, height } = await read(await onBlue.png().toBuffer())
    expect([width, height]).toEqual([600, 240])
  })

  it('stands upright and in the screen’s colours, whatever a camera or a press made of it', async () => {
    const lying = await drawn(block('#a00')).flatten({ background: 'white' }).withMetadata({ orientation: 6 })
    const turned = await read(await lying.jpeg().toBuffer())
    expect(turned.height).toBeGreaterThan(turned.width)
    const press = await drawn(block('#a00'))
      .flatten({ background: 'white' })
      .toColourspace('cmyk')
      .jpeg()
      .toBuffer()
    expect((await sharp(press).metadata()).space).toBe('cmyk')
    const { dominant } = await sharp((await read(press)).png).stats()
    expect(dominant.r).toBeGreaterThan(120)
    expect(dominant.g).toBeLessThan(80)
  })

  it('is for a light ground or a dark one, by where more of it is seen', async () => {
    const ground = async (inside: string) => (await read(await drawn(inside).png().toBuffer())).ground
    expect(await ground(block('#123'))).toBe('light')
    expect(await ground(block('#fff'))).toBe('dark')
    expect(await ground(block('#f4e9c0'))).toBe('dark')
    // Opaque, it brings its own ground.
    expect(await ground(`<rect width="600" height="240" fill="#fff"/>${block('#123')}`)).toBe('light')
  })

  it('prints with 300 dpi or more on the card, or is refused with the size that it needs', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 20, max: 900 }), fc.integer({ min: 20, max: 900 }), async (w, h) => {
        const bytes = await drawn(
          `<rect width="${w}" height="${h}" fill="#123"/><rect width="9" height="9" fill="#fff"/>`,
          w,
          h,
        )
          .png()
          .toBuffer()
        const mark = await read(bytes).catch(
          (error: { code: string; values: Record<string, number> }) => error,
        )
        if ('code' in mark) {
          expect(['marks.too_small', 'marks.too_long']).toContain(mark.code)
          if (mark.code === 'marks.too_small') expect(mark.values['needed']).toBeGreaterThan(w)
          return
        }
        const { mark: frame } = markOnFront(mark)
        expect(mark.width / (frame.width / 25.4)).toBeGreaterThanOrEqual(300)
        expect(mark.height / (frame.height / 25.4)).toBeGreaterThanOrEqual(299)
        // Wide or tall, it stays in its place, its proportions kept.
        expect(frame.width).toBeLessThanOrEqual(cardFront.mark.width + 1e-9)
        expect(frame.height).toBeLessThanOrEqual(cardFront.mark.height + 1e-9)
        expect(frame.width / frame.height).toBeCloseTo(mark.width / mark.height, 5)
      }),
      { numRuns: 40 },
    )
  })
})

describe('what is refused as a mark', () => {
  it('whatever isn’t PNG, JPEG or WebP, by its content and not by its name', async () => {
    const svg =
      '<svg xmlns="http://www.w3.org/2000/svg" width="600" height="240"><script>alert(1)</script></svg>'
    for (const bytes of [
      Buffer.from(svg),
      Buffer.from(`<?xml version="1.0"?>${svg}`),
      Buffer.from('%PDF-1.7\n'),
      Buffer.from('GIF89a'),
      Buffer.from('II*\0'),
      Buffer.from(''),
      Buffer.from('MZ\x90'),
    ])
      expect(await refused(bytes)).toBe('marks.unknown_format')
  })

  it('a damaged, cut or lying file', async () => {
    const png = await drawn(block('#123')).png().toBuffer()
    const jpeg = await drawn(block('#123')).flatten({ background: 'white' }).jpeg().toBuffer()
    expect(await refused(png.subarray(0, png.length >> 1))).toBe('marks.damaged')
    expect(await refused(jpeg.subarray(0, jpeg.length >> 1))).toBe('marks.damaged')
    expect(await refused(Buffer.concat([png.subarray(0, 8), Buffer.from('<svg/>')]))).toBe('marks.damaged')
    expect(await refused(Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), Buffer.alloc(99)]))).toBe(
      'marks.damaged',
    )
  })

  it('whatever bytes follow a picture’s first ones: taken or refused with a sentence', async () => {
    const png = await drawn(block('#123')).png().toBuffer()
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(png.length - 9), fc.nat(255)), { minLength: 1, maxLength: 6 }),
        async (spoils) => {
          const bytes = Buffer.from(png)
          for (const [at, value] of spoils) bytes[8 + at] = value
          expect(await refused(bytes)).toMatch(/^(taken|marks\.[a-z_]+)$/)
        },
      ),
      { numRuns: 60 },
    )
  })

  it('a file too large, and a small one with too many pixels in it', async () => {
    expect(await refused(Buffer.alloc(5 * 1024 * 1024 + 1, '\x89PNG'))).toBe('marks.too_large')
    const bomb = await sharp({ create: { width: 8000, height: 8000, channels: 3, background: 'white' } })
      .png()
      .toBuffer()
    expect(bomb.length).toBeLessThan(1024 * 1024)
    expect(await refused(bomb)).toBe('marks.too_many_pixels')
  })

  it('an empty one, white or clear', async () => {
    for (const inside of [
      '',
      '<rect width="600" height="240" fill="#fff"/>',
      '<rect width="600" height="240" fill="#36c"/>',
    ])
      expect(await refused(await drawn(inside).png().toBuffer())).toBe('marks.blank')
  })

  it('a strip', async () => {
    expect(
      await refused(
        await drawn(block('#123', 900, 100), 900, 100)
          .png()
          .toBuffer(),
      ),
    ).toBe('marks.too_long')
  })
})
