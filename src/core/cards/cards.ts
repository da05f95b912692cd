import { mod10CheckDigit } from '#protocols/card/check-digits.ts'
import { ean13Scheme, numberOf } from '#protocols/card/scheme.ts'
import { isEan13 } from '#protocols/card/spaced.ts'

export { isEan13, spacedCardNumber } from '#protocols/card/spaced.ts'

/**
 * EAN-13 check digit (GS1 General Specifications, 7.9).
 * @param twelve exactly 12 digits
 */
export function ean13CheckDigit(twelve: string): string {
  if (!/^\d{12}$/.test(twelve)) throw new RangeError('12 digits expected')
  return mod10CheckDigit(twelve)
}

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
