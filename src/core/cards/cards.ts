import { checksOut, mod10CheckDigit } from '#protocols/card/check-digits.ts'
import { ean13Scheme, longestNumber, numberOf, shortestNumber } from '#protocols/card/scheme.ts'

/**
 * Where a card is in its life. `made`: printed or about to be; `stock`: a library has it, nobody's yet. Only
 * `issued` signs in. `written_off`: found damaged or lost before anybody had it.
 */
export const cardStates = [
  'made',
  'stock',
  'written_off',
  'issued',
  'blocked',
  'lost',
  'damaged',
  'replaced',
  'expired',
] as const
export type CardState = (typeof cardStates)[number]

/**
 * EAN-13 check digit (GS1 General Specifications, 7.9).
 * @param twelve exactly 12 digits
 */
export function ean13CheckDigit(twelve: string): string {
  if (!/^\d{12}$/.test(twelve)) throw new RangeError('12 digits expected')
  return mod10CheckDigit(twelve)
}

export const isEan13 = (text: string): boolean => /^\d{13}$/.test(text) && checksOut('ean13', text)

/** What a card of any scheme may be numbered; whether there is such a card, the database knows. */
export const isCardNumber = (text: string): boolean =>
  /^\d+$/.test(text) && text.length >= shortestNumber && text.length <= longestNumber

/**
 * What the number is printed as. Scanners read an EAN-13 that begins with 0 as a UPC-A without that 0, so such
 * a number is a Code 128.
 */
export const symbologyOf = (number: string): 'ean13' | 'code128' =>
  isEan13(number) && !number.startsWith('0') ? 'ean13' : 'code128'

/** A number of the scheme that holds until a region chooses another. */
export const cardNumber = (libraryCode: string, serial: number): string => {
  const number = numberOf(ean13Scheme, libraryCode, serial)
  if (!number) throw new RangeError('the serial is too long')
  return number
}

/** As it is printed and read aloud, in groups of a size that people keep in mind: 2 001 0000 0012 3. */
export const spacedCardNumber = (number: string): string =>
  isEan13(number) && number.startsWith('2')
    ? number.replace(/^(\d)(\d{3})(\d{4})(\d{4})(\d)$/, '$1 $2 $3 $4 $5')
    : number.replace(/\d{4}(?=\d{2})/g, '$& ')

/** What a person typed or scanned, without the spaces and dashes that people put between groups. */
export const typedCardNumber = (text: string): string => text.replace(/[\s\u2010-\u2015-]/g, '')
