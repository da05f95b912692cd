import { open, stat } from 'node:fs/promises'
import type { Sharp } from 'sharp'
import sharp from 'sharp'
import type { Ground, Room } from '#protocols/card/front.ts'
import { cardFront, within } from '#protocols/card/front.ts'
import { expected } from '../shared/errors.ts'

/** A library's mark, drawn anew: nothing but its pixels is left of what was uploaded. */
export interface MarkPicture extends Room {
  /** PNG with transparency; width and height are its pixels. */
  png: Buffer
  ground: Ground
}

export const markTooLarge = expected('marks.too_large', 422)
export const markUnknownFormat = expected('marks.unknown_format', 422)
export const markDamaged = expected('marks.damaged', 422)
export const markTooManyPixels = expected('marks.too_many_pixels', 422)
export const markBlank = expected('marks.blank', 422)
export const markTooLong = expected('marks.too_long', 422)
export const markTooSmall = expected('marks.too_small', 422)

const largestFile = 5 * 1024 * 1024
const mostPixels = 40_000_000
const secondsAtMost = 10
/** What is larger is made smaller first. */
const roomBefore = 1600
/** As stored: more than 300 dpi wherever it is printed. */
const stored: Room = { width: 1200, height: 600 }
const longest = 6
export const printDpi = 300

/**
 * Files that are decoded at all, by their first bytes. An SVG isn't one of them: it is a program more than a
 * picture, looks as this machine's fonts make it look, and its drawing has no bounds of time.
 */
const isKnown = (start: Buffer): boolean => {
  const text = start.toString('latin1')
  const isWebp = text.startsWith('RIFF') && text.endsWith('WEBP')
  return text.startsWith('\x89PNG\r\n\x1a\n') || text.startsWith('\xff\xd8\xff') || isWebp
}

/**
 * Reads an uploaded mark: PNG, JPEG or WebP. Empty edges are cut off, colours become sRGB.
 * @throws markTooLarge, markUnknownFormat, markDamaged, markTooManyPixels, markBlank, markTooLong, markTooSmall
 */
export async function readMark(path: string): Promise<MarkPicture> {
  if ((await stat(path)).size > largestFile) throw markTooLarge({ most: largestFile / 1024 / 1024 })
  if (!isKnown(await firstBytes(path))) throw markUnknownFormat()
  const picture = await decoded(path)
  const { isOpaque } = await sharp(picture.data, { raw: picture.info }).stats()
  const whole = await trimmed(picture)
  checkSize(whole.info)
  const { data, info } = await raw(
    sharp(whole.data, { raw: whole.info }).resize({ ...stored, fit: 'inside', withoutEnlargement: true }),
  )
  // What is opaque brings its own ground.
  const ground = isOpaque ? 'light' : groundOf(data)
  const png = await sharp(data, { raw: info }).png({ compressionLevel: 9 }).toBuffer()
  return { png, width: info.width, height: info.height, ground }
}

async function firstBytes(path: string): Promise<Buffer> {
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(12), 0, 12, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

interface Pixels {
  data: Buffer
  info: { width: number; height: number; channels: 4 }
}

/** Upright, in sRGB, with transparency. @throws markTooManyPixels, markDamaged */
async function decoded(path: string): Promise<Pixels> {
  const { width = 0, height = 0 } = await sharp(path, { limitInputPixels: false })
    .metadata()
    .catch(() => {
      throw markDamaged()
    })
  if (width * height > mostPixels) throw markTooManyPixels({ most: mostPixels / 1_000_000 })
  const picture = sharp(path, { limitInputPixels: mostPixels, failOn: 'error', sequentialRead: true })
  return raw(
    picture
      .timeout({ seconds: secondsAtMost })
      .autoOrient()
      .resize({ width: roomBefore, height: roomBefore, fit: 'inside', withoutEnlargement: true })
      .toColourspace('srgb')
      .ensureAlpha(),
  ).catch(() => {
    throw markDamaged()
  })
}

async function raw(picture: Sharp): Promise<Pixels> {
  const { data, info } = await picture.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true })
  return { data, info: { width: info.width, height: info.height, channels: 4 } }
}

/** Alpha below which a pixel isn't seen; a difference that isn't seen: a JPEG's white is never quite one. */
const clear = 16
const like = 16

/** Without empty edges, transparent or white, which would make a mark small at its place. @throws markBlank */
async function trimmed({ data, info }: Pixels): Promise<Pixels> {
  const { left, top, right, bottom } = edgesOf(data, info)
  if (right < left) throw markBlank()
  const [red = 0, green = 0, blue = 0, alpha = 0] = data
  if (alpha >= clear && Math.min(red, green, blue) < 255 - like) return { data, info }
  const [width, height] = [right - left + 1, bottom - top + 1]
  return raw(sharp(data, { raw: info }).extract({ left, top, width, height }))
}

/** Of what differs from the top left pixel. */
function edgesOf(data: Buffer, { width, height }: Room) {
  const edges = { left: width, top: height, right: -1, bottom: -1 }
  const alpha = data[3] ?? 0
  for (let y = 0, at = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1, at += 4) {
      if (alpha < clear && (data[at + 3] ?? 0) < clear) continue
      let differs = false
      for (let part = 0; part < 4; part += 1)
        differs ||= Math.abs((data[at + part] ?? 0) - (data[part] ?? 0)) > like
      if (!differs) continue
      edges.left = Math.min(edges.left, x)
      edges.right = Math.max(edges.right, x)
      edges.top = Math.min(edges.top, y)
      edges.bottom = y
    }
  }
  return edges
}

/** @throws markTooLong, markTooSmall */
function checkSize({ width, height }: Room): void {
  if (Math.max(width / height, height / width) > longest) throw markTooLong({ most: longest })
  const place = within({ width, height }, cardFront.mark)
  const needed = Math.ceil((place.width / 25.4) * printDpi)
  if (width < needed)
    throw markTooSmall({ width, height, needed, neededHeight: Math.ceil((place.height / 25.4) * printDpi) })
}

/** WCAG 2.2: what has less contrast isn't told apart. */
const enough = 3

/** The ground on which more of a mark is seen. */
function groundOf(data: Buffer): Ground {
  const [white, band] = [1, luminance(Buffer.from(cardFront.band.colour.slice(1), 'hex'), 0)]
  let [light, dark] = [0, 0]
  for (let at = 0; at < data.length; at += 4) {
    if ((data[at + 3] ?? 0) < 128) continue
    const own = luminance(data, at)
    if (contrast(own, white) >= enough) light += 1
    if (contrast(own, band) >= enough) dark += 1
  }
  return dark > light ? 'dark' : 'light'
}

const contrast = (a: number, b: number) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)

/** Relative luminance (WCAG 2.2) of the pixel whose red part is at this place. */
function luminance(data: Buffer, at: number): number {
  const linear = (part: number) => {
    const share = (data[at + part] ?? 0) / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  }
  return 0.2126 * linear(0) + 0.7152 * linear(1) + 0.0722 * linear(2)
}
