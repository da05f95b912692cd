import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ageMarks } from '#core/catalogue/age.ts'
import type { EpubDescription } from '#protocols/epub/epub.ts'
import { readEpub } from '#protocols/epub/epub.ts'
import type { Fb2Book } from '#protocols/fb2/fb2.ts'
import { readFb2 } from '#protocols/fb2/fb2.ts'
import { writeFb2AsEpub } from '#protocols/fb2/fb2-to-epub.ts'
import { parseXml, textOf } from '#protocols/xml/xml.ts'
import { openZip } from '#protocols/zip/zip.ts'
import type { DemoBook } from './build.ts'
import { buildDemoBooks } from './build.ts'
import { fb2File } from './fb2.ts'
import { weatherChronicle } from './long.ts'
import type { Manuscript } from './manuscript.ts'
import { parseManuscript, readManuscripts } from './manuscript.ts'

/** A book as the import's readers see it; the EPUB is the one that readers are given. */
interface TakenIn {
  book: DemoBook
  manuscript: Manuscript
  epub: EpubDescription
  fb2: Fb2Book | undefined
  /** Of every page, in reading order. */
  text: string
  pages: string[]
}

let folder: string
const taken: TakenIn[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'demo-books-'))
  const manuscripts = [...(await readManuscripts()), weatherChronicle()]
  const books = await buildDemoBooks(folder)
  for (const [index, manuscript] of manuscripts.entries()) {
    const book = books[index]
    if (book) taken.push(await takeIn(book, manuscript))
  }
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** The same calls as the import's, which any fault ends. */
async function takeIn(book: DemoBook, manuscript: Manuscript): Promise<TakenIn> {
  const fb2 = extname(book.path) === '.fb2' ? readFb2(await readFile(book.path)) : undefined
  const readingPath = fb2 ? `${book.path}.epub` : book.path
  if (fb2) await writeFb2AsEpub(fb2, readingPath)
  const epub = await readEpub(readingPath)
  const zip = await openZip(readingPath)
  try {
    const pages: string[] = []
    for (const { name } of epub.spine) pages.push((await zip.readEntry(name)).toString())
    const text = pages.map((page) => textOf(parseXml(Buffer.from(page)))).join('\n')
    return { book, manuscript, epub, fb2, text: folded(text), pages }
  } finally {
    await zip.close()
  }
}

const folded = (text: string) => text.replaceAll(/\s+/g, ' ')

const wordsOf = ({ chapters }: Manuscript) => linesOf(chapters).join(' ').split(/\s+/).length

const linesOf = (chapters: Manuscript['chapters']) =>
  chapters.flatMap(({ title, blocks }) => [
    title,
    ...blocks.flatMap((block) => {
      if (block.kind === 'break') return []
      return block.kind === 'verse' ? block.lines : [block.text]
    }),
  ])

const withFormat = (...formats: Manuscript['format'][]) =>
  taken.filter(({ manuscript }) => formats.includes(manuscript.format))

