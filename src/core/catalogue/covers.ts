import sharp from 'sharp'
import type { BookImage } from '#protocols/book-description.ts'

export const coverWidths = [160, 480] as const

// Covers are small and imports run side by side: one thread each is quicker than four that wait.
sharp.concurrency(1)
sharp.cache(false)

/**
 * A cover in the widths that pages show, as WebP. What can't be decoded, or is larger than 100 megapixels,
 * gives none: a book without a cover is still a book.
 */
export async function drawCovers(
  image: BookImage,
): Promise<Map<(typeof coverWidths)[number], Buffer> | undefined> {
  try {
    const { data, info } = await sharp(image.bytes, { limitInputPixels: 100_000_000, failOn: 'error' })
      .rotate()
      .resize({ width: 480, height: 960, fit: 'inside', withoutEnlargement: true })
      .raw()
      .toBuffer({ resolveWithObject: true })
    // Both out of the same pixels; more effort than 1 saves a few bytes and takes a fifth longer.
    const pixels = sharp(data, { raw: info })
    const large = await pixels.clone().webp({ quality: 78, effort: 1 }).toBuffer()
    const small = await pixels
      .clone()
      .resize({ width: 160, height: 320, fit: 'inside', withoutEnlargement: true })
      .webp({ quality: 72, effort: 1 })
      .toBuffer()
    return new Map([
      [160, small],
      [480, large],
    ])
  } catch {
    return undefined
  }
}
