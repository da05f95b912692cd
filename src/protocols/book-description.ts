/** A person as the book names them. */
export interface BookPerson {
  /** In reading order: «Иван Иванович Иванов». */
  name: string
  /** To sort by, where the book says it: «Иванов, Иван Иванович». */
  sortName: string | null
}

export interface BookContributor extends BookPerson {
  /** MARC relator code (`trl`, `ill`, `edt` …), lower case; empty where the book doesn't say. */
  role: string
}

/** What a book says about itself, the same for every format. Texts are plain: no markup, spaces folded. */
export interface BookDescription {
  title: string | null
  subtitle: string | null
  authors: BookPerson[]
  contributors: BookContributor[]
  /** As the book writes it, mostly BCP 47: `ru`, `en-GB`. */
  language: string | null
  /** Paragraphs separated by a newline. */
  annotation: string | null
  series: { name: string; number: number | null } | null
  publisher: string | null
  /** Of this edition where known, else of the work. */
  year: number | null
  /** Checked digits without hyphens, 10 or 13 of them. */
  isbn: string | null
  identifier: string | null
  /** Subjects (EPUB) or genre codes (FB2). */
  subjects: string[]
}

/** A picture with the media type that its first bytes show. */
export interface BookImage {
  bytes: Uint8Array
  mediaType: string
}

const TEXT_LIMIT = 1_000
const ANNOTATION_LIMIT = 20_000
const LIST_LIMIT = 200

/** Folds white space and caps a line of description; nothing left gives null. */
export function lineOf(text: string | null | undefined): string | null {
  return (
    text
      ?.replaceAll(/[\s\p{Cc}]+/gu, ' ')
      .trim()
      .slice(0, TEXT_LIMIT)
      .trim() || null
  )
}

/** Folds white space inside paragraphs, drops empty ones and caps the whole. */
export function paragraphsOf(text: string): string | null {
  const lines = text.split(/[\r\n]+/).map((line) => line.replaceAll(/[\s\p{Cc}]+/gu, ' ').trim())
  return lines.filter(Boolean).join('\n').slice(0, ANNOTATION_LIMIT).trim() || null
}

/** The lines that say something, each once, at most 200. */
export function linesOf(texts: readonly (string | null | undefined)[]): string[] {
  return [...new Set(texts.slice(0, 10 * LIST_LIMIT).map(lineOf))]
    .filter((line) => line !== null)
    .slice(0, LIST_LIMIT)
}

/** The year in a free date: `1857`, `2012-01-18`, `26.10.2015`, `(1823–1831)` gives its first. */
export function yearOf(date: string | null | undefined): number | null {
  const year = /(?<!\d)(1[0-9]{3}|20[0-9]{2})(?!\d)/.exec(date?.slice(0, TEXT_LIMIT) ?? '')?.[0]
  return year === undefined ? null : Number(year)
}

/** A number in a series, also `2.5` and `3,1`; what isn't one gives null. */
export function seriesNumberOf(text: string | null | undefined): number | null {
  const number = /^\s*(\d{1,6}(?:[.,]\d{1,3})?)\s*$/.exec(text ?? '')?.[1]
  return number === undefined ? null : Number(number.replace(',', '.'))
}

const ISBN_13 = /(?<!\d)97[89](?:[\s‐‑–—-]?\d){10}(?!\d)/gu
const ISBN_10 = /(?<!\d)\d(?:[\s‐‑–—-]?\d){8}[\s‐‑–—-]?[\dXxХх](?!\d)/gu

/** The first ISBN with a right check digit in a free text (ISO 2108), as digits. */
export function isbnOf(text: string | null | undefined): string | null {
  const searched = (text ?? '').slice(0, TEXT_LIMIT)
  for (const [found] of [...searched.matchAll(ISBN_13), ...searched.matchAll(ISBN_10)]) {
    const digits = found.replaceAll(/[\s‐‑–—-]/gu, '').replace(/[xХх]$/u, 'X')
    if (digits.length === 13 ? isbn13Sum(digits) % 10 === 0 : isbn10Sum(digits) % 11 === 0) return digits
  }
  return null
}

const isbn13Sum = (digits: string) =>
  [...digits].reduce((sum, digit, index) => sum + Number(digit) * (index % 2 === 0 ? 1 : 3), 0)

const isbn10Sum = (digits: string) =>
  [...digits].reduce((sum, digit, index) => sum + (digit === 'X' ? 10 : Number(digit)) * (10 - index), 0)

/** The media type of an image by its first bytes; null for what browsers don't draw. */
export function imageTypeOf(bytes: Uint8Array): string | null {
  const ascii = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 512)).toString('latin1')
  if (ascii.startsWith('\xff\xd8\xff')) return 'image/jpeg'
  if (ascii.startsWith('\x89PNG\r\n')) return 'image/png'
  if (ascii.startsWith('GIF87a') || ascii.startsWith('GIF89a')) return 'image/gif'
  if (ascii.startsWith('RIFF') && ascii.startsWith('WEBP', 8)) return 'image/webp'
  if (/^....ftypavi[fs]/s.test(ascii)) return 'image/avif'
  if (
    /^[^<]{0,3}\s*(?:<\?xml[^>]*>\s*)?(?:<!--[^>]*>\s*|<!DOCTYPE[^>]*>\s*)*<(?:\w+:)?svg[\s>]/.test(ascii)
  ) {
    return 'image/svg+xml'
  }
  return null
}
