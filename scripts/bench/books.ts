/** Made books of real sizes; the same numbers give the same book. */
import sharp from 'sharp'
import type { ZipInput } from '../../src/protocols/zip/write-zip.ts'
import { zipBytes } from '../../src/protocols/zip/write-zip.ts'
import { epubFiles } from '../../src/demo/books/epub.ts'
import { fb2File } from '../../src/demo/books/fb2.ts'
import { weatherChronicle } from '../../src/demo/books/long.ts'
import type { Manuscript } from '../../src/demo/books/manuscript.ts'

export interface BookSize {
  seed: number
  chapters: number
  /** Letters of each chapter, about. */
  letters: number
}

/** An EPUB with a photograph for its cover, and one after the first paragraph of each chapter where asked for. */
export async function madeBook(size: BookSize, pictures = false): Promise<Buffer> {
  const cover = { name: 'EPUB/cover.jpg', bytes: await photograph(600, 900, size.seed), stored: true }
  const files = (await epubFiles(manuscript(size))).map((file) => (file.name === cover.name ? cover : file))
  return zipBytes(pictures ? await illustrated(files, size.seed) : files)
}

export const madeFb2 = (size: BookSize): Promise<Buffer> => fb2File(manuscript(size))

/**
 * The same book with a comment at the archive's end (APPNOTE 4.3.16): another file to whoever looks at its
 * bytes, made without packing it again.
 */
export function copyOf(epub: Buffer, comment: string): Buffer {
  const copy = Buffer.concat([epub, Buffer.from(comment)])
  copy.writeUInt16LE(Buffer.byteLength(comment), epub.length - 2)
  return copy
}

function manuscript({ seed, chapters, letters }: BookSize): Manuscript {
  const random = randomFrom(seed)
  const like = weatherChronicle()
  const words = like.chapters.flatMap(({ blocks }) =>
    blocks.flatMap((block) => ('text' in block ? block.text.split(' ') : [])),
  )
  const paragraph = () =>
    Array.from({ length: 70 }, () => words[Math.floor(random() * words.length)]).join(' ')
  return {
    ...like,
    slug: `bench-${seed}`,
    title: `Книга для измерений ${seed}`,
    chapters: Array.from({ length: chapters }, (_, n) => ({
      title: `Глава ${n + 1}`,
      blocks: Array.from(
        { length: Math.ceil(letters / 450) },
        () => ({ kind: 'paragraph', text: paragraph() }) as const,
      ),
    })),
  }
}

async function illustrated(files: readonly ZipInput[], seed: number): Promise<ZipInput[]> {
  const chapters = files.filter(({ name }) => /chapter\d+\.xhtml$/.test(name))
  const pictures = await Promise.all(
    chapters.map(async (_, n) => ({
      name: `EPUB/picture${n + 1}.jpg`,
      bytes: await photograph(700, 500, seed + n),
      stored: true,
    })),
  )
  const items = pictures.map(
    (_, n) => `<item id="p${n}" href="picture${n + 1}.jpg" media-type="image/jpeg"/>`,
  )
  const changed = files.map((file) => {
    const text = () => Buffer.from(file.bytes).toString()
    if (file.name.endsWith('.opf'))
      return { ...file, bytes: Buffer.from(text().replace('</manifest>', `${items.join('')}</manifest>`)) }
    const chapter = /chapter(\d+)\.xhtml$/.exec(file.name)?.[1]
    if (!chapter) return file
    const figure = `</p><figure><img src="picture${chapter}.jpg" alt=""/></figure>`
    return { ...file, bytes: Buffer.from(text().replace('</p>', figure)) }
  })
  return [...changed, ...pictures]
}

/** Shades and grain, about as hard to pack as a photograph. */
async function photograph(width: number, height: number, seed: number): Promise<Buffer> {
  const random = randomFrom(seed)
  const pixels = Buffer.alloc(width * height * 3)
  for (let at = 0; at < pixels.length; at += 1) {
    const [x, y] = [Math.floor(at / 3) % width, Math.floor(at / 3 / width)]
    const shade = 128 + 60 * Math.sin(x / 37 + (at % 3)) * Math.cos(y / 53 + seed)
    pixels[at] = Math.min(255, shade + random() * 90)
  }
  return sharp(pixels, { raw: { width, height, channels: 3 } })
    .blur(1.2)
    .jpeg({ quality: 82 })
    .toBuffer()
}

/** Mulberry32: numbers in 0…1, the same for the same seed. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}
