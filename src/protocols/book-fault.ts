/** A mark by which the fault is known across module instances (the web build carries its own copy). */
const mark = Symbol.for('smart-library.book-fault')

/** Every way in which a book file can be refused. A code is stable: its sentence lies in `locales/`. */
export const BOOK_FAULT_CODES = [
  /** No zip at all, or one without a readable directory (a truncated download ends here). */
  'zip.not_zip',
  /** The directory is there, but an entry can't be read: cut off, overwritten, wrong checksum. */
  'zip.damaged',
  /** A name that leaves the archive: `..`, absolute, drive letter, backslash, control character. */
  'zip.path',
  /** Two entries of one name: readers would disagree about which one counts. */
  'zip.duplicate',
  'zip.encrypted',
  /** Made to explode: ratio, overlapping entries, more bytes than declared. */
  'zip.bomb',
  'zip.too_many_entries',
  /** Declares more bytes than the limits allow. */
  'zip.too_large',
  /** Neither stored nor deflated. */
  'zip.method',
  'zip.no_entry',
  /** Declares entities of its own (billion laughs, external entities). */
  'xml.entities',
  'xml.too_deep',
  'xml.too_large',
  /** No element in it. */
  'xml.not_xml',
  'epub.not_zip',
  'epub.no_container',
  'epub.no_opf',
  'epub.empty_spine',
  /** Protected by DRM: its text can't be read without the seller's key. */
  'epub.encrypted',
  'fb2.not_fb2',
  /** It ends before the book does: a truncated download. */
  'fb2.cut_off',
  /** No text in any body. */
  'fb2.empty',
  /** The zip holds no .fb2, or more than one. */
  'fb2.not_one_in_zip',
] as const

export type BookFaultCode = (typeof BOOK_FAULT_CODES)[number]

/** What is wrong with a book file. The codecs throw nothing else for any content of a file. */
export class BookFault extends Error {
  readonly [mark] = true
  readonly code: BookFaultCode
  /** For the log and the librarian: an entry name, a size. Never shown as the sentence itself. */
  readonly detail: string | undefined
  constructor(code: BookFaultCode, detail?: string, cause?: unknown) {
    super(detail === undefined ? code : `${code}: ${detail}`, cause === undefined ? undefined : { cause })
    this.name = 'BookFault'
    this.code = code
    this.detail = detail?.slice(0, 300)
  }
}

export function isBookFault(error: unknown): error is BookFault {
  return error instanceof Error && mark in error
}