describe('the books of the demonstration', () => {
  it('are taken in by the import’s readers without a fault, each as its text describes it', () => {
    expect(taken).toHaveLength(13)
    for (const { epub, fb2, manuscript } of taken) {
      const { title, authors, annotation, year, language, series, cover } = fb2
        ? { ...fb2.description, cover: fb2.cover }
        : epub
      expect({ title, authors: authors.map(({ name }) => name), annotation, year, language, series }).toEqual(
        {
          title: manuscript.title,
          authors: [manuscript.author],
          annotation: manuscript.annotation,
          year: manuscript.year,
          language: 'ru',
          series: manuscript.series ? { name: manuscript.series, number: Number(manuscript.number) } : null,
        },
      )
      expect(cover?.mediaType, title ?? '').toBe('image/jpeg')
      expect(epub.missing).toEqual([])
    }
  })

  it('lose no line of their text on the way to the reader, in whatever format', () => {
    for (const { manuscript, text } of taken) {
      const lines = linesOf(manuscript.chapters)
      expect(lines.filter((line) => !text.includes(folded(line)))).toEqual([])
    }
  })

  it('show no mark of the manuscript’s own notation', () => {
    for (const { text, manuscript } of taken)
      expect(/(^| )(#+|>|---|\|) /.exec(text)?.[0], manuscript.slug).toBeUndefined()
  })

  it('are the same bytes each time, so that the import knows them again', async () => {
    const again = await mkdtemp(join(tmpdir(), 'demo-books-'))
    try {
      const sums = (books: DemoBook[]) =>
        Promise.all(
          books.map(async ({ path }) =>
            createHash('sha256')
              .update(await readFile(path))
              .digest('hex'),
          ),
        )
      expect(await sums(await buildDemoBooks(again))).toEqual(await sums(taken.map(({ book }) => book)))
    } finally {
      await rm(again, { recursive: true, force: true })
    }
  })
})

describe('the set', () => {
  it('has each age mark, and one book that is unmarked and unlicensed', () => {
    const marks = new Set(taken.map(({ book }) => book.ageMark))
    expect([...marks].toSorted((a, b) => (a ?? -1) - (b ?? -1))).toEqual([null, ...ageMarks])
    expect(taken.filter(({ book }) => book.ageMark === null).map(({ book }) => book.licence)).toEqual([null])
  })

  it('has open licences, a single copy that one reader takes from the others, and several copies', () => {
    const licences = taken.flatMap(({ book }) => book.licence ?? [])
    expect(licences.some(({ kind }) => kind === 'open')).toBe(true)
    const copies = licences.flatMap((licence) => (licence.kind === 'copies' ? licence.copies : []))
    expect(Math.min(...copies)).toBe(1)
    expect(Math.max(...copies)).toBeGreaterThan(1)
    expect(copies.every((count) => Number.isInteger(count) && count > 0)).toBe(true)
  })

  it('has every format: EPUB 3 and 2, fixed layout, FB2 in UTF-8 and in windows-1251', () => {
    for (const { epub } of withFormat('epub3', 'fixed')) expect(epub.version).toBe('3.0')
    for (const { epub } of withFormat('epub2')) expect(epub.version).toBe('2.0')
    expect(withFormat('epub2').length).toBeGreaterThan(0)
    expect(withFormat('fb2').length).toBeGreaterThan(0)
    expect(withFormat('fb2-1251').length).toBeGreaterThan(0)
    expect(taken.filter(({ epub }) => epub.layout === 'fixed')).toEqual(withFormat('fixed'))
    expect(withFormat('fixed')).toHaveLength(1)
  })

  it('has a picture on each page of the picture book and before each chapter of the illustrated tale', () => {
    const illustrated = taken.filter(({ pages }) => pages.some((page) => page.includes('<svg')))
    expect(illustrated.map(({ manuscript }) => manuscript.format).toSorted()).toEqual(['epub3', 'fixed'])
    for (const { pages, manuscript } of illustrated)
      expect(
        pages.every((page) => page.includes('<svg')),
        manuscript.title,
      ).toBe(true)
  })

  it('has one long book and otherwise short ones of three chapters to six', () => {
    const [long, ...others] = taken.filter(({ text }) => text.length > 100_000)
    expect(long?.manuscript.chapters).toHaveLength(48)
    expect(others).toEqual([])
    for (const { manuscript } of withFormat('epub3', 'epub2', 'fb2', 'fb2-1251')) {
      if (manuscript === long?.manuscript) continue
      expect(manuscript.chapters.length, manuscript.title).toBeGreaterThanOrEqual(3)
      expect(manuscript.chapters.length, manuscript.title).toBeLessThanOrEqual(6)
      expect(wordsOf(manuscript), manuscript.title).toBeGreaterThan(400)
      expect(wordsOf(manuscript), manuscript.title).toBeLessThan(1500)
    }
  })

  it('has a series whose numbers follow each other', () => {
    const series = Map.groupBy(
      taken.flatMap(({ epub }) => epub.series ?? []),
      ({ name }) => name,
    )
    expect([...series.values()].map((books) => books.map(({ number }) => number))).toEqual([[1, 2]])
  })

  it('gives no two books the same title, author’s cover or colours', () => {
    for (const of of ['title', 'cover'] as const)
      expect(new Set(taken.map(({ manuscript }) => manuscript[of])).size).toBe(taken.length)
    expect(new Set(taken.map(({ manuscript }) => manuscript.colours.join())).size).toBe(taken.length)
  })
})

describe('a cover', () => {
  it('has a figure that stands out from its ground, 3 : 1 at least (WCAG 2.2, 1.4.11)', () => {
    for (const { manuscript } of taken)
      expect(contrast(...manuscript.colours), manuscript.title).toBeGreaterThanOrEqual(3)
  })
})

describe('a page of the picture book', () => {
  it('has words that fit under its picture', () => {
    const [pictureBook] = withFormat('fixed')
    const captions = pictureBook?.manuscript.chapters.map(({ blocks }) => blocks) ?? []
    expect(captions.length).toBeGreaterThanOrEqual(6)
    for (const blocks of captions) {
      expect(blocks.map(({ kind }) => kind)).toEqual(['paragraph'])
      expect(
        blocks.flatMap((block) => ('text' in block ? block.text : '')).join('').length,
      ).toBeLessThanOrEqual(140)
    }
  })
})

describe('an FB2 in windows-1251', () => {
  it('loses no letter', () => {
    const [old] = withFormat('fb2-1251')
    const fb2 = folded(old?.fb2?.bodies.map((body) => textOf(body)).join('\n') ?? '')
    for (const line of linesOf(old?.manuscript.chapters ?? [])) expect(fb2).toContain(folded(line))
    expect(fb2).toMatch(/ё.*«.*»|«.*».*ё/)
    expect(fb2).toContain(' — ')
  })

  it('is really in that encoding, one byte a letter', async () => {
    const [old] = withFormat('fb2-1251')
    const bytes = await readFile(old?.book.path ?? '')
    expect(bytes.subarray(0, 60).toString('latin1')).toContain('encoding="windows-1251"')
    expect(new TextDecoder('windows-1251').decode(bytes)).toContain(old?.manuscript.title)
  })

  it('is refused when the text has a sign that the encoding lacks', async () => {
    const manuscript = parseManuscript(
      'x',
      '---\ntitle: Песня\nformat: fb2-1251\n---\n# Одна\n\nНота ♪ здесь.\n',
    )
    await expect(fb2File(manuscript)).rejects.toThrow('♪')
  })
})

/** WCAG 2.2, contrast ratio. */
function contrast(one: string, other: string): number {
  const [bright = 0, dim = 0] = [luminance(one), luminance(other)].toSorted((a, b) => b - a)
  return (bright + 0.05) / (dim + 0.05)
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5]
    .map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255)
    .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4))
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
