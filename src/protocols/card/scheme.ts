import type { CheckKind } from './check-digits.ts'
import { checkDigit, checksOut } from './check-digits.ts'

/** Digits of a library's code. */
const codeDigits = 3
export const shortestNumber = 4
export const longestNumber = 20

/** What a card of any scheme may be numbered: capital Latin letters and digits, of these one at least. */
export const isCardNumber = (text: string): boolean =>
  /^[0-9A-Z]+$/.test(text) && /\d/.test(text) && text.length >= shortestNumber && text.length <= longestNumber

/** How a region numbers its cards. */
export interface CardScheme {
  /** Digits and capital Latin letters that each number begins with. */
  prefix: string
  /** The library's three digits follow the prefix. */
  libraryCode: boolean
  /** Digits of the serial, which is never repeated in the region. */
  serialDigits: number
  check: CheckKind
}

/**
 * 2, which GS1 leaves for use inside an organisation, the library's code, eight digits, the check digit: EAN-13,
 * which every scanner in a library reads.
 */
export const ean13Scheme: CardScheme = { prefix: '2', libraryCode: true, serialDigits: 8, check: 'ean13' }

export const numberLength = ({ prefix, libraryCode, serialDigits, check }: CardScheme): number =>
  prefix.length + (libraryCode ? codeDigits : 0) + serialDigits + (check === 'none' ? 0 : 1)

/**
 * @param libraryCode three digits
 * @returns undefined when the serial has outgrown the scheme
 */
export function numberOf(scheme: CardScheme, libraryCode: string, serial: number): string | undefined {
  const digits = String(serial).padStart(scheme.serialDigits, '0')
  if (digits.length > scheme.serialDigits) return undefined
  const payload = scheme.prefix + (scheme.libraryCode ? libraryCode : '') + digits
  return payload + checkDigit(scheme.check, payload)
}

/** A number of the scheme's own length and beginning whose check digit doesn't fit: most likely misread. */
export const looksMistyped = (scheme: CardScheme, number: string): boolean =>
  number.length === numberLength(scheme) &&
  number.startsWith(scheme.prefix) &&
  !checksOut(scheme.check, number)

/** Whether the scheme's numbers have letters. */
export const hasLetters = ({ prefix, check }: CardScheme): boolean =>
  /[A-Z]/.test(prefix) || check === 'mod37'

/** What is counted at a number's end, and what stands before it; undefined where it can't be counted. */
function counted(number: string, check: CheckKind) {
  const payload = check === 'none' ? number : number.slice(0, -1)
  const [, head = '', digits] = /^(.*?)(\d+)$/.exec(payload) ?? []
  return checksOut(check, number) && digits ? { head, digits } : undefined
}

/**
 * All numbers from the first to the last: digits are counted, what stands before them is the same in all, and the
 * last sign may check the others.
 * @param most undefined is given when there would be more
 * @returns undefined when they are no range: other lengths or beginnings, the wrong order, check digits that
 *   don't fit
 */
export function numberRange(
  first: string,
  last: string,
  check: CheckKind,
  most: number,
): string[] | undefined {
  const [begin, end] = [counted(first, check), counted(last, check)]
  if (!begin || !end || begin.head !== end.head || first.length !== last.length) return undefined
  const [from, to] = [BigInt(begin.digits), BigInt(end.digits)]
  if (to < from || to - from >= BigInt(most)) return undefined
  return Array.from({ length: Number(to - from) + 1 }, (_, index) => {
    const own = begin.head + String(from + BigInt(index)).padStart(begin.digits.length, '0')
    return own + checkDigit(check, own)
  })
}
